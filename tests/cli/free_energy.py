# SPDX-License-Identifier: GPL-3.0-or-later
"""Free energies of the golden optima: volumes and determinants against the reference, the crossing
of the optima of rank 2 and 3, sweeps over widths, refusals."""

import json
import math
import pathlib
import tempfile

from cli import DATA, check, finish, near, refused, result, run

RANK2, RANK3 = DATA / "ce-L4-K6-rank2.npz", DATA / "ce-L4-K6-rank3.npz"
# class logits: a simplex has one arrangement, two opposite pairs of four classes 3, a hexagon of six
# 6!/12, three opposite pairs 6!/(8 * 6)
COPIES = {"dnc": 1, "K5-nc": 1, "L2-K4-rank2": 3, "L3-K4-rank2": 3, "K6-rank2": 60, "K6-rank3": 15}


def check_golden(path):
    reference = json.loads(path.with_suffix(".json").read_text())["reference"]
    for words in ((), ("--dense-limit", 1)):
        point, = result("free-energy", path, *words)["points"]
        name = f"{path.stem} {words}"
        check(point["defined"] and point["log_det_exact"], f"{name}: {point['refusal']}")
        near(f"{name}: volume", point["log_orbit_volume"], reference["log_orbit_volume"], 1e-9)
        near(f"{name}: log-determinant", point["log_det_nonzero"], reference["log_det_nonzero"],
             1e-9)
        near(f"{name}: loss", point["loss"], reference["loss_value"], 1e-14)
        check(point["zero_modes"] == reference["zero_modes"], f"{name}: zero modes")
        copies, = (n for key, n in COPIES.items() if path.stem.endswith(key))
        near(f"{name}: copies", point["log_copies"], math.log(copies), 1e-12)


def free_energy(point, beta):
    return (beta * point["loss"] - point["log_orbit_volume"] - point["log_copies"]
            + (point["log_det_nonzero"]
               + (point["parameters"] - point["zero_modes"]) * math.log(beta / 2 / math.pi)) / 2)


def check_crossing():
    """By the reference's numbers alone: bisection of F_3 - F_2 in log beta."""
    record = result("free-energy", RANK3, RANK2, "--beta", "1e3,1e5")
    known = []
    for path, copies in ((RANK3, 15), (RANK2, 60)):
        reference = json.loads(path.with_suffix(".json").read_text())["reference"]
        known.append({**reference, "loss": reference["loss_value"],
                      "log_copies": math.log(copies)})
    low, high = math.log(1e5), math.log(1e8)
    for _ in range(200):
        middle = (low + high) / 2
        better = free_energy(known[0], math.exp(middle)) < free_energy(known[1], math.exp(middle))
        low, high = (middle, high) if better else (low, middle)
    want = math.exp(low)
    check(0 < record["beta_star_error"] < 1e-6 * want, f"error {record['beta_star_error']}")
    # the reference's losses are doubles: their rounding alone moves beta* by 1e-10 of it
    near("beta*", record["beta_star"], want, record["beta_star_error"] + 1e-9 * want)
    check(0 < record["beta_lower"] < 1e5, f"lower root {record['beta_lower']}")
    for i, point in enumerate(record["points"]):
        for beta, value in zip(record["curve"]["beta"], record["curve"]["free_energy"][i]):
            near(f"F({beta})", value, free_energy(point, beta), 1e-9)
    turned = result("free-energy", RANK2, RANK3)
    near("beta* the other way round", turned["beta_star"], record["beta_star"], 1e-9 * want)
    check(len(result("free-energy", RANK2, RANK3, RANK2)["crossings"]) == 3, "pairs of three")


CASE = ("--classes", 4, "--samples", 2, "--depth", 2, "--lambda", 0.004)


def check_forms():
    """The optimum of a golden file by its closed form, and a sweep that grows with the width."""
    record = result("free-energy", "--closed-form", "dnc/cross-polytope", "--widths", "6,12,1000",
                    *CASE)
    for name, i in (("dnc", 0), ("rank2", 1)):
        golden, = result("free-energy", DATA / f"ce-L2-K4-{name}.npz")["points"]
        ours = record["points"][i]
        for key in ("loss", "log_orbit_volume", "log_det_nonzero", "log_copies"):
            near(f"{name}: {key}", ours[key], golden[key], 1e-9)
        check(ours["zero_modes"] == golden["zero_modes"], f"{name}: zero modes")
    check([row["width"] for row in record["sweep"]] == [6, 12, 1000], "widths of the sweep")
    for row in record["sweep"]:
        dnc, cross = row["points"]
        d = row["width"]
        check(dnc["zero_modes"] - cross["zero_modes"] == 2 * (d - 3), f"width {d}: zero modes")
        if row["beta_star"] is not None:
            near(f"width {d}: F", free_energy(dnc, row["beta_star"]),
                 free_energy(cross, row["beta_star"]),
                 1e-9 * abs(free_energy(dnc, row["beta_star"])))
    table = run("free-energy", "--closed-form", "dnc/cross-polytope", "--widths", "12,1000", *CASE)
    check("beta*" in table.stdout and "1000" in table.stdout, table.stdout)


def check_estimates():
    """A nonlinear optimum has no sectors: above the dense limit its determinant is sampled. Hidden
    units are exchanged in 5! ways."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "tanh.h5"
        run("train", "--activation", "tanh", "--classes", 3, "--samples", 2, "--width", 5,
            "--depth", 2, "--lambda", 0.01, "--polish", "--seed", 3, "-o", path)
        exact, = result("free-energy", path)["points"]
        near("tanh: unit copies", exact["log_unit_copies"], math.log(120), 1e-12)
        record = result("free-energy", path, "--dense-limit", 1, "--probes", 64)
        sampled = record["points"][0]
        check(exact["log_det_exact"] and not sampled["log_det_exact"], "tanh: routes")
        near("tanh: log-determinant", sampled["log_det_nonzero"], exact["log_det_nonzero"],
             5 * sampled["log_det_error"])
        near("tanh: volume", sampled["log_orbit_volume"], exact["log_orbit_volume"], 1e-10)


for file in sorted(DATA.glob("*.npz")):
    check_golden(file)
check_estimates()
check_crossing()
check_forms()
gone = result("free-energy", "--closed-form", "dnc/zero", "--widths", 12, "--classes", 10,
              "--samples", 5, "--depth", 2, "--lambda", 0.06, expect=1)
check(gone["beta_star"] is None and not gone["points"][0]["defined"]
      and gone["points"][1]["defined"], "beyond the fold")
for option in ("--activation=relu", "--lambda-W=.1", "--lambda-H=.1", "--no-polish",
               "--rank-tolerance=.1"):
    refused("free-energy", "--closed-form", "dnc", *CASE, "--widths", 6, option,
            part=option.split("=")[0])
for option in ("--widths=6", "--classes=4", "--samples=2", "--depth=2", "--lambda=.1"):
    refused("free-energy", RANK2, option, part=option.split("=")[0])
refused("free-energy", part="files")
refused("free-energy", DATA / "ce-L2-K4-dnc.npz", DATA / "mse-L2-K4-dnc.npz", part="in loss",
        code=3)
refused("free-energy", DATA / "ce-L2-K4-dnc.npz", DATA / "ce-L3-K4-rank2.npz", part="in depth",
        code=3)
refused("free-energy", "--closed-form", "dnc", *CASE, part="--widths")
refused("free-energy", RANK2, "--closed-form", "dnc", *CASE, "--widths", 6, part="in place")
refused("free-energy", "--closed-form", "dnc/", *CASE, "--widths", 6)
refused("free-energy", RANK2, "--beta", "0", part="--beta")
finish()
