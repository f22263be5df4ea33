# SPDX-License-Identifier: GPL-3.0-or-later
"""Basin stability from the command line: return curves against a model of five parameters that this
program descends by itself, against truths of one and zero, and of a constructed optimum."""

import json
import math
import random
import shutil
import tempfile
from pathlib import Path

from cli import check, finish, result, run
from toy import LAMBDA, ends_at_zero

FOLDER = Path(tempfile.mkdtemp())


def returns_to_zero(radius, chance):
    theta = [chance.gauss(0, 1) for _ in range(5)]
    size = math.sqrt(sum(x * x for x in theta))
    return ends_at_zero([radius * x / size for x in theta])


def curves(name, plan, expect=0):
    path = FOLDER / f"plan-{name}.json"  # NAME.json is the point's own
    path.write_text(json.dumps(plan))
    record = result("basins", path, "-o", FOLDER / f"{name}.db", expect=expect)
    for curve in record["return_curves"]:
        lists = [curve[key] for key in ("settings", "radius", "restarts", "returned", "fraction",
                                        "low", "high")]
        check({len(values) for values in lists} == {len(plan["radius"])}, f"{name}: lengths")
        for number, radius, done, back, fraction, low, high in zip(*lists):
            setting = record["settings"][number]
            check(setting["setting"]["radius"] == radius, f"{name}: radius of setting {number}")
            count = sum(c["count"] for c in setting["classes"] if c["name"] == "origin")
            check(count == back and done == setting["restarts"], f"{name}: counts at {radius}")
            check(low <= fraction <= high and fraction == back / done, f"{name}: interval at {radius}")
    return record["return_curves"]


def check_five_parameters():
    """Return to zero, the other optimum being the collapsed one."""
    zero = FOLDER / "zero.npz"
    run("construct", "zero", "--classes", 2, "--samples", 1, "--width", 1, "--depth", 2,
        "--lambda", LAMBDA, "-o", zero)
    radii = [0.2, 0.35, 0.5, 0.75, 1, 1.5, 3]
    (curve,) = curves("five", {"around": str(zero), "radius": radii, "method": "flow",
                               "restarts": 200, "tolerance": 1e-8})
    check(curve["direction"] == "whole" and curve["method"] == "flow", "five: what the curve is of")
    chance, draws = random.Random(4), 400
    own = {radius: sum(returns_to_zero(radius, chance) for _ in range(draws)) / draws
           for radius in (0.5, 0.75, 1)}
    for radius, truth in own.items():
        fraction = curve["fraction"][radii.index(radius)]
        deviation = math.sqrt(truth * (1 - truth) * (1 / draws + 1 / 200))
        check(abs(fraction - truth) < 4 * deviation, f"five: {fraction} at {radius}, not {truth}")
    # The test's own curve crosses one half between these two; 4 deviations are 0.1.
    check(own[0.5] > 0.6 and own[1] < 0.4, f"five: the test's own fractions {own}")
    half = curve["half_radius"]
    check(0.5 < half["value"] < 1 and half["low"] < half["value"] < half["high"], f"five: {half}")
    table = run("basins", "status", FOLDER / "five.db").stdout
    check(f"one half at radius {half['value']:.4g} [" in table, "five: the half radius in the table")


def check_certain():
    """Without hidden layers all minima are global and every other critical point is a strict saddle:
    everything returns to the optimum, nothing to zero."""
    model = ["--classes", 3, "--samples", 2, "--width", 4, "--depth", 1, "--lambda", 0.02]
    for name, back in (("dnc", 1.0), ("zero", 0.0)):
        optimum = FOLDER / f"{name}.npz"
        run("construct", name, *model, "-o", optimum)
        found = curves(f"shallow-{name}", {
            "around": str(optimum), "radius": [0.5, 2, 8], "direction": ["whole", "off-orbit"],
            "method": "flow", "restarts": 10, "tolerance": 1e-8})
        check([c["direction"] for c in found] == ["whole", "off-orbit"], f"{name}: directions")
        for curve in found:
            check(curve["fraction"] == [back] * 3, f"{name}: {curve['fraction']}, not {back}")
            check(set(curve["half_radius"].values()) == {None}, f"{name}: {curve['half_radius']}")


def check_optimum():
    """A collapsed optimum beside others: falling curves, the orbit safer than all directions; a point
    that descent left unfinished has the same curve."""
    model = ["--classes", 4, "--samples", 1, "--width", 6, "--depth", 3, "--lambda", "2e-3"]
    optimum, rough = FOLDER / "cross.npz", FOLDER / "rough.npz"
    run("construct", "cross-polytope", *model, "-o", optimum)
    plan = {"around": str(optimum), "radius": [0.5, 3, 30], "restarts": 20, "tolerance": 1e-8,
            "direction": ["whole", "off-orbit", "along-orbit"]}
    for curve in curves("cross", plan):
        check(curve["fraction"][0] == 1, f"cross, {curve['direction']}: {curve['fraction']}")
    run("train", *model, "--restart", 3, "--tolerance", "1e-5", "-o", rough)
    plan = {"around": str(rough), "radius": [0.1], "restarts": 5}
    (curve,) = curves("rough", plan)
    check(curve["fraction"] == [1], f"an unfinished point: {curve['fraction']}")


try:
    check_five_parameters()
    check_certain()
    check_optimum()
finally:
    shutil.rmtree(FOLDER)
finish()
