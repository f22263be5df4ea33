# SPDX-License-Identifier: GPL-3.0-or-later
"""What users really have: float32 files from PyTorch."""

import tempfile
from pathlib import Path

from cli import REAL, check, finish, near, result, run

# name: zero modes, smallest non-zero eigenvalue, loss (None: no independent figure, the ledger's own
# prediction sum_l [r d - r (r + 1)/2] is checked)
LINEAR = {
    "K10-a": (435, 5e-4, 0.044974846503),
    "K10-b": (270, 3.355719630e-5, 0.042883439180),
    "K4-dnc": (342, 2e-3, 0.072841838207),
    "K4-rank2": (231, 2e-3, None),
    "K10-dnc": (1062, 2.0**-10, None),
    "K10-lowrank": (610, 2.0**-10, None),
}

for name, (zero_modes, smallest, loss) in LINEAR.items():
    path = REAL / f"torch-linear-{name}.safetensors"
    point = result("degeneracy", path)
    check(point["gradient_norm"] <= 1e-12, f"{name}: gradient {point['gradient_norm']}")
    check(point["gradient_norm_before"] > 1e-9, f"{name}: float32 points are not critical")
    zero = point["zero_modes"]
    check(zero["found"] == zero_modes, f"{name}: {zero['found']} zero modes, not {zero_modes}")
    check(zero["symmetry"] == zero_modes and zero["unexplained"] == 0, f"{name}: ledger {zero}")
    check(point["negative_modes"] == 0, f"{name}: negative modes")
    check(point["verdict"] == "minimum", f"{name}: {point['verdict']}: {point['doubt']}")
    near(f"{name}: smallest", point["smallest_nonzero"], smallest, 1e-14)
    if loss is not None:
        near(f"{name}: loss", point["loss"], loss, 1e-12)

# Without polishing a float32 point is not stationary, and the program says so.
raw = result("degeneracy", REAL / "torch-linear-K10-b.safetensors", "--no-polish", expect=4)
check(raw["verdict"] == "not stationary", f"unpolished: {raw['verdict']}")

# The relu network sits on kinks: no polishing, no verdict, the census instead.
relu = result("degeneracy", REAL / "torch-relu-K4.safetensors", expect=4)
check(relu["kinks"] == 480 and relu["kink_census"]["pre_activations"] == 1280, "relu: census")
check(relu["kink_census"]["smallest_off"] > 100 * relu["kink_census"]["largest_on"], "relu: gap")
check(relu["polish"]["outcome"] == "kinked", "relu: polished although kinked")
check(relu["verdict"] == "ambiguous" and "kink" in relu["doubt"], f"relu: {relu['verdict']}")

# A real network's last layers are no optimum: polishing leads far away and says how far.
digits = result("info", REAL / "digits-head.safetensors")
check(digits["logit_rank"] == 4 and digits["gradient_norm"] > 1e-2, "digits: info")

# A polished point survives every format.
with tempfile.TemporaryDirectory() as folder:
    source = REAL / "torch-linear-K4-dnc.safetensors"
    polished = Path(folder) / "polished.h5"
    run("polish", source, "-o", polished)
    first = result("info", polished)
    check(first["gradient_norm"] <= 1e-12, "polished file: gradient")
    for name in ("a.safetensors", "b.npz", "c.h5"):
        run("convert", polished, Path(folder) / name)
        polished = Path(folder) / name
    last = result("info", polished)
    check(last == first, "three conversions changed the point")

compare = result("compare", REAL / "torch-linear-K10-dnc.safetensors",
                 REAL / "torch-linear-K10-lowrank.safetensors")["points"]
check([p["logit_rank"] for p in compare] == [9, 5], "compare: ranks")
check(compare[0]["loss"] > compare[1]["loss"], "compare: the low-rank optimum has the smaller loss")
check(compare[0]["zero_modes"]["found"] > compare[1]["zero_modes"]["found"], "compare: degeneracy")
check(compare[0]["collapse"]["nc3"] < 1e-9 < 0.1 < compare[1]["collapse"]["nc3"], "compare: NC3")
finish()
