# SPDX-License-Identifier: GPL-3.0-or-later
"""Flatness of the golden optima against their reference spectra, exactly and by products; the
bounds that worst and mean rise have to keep; refusals."""

import json
import math

from cli import DATA, check, finish, near, refused, result, run

FAR = 6  # standard errors: Student's t with 15 degrees of freedom goes further once in 4e4 times


def truth_of(path):
    reference = json.loads(path.with_suffix(".json").read_text())["reference"]
    values = reference["eigenvalues"]
    largest = max(values)
    counted = [abs(t) for t in values if abs(t) > 1e-8 * largest]
    return reference["zero_modes"], {
        "largest": largest,
        "smallest_nonzero": min(counted),
        "condition": max(counted) / min(counted),
        "trace": math.fsum(values),
        "frobenius": math.sqrt(math.fsum(t * t for t in values)),
        "log_det_nonzero": reference["log_det_nonzero"]}


def check_spectral(name, ours, truth, zeros, exact):
    for part, left in (("whole", zeros), ("off_orbit", 0)):
        for key, value in truth.items():
            got = ours[part][key]
            check(got["exact"] or not exact, f"{name}: {part} {key} is not exact")
            near(f"{name}: {part} {key}", got["value"], value,
                 1e-9 * max(1, abs(value)) + FAR * got["error"])
        near(f"{name}: {part} zero modes", ours[part]["zero_modes"]["value"], left, 0)


def check_rises(name, ours, truth):
    """The worst case is at least that of a step along the top eigenvector, whose second order is
    known; the mean is the second order up to the fourth."""
    for part in (ours["whole"], ours["off_orbit"]):
        small = part["sharpness"][0]
        near(f"{name}: sharpness", small["value"], truth["largest"] * small["epsilon"] ** 2 / 2,
             0.05 * small["value"])
        check(small["low"] == small["value"] and small["high"] is None, f"{name}: {small}")
        values = [row["value"] for row in part["sharpness"]]
        check(values == sorted(values), f"{name}: a larger ball has a smaller worst case")
        first, second = part["mean_rise"][:2]
        quadratic = first["sigma"] ** 2 / 2 * truth["trace"]
        near(f"{name}: quadratic", first["quadratic"], quadratic, 1e-9 * quadratic)
        fourth = (second["value"] - second["quadratic"]) * (first["sigma"] / second["sigma"]) ** 4
        near(f"{name}: mean rise", first["value"], quadratic + fourth,
             FAR * (first["error"] + 1e-4 * second["error"]) + 1e-3 * abs(fourth) + 1e-15)


def check_layers(name, ours, dense):
    """Sectors know the spectrum of every layer alone."""
    for layer, wanted in zip(ours["layers"], dense["layers"], strict=True):
        check(layer["method"] == "sectors", f"{name}: {layer['name']} by {layer['method']}")
        check(layer["zero_rule"]["origin"] == "resolving route", f"{name}: {layer['zero_rule']}")
        for key in ("largest", "smallest_nonzero", "condition", "trace", "frobenius",
                    "log_det_nonzero", "zero_modes"):
            value = wanted[key]["value"]
            near(f"{name}: {key} of {layer['name']}", layer[key]["value"], value,
                 1e-9 * max(1, abs(value)))


for file in sorted(DATA.glob("*.npz")):
    zero_modes, expected = truth_of(file)
    by_dense = None
    for words in ((), ("--method", "sectors"), ("--method", "lanczos")):
        record = result("flatness", file, "--pairs", 32, "--ascents", 1, *words)
        label = " ".join([file.stem, *words])
        check(record["converged"] and record["parameters"] == record["whole"]["dimension"], label)
        check_spectral(label, record, expected, zero_modes, "lanczos" not in words)
        near(f"{label}: layers add up", sum(r["trace"]["value"] for r in record["layers"]),
             expected["trace"],
             1e-9 + FAR * sum(r["trace"]["error"] for r in record["layers"]))
        if not words:
            check_rises(label, record, expected)
            by_dense = record
        if "sectors" in words:
            check_layers(label, record, by_dense)
        check(set(expected) < set(record["invariances"]), f"{label}: invariances")

def check_off_its_optimum(path):
    """Where the point is not stationary the orbit is not flat: what is off it is the projected
    Hessian, by name, and no part has counts of the signs of its eigenvalues."""
    for words in ((), ("--method", "lanczos")):
        moved = result("flatness", path, "--lambda-W", "0.02", "--pairs", 2, "--ascents", 0, *words)
        still = result("flatness", path, "--pairs", 2, "--ascents", 0, *words)
        label = f"moved {' '.join(words)}"
        check(moved["off_orbit"]["name"] == "projected", f"{label}: {moved['off_orbit']['name']}")
        check(still["off_orbit"]["name"] == "off orbit", f"still: {still['off_orbit']['name']}")
        orbit = moved["symmetry"]
        check(not orbit["stationary"] and not orbit["deflated"] and orbit["tangent_residual"] > 1e-3,
              f"{label}: {orbit}")
        check(orbit["dimension"] == moved["parameters"] - moved["off_orbit"]["dimension"],
              f"{label}: {orbit}")
        for part in (moved["whole"], moved["off_orbit"], *moved["layers"]):
            rule = part["zero_rule"]
            check([rule[key] for key in ("negative", "zero", "positive")] == [None] * 3,
                  f"{label}: {part['name']} has counts {rule}")
    printed = run("flatness", path, "--lambda-W", "0.02", "--pairs", 2, "--ascents", 0).stdout
    check(" projected " in printed and " off orbit " not in printed, printed[:800])


FILE = DATA / "ce-L2-K4-dnc.npz"
check_off_its_optimum(FILE)
printed = run("flatness", FILE, "--epsilon", "0.5", "--sigma", "0.01", "--pairs", 2).stdout
check("radius 0.5" in printed and "lower bound" in printed and "invariant" in printed, printed)
cut = result("flatness", FILE, "--max-seconds", 1e-6, "--epsilon", .5, "--sigma", .01, expect=4)
for row, size in ((cut["whole"]["sharpness"][0], "epsilon"), (cut["whole"]["mean_rise"][0], "sigma")):
    check(row[size] > 0 and row["value"] is None and row["quadratic"] is None, f"not measured: {row}")
printed = run("flatness", FILE, "--max-seconds", 1e-6, expect=4).stdout.split("\nWhat")[0]
check("nan" not in printed and " 0 (0)" not in printed, f"not measured: {printed}")
refused("flatness", FILE, "--epsilon", "0.1,-1", part="--epsilon")
refused("flatness", FILE, "--sigma", "0.1,,1", part="--sigma")
refused("flatness", FILE, "--pairs", "1", part="--pairs")
finish()
