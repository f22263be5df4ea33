# SPDX-License-Identifier: GPL-3.0-or-later
"""Points made without training, through the program alone: the figures of docs/mathematics.md,
sections 3 to 6, the same bits for the same seeds, and what is answered where there is no point."""

import json
import shutil
import tempfile
from pathlib import Path

from cli import DATA, check, finish, near, result, run

FOLDER = Path(tempfile.mkdtemp())
OUT = FOLDER / "point.h5"
# K = 10, n = 5, L = 2, lambda = 2^-10: loss, and negative eigenvalues at n = 1, d = 10 and the same
# lambda n^(1/3).
PARTITIONS = {"dnc": (.09066218, 0), "blocks:8,2": (.08843342, 0), "blocks:6,2,2": (.08608160, 0),
              "blocks:4,2,2,2": (.08345981, 5), "cross-polytope": (.08001266, 0),
              "blocks:7,3": (.08918839, 2), "blocks:5,5": (.08962967, 18),
              "blocks:5,3,2": (.08673088, 11), "blocks:4,4,2": (.08690696, 10),
              "blocks:3,3,2,2": (.08383209, 4)}
LAMBDA = 2.0 ** -10


def model(classes, samples, width, depth, ridge, *more):
    return ["--classes", classes, "--samples", samples, "--width", width, "--depth", depth,
            "--lambda", repr(ridge), *more]


def construct(name, *words, out=OUT):
    return result("construct", name, *words, "-o", out)


def same_as_info(name, made):
    seen = result("info", OUT)
    for key in ("loss", "fit", "penalty", "gradient_norm", "logit_rank", "parameters"):
        check(seen[key] == made[key], f"{name}: {key} {seen[key]!r} of the file, {made[key]!r} said")
    return seen


def check_partitions():
    for name, (loss, negative) in PARTITIONS.items():
        for width in (10, 70, 512):
            seen = same_as_info(name, construct(name, *model(10, 5, width, 2, LAMBDA)))
            near(f"{name} at {width}", seen["loss"], loss, .5000001e-8)
            check(seen["gradient_norm"] <= 1e-13, f"{name}: gradient {seen['gradient_norm']}")
        construct(name, *model(10, 1, 10, 2, LAMBDA * 5 ** (1 / 3)))
        counts = result("degeneracy", OUT, "--no-polish")
        check(counts["negative_modes"] == negative,
              f"{name}: {counts['negative_modes']} negative modes, not {negative}")


def check_squared_error():
    for width in (10, 70, 512):
        for rank in (1, 4, 9, 10):
            name = "dnc" if rank == 10 else f"projector:{rank}"
            made = construct(name, *model(10, 5, width, 2, LAMBDA, "--loss", "mse"))
            seen, q = same_as_info(name, made), made["scales"][0]
            near(f"{name}: q", (1 - q) * q ** (1 / 3), LAMBDA * 10 * 5 ** (1 / 3), 1e-15)
            near(name, seen["loss"], (rank * (1 - q) * (1 + 2 * q) + 10 - rank) / 20, 1e-14)
            check(seen["gradient_norm"] <= 1e-13, f"{name}: gradient {seen['gradient_norm']}")


def check_graph():
    made = construct("srg:5", *model(10, 1, 12, 4, .004))
    check(made["kinks"] > 0 and len(made["scales"]) == 4, "srg: kinks and scales")
    near("srg:5", made["loss"], .089471, .5e-6)
    near("collapse beside it", construct("dnc", *model(10, 1, 12, 4, .004, "--loss=mse"))["loss"],
         .099180, .5e-6)


def narrow_optimum(width, depth, path):
    """The best of some random starts, polished."""
    losses = {}
    for seed in range(1, 7):
        start = FOLDER / f"{seed}.h5"
        construct("random:normal:1", *model(5, 2, width, depth, .01, "--seed", seed), out=start)
        losses[seed] = result("polish", start, "--tolerance=1e-14", "-o", start)["loss"]
    shutil.copy(FOLDER / f"{min(losses, key=losses.get)}.h5", path)
    return min(losses.values())


def check_padding():
    narrow = FOLDER / "narrow.h5"
    for depth in (1, 2, 3):
        for width, negative in enumerate((32, 21, 12, 5, 0)):
            if width == 0:
                construct("zero", *model(5, 2, 8, depth, .01))
            else:
                loss = narrow_optimum(width, depth, narrow)
                made = construct(f"padded:{narrow}", "--width", 8)
                near(f"padded from {width}", made["loss"], loss, 1e-14)
            counts = result("degeneracy", OUT, "--no-polish")
            right = negative if depth == 1 else 0
            check(counts["negative_modes"] == right,
                  f"padded from {width}, L = {depth}: {counts['negative_modes']}, not {right}")
    construct(f"padded:{narrow}", "--widths", "9,4,6")
    check(result("info", OUT)["parameters"] == 9 * 4 + 4 * 6 + 6 * 5 + 9 * 10, "padded: widths")


def check_unequal():
    words = ["--classes", 4, "--samples", 3, "--widths", "7,3,5", "--lambda-W", "[1e-3,4e-3,2e-3]",
             "--lambda-H", 5e-4]
    made = construct("dnc", *words)
    same_as_info("unequal", made)
    check(made["gradient_norm"] <= 1e-13, f"unequal: gradient {made['gradient_norm']}")
    near("unequal: mean", made["mean_lambda"], (1e-3 * 4e-3 * 2e-3 * 5e-4) ** .25, 1e-17)
    equal = construct("dnc", *model(4, 3, 3, 3, made["mean_lambda"]))
    near("unequal: loss", made["loss"], equal["loss"], 1e-14)


def check_seeds():
    for name, more in (("dnc", []), ("random", []), ("srg:4", ["--depth=3"])):
        words = [*model(6, 2, 7, 2, 1e-3), *more]
        for extension in ("h5", "safetensors", "npz"):
            path = FOLDER / f"seeded.{extension}"
            construct(name, *words, out=path)
            first = path.read_bytes()
            construct(name, *words, out=path)
            check(path.read_bytes() == first, f"{name}: other bytes in {extension}")
    loss, values = {}, {}
    for seed in (1, 2):
        made = construct("blocks:4,2", *model(6, 2, 7, 2, 1e-3, "--gauge-seed", seed))
        loss[seed] = made["loss"]
        spectrum = result("spectrum", OUT, "--method", "dense")["eigenvalues"]
        values[seed] = [e["value"] for e in spectrum for _ in range(e["multiplicity"])]
    near("another gauge: loss", loss[2], loss[1], 1e-15)
    near("another gauge: eigenvalues", max(abs(a - b) for a, b in zip(values[1], values[2])), 0.0,
         1e-14)


def check_provenance():
    path = FOLDER / "kept.npz"
    construct("blocks:4,2", *model(6, 2, 7, 2, 1e-3, "--gauge-seed", 12), out=path)
    text = json.loads(path.with_suffix(".json").read_text())["spec"]["provenance"]
    made = (json.loads(text) if isinstance(text, str) else text)["construct"]
    check(made["construction"] == "blocks:4,2" and made["gauge_seed"] == 12, f"provenance {made}")
    check(len(made["scales"]) == 2, f"provenance {made}")
    padded = FOLDER / "padded.npz"
    construct(f"padded:{path}", "--width", 9, out=padded)
    text = json.loads(padded.with_suffix(".json").read_text())["spec"]["provenance"]
    source = (json.loads(text) if isinstance(text, str) else text)["input"]
    check(source["file"] == str(path) and len(source["sha256"]) == 64, f"provenance {source}")


def check_no_point():
    missing = FOLDER / "missing.h5"
    made = result("construct", "dnc", *model(10, 5, 10, 2, .06), "-o", missing, expect=1)
    near("fold", made["fold_lambda"], .050446, .5e-6)
    check(made["exists"] is False and made["file"] is None, f"beyond the fold: {made}")
    said = run("construct", "dnc", *model(10, 5, 10, 2, .06), "-o", missing, expect=1)
    check("0.050445672" in said.stdout and said.stderr == "", f"beyond the fold: {said.stdout}")
    check(not missing.exists(), "beyond the fold: a file was written")


def refused(part, *words, code=2):
    done = run("construct", *words, expect=code)
    text = " ".join(map(str, words))
    check(part in done.stderr and done.stderr.count("\n") == 1 and done.stdout == "",
          f"{text}: {done.stderr!r} without {part!r}")


def check_refusals():
    good = model(4, 2, 5, 2, .01)
    out = ["-o", FOLDER / "refused.h5"]
    refused("-o FILE", "zero", *good)
    refused("extension", "zero", *good, "-o", FOLDER / "refused.txt")
    refused("no construction", "nothing", *good, *out)
    refused("random[:LAW]", "nothing", *good, *out)
    refused("needs an argument: blocks:K1,K2,..", "blocks:", *good, *out)
    refused("needs an argument: padded:FILE", "padded:", "--width=9", *out)
    refused("2 classes at least, not 1", "blocks:3,1", *good, *out)
    refused("'W3' is neither a law nor a block", "random:zero,W3:zero", *good, *out)
    refused("at most 64 blocks", "random", *model(3, 1, 3, 70, .01), *out, code=3)
    for at, option in enumerate(("--classes", "--samples", "--width", "--depth", "--lambda")):
        words = good[:2 * at] + good[2 * at + 2:]
        refused(option, "zero", *words, *out)
    refused("exclude", "zero", *good, "--widths=3,4", *out)
    refused("depth is 2", "zero", "--classes=4", "--samples=2", "--lambda=.1", "--widths=3,4,5",
            "--depth=2", *out)
    refused("'samples' lists 3 numbers where 4", "zero", "--samples=1,2,3", "--classes=4", "--width=3", "--depth=2",
            "--lambda=1", *out)
    refused("'lambda_W' lists 3 numbers where 2", "zero", *good, "--lambda-W=[1,2,3]", *out)
    refused("--bias", "zero", *good, "--lambda-b=1", *out)
    refused("without a bias", "dnc", *good, "--bias", *out)
    refused("one size", "dnc", "--classes=3", "--samples=1,2,3", "--width=3", "--depth=2",
            "--lambda=.01", *out)
    refused("ridges > 0", "dnc", *model(4, 2, 5, 2, 0.0), *out)
    refused("activation linear", "dnc", *good, "--activation=relu", *out)
    refused("too narrow", f"padded:{DATA / 'ce-L2-K4-dnc.npz'}", "--width=3", *out)
    refused("--lambda", f"padded:{DATA / 'ce-L2-K4-dnc.npz'}", "--width=9", "--lambda=1", *out)
    refused("--width", f"padded:{DATA / 'ce-L2-K4-dnc.npz'}", *out)
    refused("missing", f"padded:{FOLDER / 'missing.npz'}", "--width=9", *out, code=3)
    refused("parameters", "zero", *model(1000, 1000000, 1000, 2, .01), *out)
    refused("memory", "zero", *model(100, 100, 1000, 2, .01), "--memory-limit=1e-6", *out, code=4)
    check(not out[1].exists(), "a refused construction wrote a file")


def check_any_class_sizes():
    words = ["--classes=3", "--samples=1,4,2", "--width=3", "--depth=2", "--lambda=.01"]
    record = json.loads(run("construct", "random:normal:.3", *words, "--bias", "--lambda-b=.5",
                            "--activation=tanh", "-o", OUT, "--json=-").stdout)
    check(record["input"]["class_sizes"] == [1, 4, 2], f"class sizes {record['input']}")
    check(record["input"]["lambda_b"] == .5 and record["input"]["activation"] == "tanh", "model")
    near("zero", construct("zero", *words)["gradient_norm"], 0.0, 1e-17)


try:
    check_partitions()
    check_squared_error()
    check_graph()
    check_padding()
    check_unequal()
    check_seeds()
    check_provenance()
    check_no_point()
    check_refusals()
    check_any_class_sizes()
finally:
    shutil.rmtree(FOLDER)
finish()
