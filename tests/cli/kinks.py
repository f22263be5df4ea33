# SPDX-License-Identifier: GPL-3.0-or-later
"""At a point on kinks of relu there is no Hessian. Every command that answers with second
derivatives says so in the same words, with the same census, and gives no count."""

import json
import math
import pathlib
import struct
import tempfile

from cli import REAL, check, finish, result, run

FOLDER = pathlib.Path(tempfile.mkdtemp())
MODEL = ("--classes", 3, "--samples", 2, "--width", 4, "--depth", 2, "--lambda", 0.5, "--activation",
         "relu")
TRAINED = REAL / "torch-relu-K4.safetensors"
ZERO = FOLDER / "zero.h5"  # one branch of it is a minimum with all its counts
run("construct", "zero", *MODEL, "-o", ZERO)
KINKS = {TRAINED: (480, 1280), ZERO: (24, 24)}
QUICK = ("--pairs", 2, "--ascents", 0, "--epsilon", 0.1, "--sigma", 0.1)
# command: exit code
COMMANDS = {
    ("degeneracy",): 4,
    ("compare",): 4,
    ("certify",): 4,
    ("spectrum",): 4,
    ("spectrum", "--largest", 2): 4,
    ("spectrum", "--near-zero", 2): 4,
    ("trace",): 4,
    ("trace", "--method", "lanczos"): 4,
    ("density",): 4,
    ("density", "--method", "lanczos"): 4,
    ("flatness", *QUICK): 4,
    ("flatness", *QUICK, "--method", "lanczos"): 4,
    ("slice", "--along", "eigen:1", "--grid", 3): 0,
}
COUNTS = {"negative", "zero", "positive", "stands", "negative_modes", "positive_modes", "found",
          "unexplained", "index", "further_zero_modes", "log_det_nonzero"}


def counts_in(value, path=""):
    """Paths of all counts that are not null, and of zero modes."""
    if isinstance(value, list):
        return [hit for i, item in enumerate(value) for hit in counts_in(item, f"{path}[{i}]")]
    if not isinstance(value, dict):
        return []
    hits = []
    for key, item in value.items():
        counted = key in COUNTS or key == "zero_modes" and "found" not in (item or {})
        number = item.get("value") if isinstance(item, dict) and "value" in item else item
        if counted and not isinstance(number, str) and number is not None:
            hits.append(f"{path}.{key}")
        hits += counts_in(item, f"{path}.{key}")
    return hits


def sentence(point):
    return ("%d of %d hidden pre-activations sit on a kink (|S|/rms <= 1e-06), where there is no "
            "Hessian: its figures are those of one branch" % KINKS[point])


def check_record(point, code, command, *words):
    name = " ".join(map(str, [command, point.name, *words]))
    record = result(command, point, *words, expect=code)
    said = record["points"][0] if command == "compare" else record
    kinks, total = KINKS[point]
    census = said["kink_census"]
    check((census["on_kink"], census["pre_activations"]) == (kinks, total), f"{name}: {census}")
    check(census["tolerance"] == 1e-6, f"{name}: {census}")
    check(said["kinks"] == kinks and said["hessian_exists"] is False, f"{name}: a Hessian exists")
    check(said["doubt"] == sentence(point), f"{name}: {said['doubt']!r}")
    hits = counts_in({key: value for key, value in record.items() if key != "invariances"})
    check(hits == [], f"{name}: counts {hits}")
    check(record.get("verdict", "ambiguous") == "ambiguous", f"{name}: {record.get('verdict')}")


for (first, *others), status in COMMANDS.items():
    check_record(ZERO, status, first, *others)
    table = run(first, ZERO, *others, expect=status).stdout
    check(table.count(sentence(ZERO)) == 1, f"{first} {others}: says it {table.count(sentence(ZERO))} times")
    if first in ("degeneracy", "trace", "density") and not others:
        check_record(TRAINED, status, first, *others)

energy = result("free-energy", ZERO, expect=1)["points"][0]
check(energy["refusal"] == sentence(ZERO) and not energy["defined"], f"free-energy: {energy}")
check(counts_in(energy) == [], f"free-energy: counts {counts_in(energy)}")
polished = run("polish", ZERO, "-o", FOLDER / "out.h5", expect=4).stdout
check(f"not polished: {sentence(ZERO)}." in polished, f"polish: {polished[-300:]}")

# Figures of the branch stay: its trace is the sum of its eigenvalues.
values = result("spectrum", ZERO, expect=4)["eigenvalues"]
total_of = math.fsum(row["value"] * row["multiplicity"] for row in values)
check(abs(result("trace", ZERO, expect=4)["trace"]["value"] - total_of) < 1e-12, f"trace {total_of}")

# Pages of these records.
for page_of, more in {"density": (), "trace": (), "flatness": QUICK, "spectrum": (),
                      "slice": ("--along", "eigen:1", "--grid", 3)}.items():
    run(page_of, ZERO, *more, "--markdown", FOLDER / "page.md", expect=0 if page_of == "slice" else 4)
    page = (FOLDER / "page.md").read_text()
    check("does not stand: 24 of 24" in page, f"page of {page_of}: no doubt")

# A relu point off its kinks has a Hessian.
free = FOLDER / "free.h5"
run("construct", "random:normal:1", *MODEL, "-o", free)
for command in ("spectrum", "trace", "density", "flatness", "slice"):
    said = result(command, free, *(QUICK if command == "flatness" else ()), expect=None)
    check(said["hessian_exists"] and said["kinks"] == 0, f"{command}: a kink")
    check(said["doubt"] == "", f"{command}: {said['doubt']!r}")

# Nor are there counts where cross entropy falls for ever: far out its gradient and Hessian are 0.
ENDLESS = ("every sample has a positive margin and W_L no ridge: the loss falls for ever along this "
           "direction, and has no critical point here")


def write_saturated(path, size, **ridges):
    """H = size I, W_1 = I, one sample a class."""
    eye = [float(i == j) for i in range(3) for j in range(3)]
    data = struct.pack("<9d9d3q", *(size * x for x in eye), *eye, 0, 1, 2)
    head = {"H": ("F64", [3, 3], 0, 72), "W1": ("F64", [3, 3], 72, 144),
            "labels": ("I64", [3], 144, 168)}
    header = {key: {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
              for key, (kind, shape, start, end) in head.items()}
    header["__metadata__"] = {"loss": "ce", "activation": "linear", "lambda_W": "0",
                              "lambda_H": "0"} | ridges
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


FAR = write_saturated(FOLDER / "far.safetensors", 1e3)
GROWN = FOLDER / "grown.h5"
run("train", "--classes", 3, "--samples", 2, "--width", 4, "--depth", 2, "--lambda", 0, "--seed", 1,
    "-o", GROWN)
for point in (FAR, GROWN):
    for (first, *others), status in COMMANDS.items():
        if first in ("compare", "slice"):
            continue
        name = f"{first} {point.name} {others}"
        record = result(first, point, *others, expect=4)
        check(record["doubt"] == ENDLESS, f"{name}: {record['doubt']!r}")
        check(record.get("verdict", "not stationary") == "not stationary", f"{name}: {record}")
        hits = counts_in({key: value for key, value in record.items() if key != "invariances"})
        check(hits == [], f"{name}: counts {hits}")
    check(ENDLESS in run("polish", point, expect=4).stdout, f"polish {point.name}")
    check(ENDLESS in run("free-energy", point, expect=1).stdout, f"free-energy {point.name}")
# Ascents there start from gradients without a reciprocal; a block is part of the whole.
flat = result("flatness", FAR, "--pairs", 2, "--ascents", 0, "--epsilon", "0.1,1,1200", expect=4)
for i, row in enumerate(flat["whole"]["sharpness"]):
    for part in (flat["off_orbit"], *flat["layers"]):
        check(row["value"] >= part["sharpness"][i]["value"], f"worst rise: {row} {part['name']}")
check(flat["whole"]["sharpness"][1]["value"] > 0, f"no rise: {flat['whole']['sharpness']}")
outcome = result("polish", FAR, expect=4)["polish"]["outcome"]
check(outcome == "endless", f"polish: {outcome}")
# A ridge of W_L, or a margin that is not positive, and nothing of this is said.
for near in (write_saturated(FOLDER / "held.safetensors", 1e3, lambda_W="1e-3"),
             write_saturated(FOLDER / "wrong.safetensors", -1e3)):
    check("falls for ever" not in run("degeneracy", near, "--no-polish", expect=None).stdout,
          f"{near.name} falls for ever")
finish()
