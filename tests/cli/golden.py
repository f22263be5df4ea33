# SPDX-License-Identifier: GPL-3.0-or-later
"""The golden optima, polished and diagonalised by independent code: loss to 1e-12, every eigenvalue
to 1e-12 absolute, counts exact, by the dense route and by both Krylov engines (20 at either end)."""

import json

from cli import DATA, check, finish, near, result

TOLERANCE = 1e-12
ENDS = 20


def expand(entries):
    return [e["value"] for e in entries for _ in range(e["multiplicity"])]


def same_values(name, values, expected):
    check(len(values) == len(expected), f"{name}: {len(values)} eigenvalues, not {len(expected)}")
    if values and len(values) == len(expected):
        worst = max(abs(a - b) for a, b in zip(values, expected))
        near(f"{name}: worst eigenvalue", worst, 0.0, TOLERANCE)


def check_clusters(name, entries, reference, norm):
    """Multiplicities against the reference list; a cut cluster may list fewer."""
    for e in entries:
        copies = sum(abs(t - e["value"]) <= 1e-9 * norm for t in reference)
        right = e["multiplicity"] == copies or (e.get("cut") and e["multiplicity"] < copies)
        check(right, f"{name}: {e['value']:.6g} has {e['multiplicity']} copies, truth {copies}")


cases = sorted(DATA.glob("*.npz"))
check(len(cases) == 8, f"{len(cases)} golden cases")
for path in cases:
    reference = json.loads(path.with_suffix(".json").read_text())["reference"]
    truth = sorted(reference["eigenvalues"])
    norm = max(map(abs, truth))
    name = path.stem

    info = result("info", path)
    near(f"{name}: loss", info["loss"], reference["loss_value"], TOLERANCE)
    near(f"{name}: gradient", info["gradient_norm"], 0.0, TOLERANCE)
    check(info["logit_rank"] == reference["logit_rank"], f"{name}: rank {info['logit_rank']}")
    for ours, theirs in zip(info["logit_singular_values"], reference["logit_singular_values"]):
        near(f"{name}: logit singular value", ours, theirs, 1e-11)

    whole = result("spectrum", path, "--method", "dense")
    check(whole["parameters"] == reference["parameters"], f"{name}: parameters")
    same_values(f"{name} dense", expand(whole["eigenvalues"]), truth)
    check_clusters(f"{name} dense", whole["eigenvalues"], truth, norm)

    for method in ("dense", "arpack", "lanczos"):
        for k in (1, 6, ENDS):
            ends = result("spectrum", path, "--method", method, "--largest", k, "--smallest", k)
            label = f"{name} {method} {k}"
            same_values(label, expand(ends["eigenvalues"]), truth[:k] + truth[-k:])
            check_clusters(label, ends["eigenvalues"], truth, norm)
            check(all(e["residual"] <= 1e-10 for e in ends["eigenvalues"]), f"{label}: residuals")

    for limit in ("6000", "1"):  # the dense route, then the deflated one
        counts = result("degeneracy", path, "--dense-limit", limit)
        label = f"{name} limit {limit}"
        zero = counts["zero_modes"]
        check(zero["found"] == reference["zero_modes"], f"{label}: {zero['found']} zero modes")
        check(counts["negative_modes"] == reference["negative_modes"], f"{label}: negative modes")
        predicted = reference["zero_modes_predicted"]
        symmetric = predicted if info["logit_rank"] == reference["logit_rank"] else None
        check(zero["symmetry"] == symmetric, f"{label}: {zero['symmetry']} by symmetry, {symmetric}")
        check(zero["unexplained"] == reference["zero_modes"] - predicted, f"{label}: unexplained")
        verdict = "minimum" if reference["zero_modes"] == predicted else "degenerate"
        check(counts["verdict"] == verdict, f"{label}: {counts['verdict']}")
        positive = [t for t in truth if t > 1e-10]
        near(f"{label}: smallest", counts["smallest_nonzero"], positive[0], TOLERANCE)
        near(f"{label}: largest", counts["largest"], truth[-1], TOLERANCE)
finish()
