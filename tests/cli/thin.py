# SPDX-License-Identifier: GPL-3.0-or-later
"""Points whose widths are far above classes and samples: memory and time follow the parameters,
never the square of a width."""

import random
import tempfile
from pathlib import Path

from cli import check, finish, near, result, run
from points import peak, write

FOLDER = Path(tempfile.mkdtemp())
POINT = FOLDER / "thin.safetensors"
RIDGE = 0.1


def normal_point(width, seed=1):
    """L = 1, K = 2, one sample a class."""
    draw = random.Random(seed)
    write(POINT, {name: (*shape, [draw.gauss(0.0, width ** -0.5) for _ in range(2 * width)])
                  for name, shape in (("W1", (2, width)), ("H", (width, 2)))}, [0, 1],
          {"loss": "ce", "activation": "linear", "lambda_W": str(RIDGE), "lambda_H": str(RIDGE)})


def balance(width, seed=1):
    """||W^T W - H H^T||_F over the larger term's norm, by the 2 x 2 products alone."""
    draw = random.Random(seed)
    rows = [[draw.gauss(0.0, width ** -0.5) for _ in range(width)] for _ in range(2)]
    flat = [draw.gauss(0.0, width ** -0.5) for _ in range(2 * width)]
    columns = [flat[0::2], flat[1::2]]

    def products(left, right):
        return sum(sum(x * y for x, y in zip(a, b)) ** 2 for a in left for b in right)
    own, other, both = products(rows, rows), products(columns, columns), products(rows, columns)
    return (own + other - 2 * both) ** 0.5 / max(own, other) ** 0.5


def measures():
    floor = peak("--version")
    normal_point(6000)
    used = peak("info", POINT) - floor
    check(used < 60, f"info at width 6000 takes {used:.0f} MB")
    near("balance defect", result("info", POINT)["balance_defect"], balance(6000), 1e-12)
    used = peak("polish", POINT, "-o", FOLDER / "polished.h5") - floor
    check(used < 60, f"polish at width 6000 takes {used:.0f} MB")
    used = peak("degeneracy", FOLDER / "polished.h5") - floor
    check(used < 120, f"degeneracy at width 6000 takes {used:.0f} MB")


def wider_than_an_int_allows():
    """d * d is above 2^31."""
    floor = peak("--version")
    normal_point(50000)
    used = peak("info", POINT) - floor
    check(used < 100, f"info at width 50000 takes {used:.0f} MB")
    run("polish", POINT, "-o", FOLDER / "polished.h5")
    said = result("degeneracy", FOLDER / "polished.h5", "--no-polish")
    check(said["verdict"] == "minimum", f"width 50000: {said['verdict']}: {said['doubt']}")
    # rank 1: the two logits are opposite
    check(said["zero_modes"]["symmetry"] == 50000 - 1, f"width 50000: {said['zero_modes']}")


measures()
wider_than_an_int_allows()
finish()
