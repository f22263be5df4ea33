# SPDX-License-Identifier: GPL-3.0-or-later
"""At a point on kinks of relu there is no Hessian. Every command that answers with second
derivatives says so in the same words, with the same census, and gives no count."""

import json
import math
import pathlib
import tempfile

from cli import REAL, check, finish, result, run

POINT = REAL / "torch-relu-K4.safetensors"
CENSUS = {"pre_activations": 1280, "on_kink": 480, "tolerance": 1e-6}
SENTENCE = ("480 of 1280 hidden pre-activations sit on a kink (|S|/rms <= 1e-06), where there is no "
            "Hessian: its figures are those of one branch")
QUICK = ("--pairs", 2, "--ascents", 0, "--epsilon", 0.1, "--sigma", 0.1)
# command: exit code, and where the record has the point's own members
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
    ("slice", "--along", "random", "--grid", 3): 0,
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


for (command, *words), code in COMMANDS.items():
    name = " ".join(map(str, [command, *words]))
    done = run(command, POINT, *words, "--json", "-", expect=code)
    record = json.loads(done.stdout)["result"]
    said = record["points"][0] if command == "compare" else record
    check({**said["kink_census"], **CENSUS} == said["kink_census"], f"{name}: {said['kink_census']}")
    check(said["kinks"] == 480 and said["hessian_exists"] is False, f"{name}: a Hessian exists")
    check(said["doubt"] == SENTENCE, f"{name}: {said['doubt']!r}")
    hits = [hit for hit in counts_in({k: v for k, v in record.items() if k != "invariances"})]
    check(hits == [], f"{name}: counts {hits}")
    check(record.get("verdict", "ambiguous") == "ambiguous", f"{name}: {record.get('verdict')}")
    table = run(command, POINT, *words, expect=code).stdout
    check(table.count(SENTENCE) == 1, f"{name}: the table says it {table.count(SENTENCE)} times")

energy = result("free-energy", POINT, expect=1)["points"][0]
check(energy["refusal"] == SENTENCE and not energy["defined"], f"free-energy: {energy['refusal']!r}")
check(counts_in(energy) == [], f"free-energy: counts {counts_in(energy)}")
polished = run("polish", POINT, "-o", pathlib.Path(tempfile.mkdtemp()) / "out.h5", expect=4).stdout
check(f"not polished: {SENTENCE}." in polished, "polish")

# Figures of the branch stay: its trace is the sum of its eigenvalues.
values = result("spectrum", POINT, expect=4)["eigenvalues"]
trace = math.fsum(row["value"] * row["multiplicity"] for row in values)
check(abs(result("trace", POINT, expect=4)["trace"]["value"] - trace) < 1e-12, f"trace {trace}")

# Pages of these records.
FOLDER = pathlib.Path(tempfile.mkdtemp())
for command, words in {"density": (), "trace": (), "flatness": QUICK, "spectrum": (),
                       "slice": ("--grid", 3)}.items():
    run(command, POINT, *words, "--markdown", FOLDER / "page.md",
        expect=0 if command == "slice" else 4)
    page = (FOLDER / "page.md").read_text()
    check("does not stand: 480 of 1280" in page, f"page of {command}: no doubt")

# A relu point off its kinks has a Hessian.
free = FOLDER / "free.h5"
run("construct", "random:normal:1", "--classes", 3, "--samples", 2, "--width", 4, "--depth", 2,
    "--lambda", 1e-2, "--activation", "relu", "-o", free)
for command in ("spectrum", "trace", "density", "flatness", "slice"):
    said = result(command, free, *(QUICK if command == "flatness" else ()), expect=None)
    check(said["hessian_exists"] and said["kinks"] == 0, f"{command}: a kink")
    check(said["doubt"] == "", f"{command}: {said['doubt']!r}")
finish()
