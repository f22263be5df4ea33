# SPDX-License-Identifier: GPL-3.0-or-later
"""The symmetry ledger away from balance, as the program prints it: rotations that move nothing,
factors of very different sizes, networks trained without ridge."""

import tempfile
from pathlib import Path

from cli import check, finish, near, result, run
from points import write

FOLDER = Path(tempfile.mkdtemp())
POINT = FOLDER / "point.safetensors"


def scaled_identity(rows, columns, size):
    return rows, columns, [size if i == j else 0.0 for i in range(rows) for j in range(columns)]


def ledger(said):
    modes = said["zero_modes"]
    return said["negative_modes"], modes["found"], modes["symmetry"], modes["unexplained"]


# ---- A layer that stays orthogonal: rotations of what it alone sees move nothing ----

def orthogonal_layer():
    model = ["--classes", 3, "--samples", 1, "--depth", 2, "--lambda", 0, "--loss", "mse",
             "--init", "H:normal:1,W:orthogonal:1", "--tolerance", 1e-12]
    for width, symmetry, stabilisers in ((8, 55, 1), (10, 84, 6)):
        run("train", *model, "--width", width, "-o", POINT)
        said = result("degeneracy", POINT, "--no-polish")
        zero = width * (width + 6) - 9
        check(said["verdict"] == "degenerate", f"width {width}: {said['verdict']}")
        check(ledger(said) == (0, zero, symmetry, zero - symmetry), f"width {width}: {ledger(said)}")
        check(said["stabilisers"]["count"] == stabilisers, f"width {width}: {said['stabilisers']}")
        kept, dropped = (said["stabilisers"][key] for key in ("smallest_kept", "largest_dropped"))
        check(kept > 0.01 and dropped < 1e-12, f"width {width}: {said['stabilisers']}")
        weighed = result("free-energy", POINT, "--no-polish", expect=1)
        check(weighed is not None, f"width {width}: no record where F is not defined")
        # every direction of the tangent is flat: the null space holds all of it
        near(f"width {width}: angle", result("certify", POINT, "--no-polish", expect=1)
             ["null_space"]["largest_principal_angle"], 0.0, 1e-9)


# ---- Exact interpolation by factors of sizes 1e-4, 1, 1e4 ----

def unequal_sizes():
    labels = [k for k in range(3) for _ in range(4)]
    features = [1e-4 if label == row else 0.0 for row in range(5) for label in labels]
    write(POINT, {"W1": scaled_identity(5, 5, 1.0), "W2": scaled_identity(3, 5, 1e4),
                  "H": (5, 12, features)},
          labels, {"loss": "mse", "activation": "linear", "lambda_W": "0", "lambda_H": "0"})
    for words in (["degeneracy", "--no-polish"], ["degeneracy"]):
        said = result(words[0], POINT, *words[1:])
        check(ledger(said) == (0, 64, 19, 45), f"{words}: {ledger(said)}")
        check(said["positive_modes"] == 36, f"{words}: {said['positive_modes']} positive")
        check(said["verdict"] == "degenerate", f"{words}: {said['verdict']}")
    for words in (["spectrum", POINT], ["flatness", POINT], ["density", POINT], ["trace", POINT],
                  ["certify", POINT], ["polish", POINT, "-o", FOLDER / "polished.h5"]):
        run(*words, expect=1 if words[0] == "certify" else 0)


# ---- Networks trained without ridge from small starts ----

def small_starts():
    for depth in (1, 2, 3):
        for width in (6, 8):
            for seed in (1, 2):
                run("train", "--classes", 3, "--samples", 2, "--width", width, "--depth", depth,
                    "--lambda", 0, "--loss", "mse", "--init", "normal:0.003", "--seed", seed,
                    "--tolerance", 1e-12, "-o", POINT)
                said = result("degeneracy", POINT, "--tolerance", 1e-14)
                name = f"depth {depth}, width {width}, seed {seed}"
                check(said["verdict"] == "degenerate", f"{name}: {said['verdict']}: {said['doubt']}")
                signal = min(width, 9) if depth == 1 else width  # K + N dimensions at most
                check(said["zero_modes"]["symmetry"]
                      == depth * (signal * width - signal * (signal + 1) // 2),
                      f"{name}: {ledger(said)}")


# ---- The same above the dense limit, where thousands of zero modes are not found one by one ----

def many_zeros():
    """At zero loss H = J'J has the rank of J, here as many as there are logits; the dense route
    counts the same."""
    for depth, width, samples, law in ((2, 40, 1, "normal:0.003"), (2, 60, 2, "normal:0.1"),
                                       (3, 40, 1, "normal:0.1"), (2, 100, 1, "normal:0.003")):
        run("train", "--classes", 3, "--samples", samples, "--width", width, "--depth", depth,
            "--lambda", 0, "--loss", "mse", "--init", law, "--tolerance", 1e-12, "-o", POINT)
        said = result("degeneracy", POINT, "--dense-limit", 500, "--tolerance", 1e-14)
        name = f"depth {depth}, width {width}, {law}"
        logits = 9 * samples
        check(said["method"] == "both ends", f"{name}: {said['method']}")
        check(said["verdict"] == "degenerate", f"{name}: {said['verdict']}: {said['doubt']}")
        check(said["positive_modes"] == logits, f"{name}: {said['positive_modes']} positive")
        check(ledger(said)[:2] == (0, said["parameters"] - logits), f"{name}: {ledger(said)}")
        check(said["products"] < 1000, f"{name}: {said['products']} products")
        if said["parameters"] < 2000:
            dense = result("degeneracy", POINT, "--tolerance", 1e-14)
            check(ledger(dense) == ledger(said), f"{name}: dense {ledger(dense)}, {ledger(said)}")


orthogonal_layer()
unequal_sizes()
small_starts()
many_zeros()
finish()
