# SPDX-License-Identifier: GPL-3.0-or-later
"""Critical points from many starts, through the program alone: where every one but the minimum is a
strict saddle, where there are several minima, and a search that is ended and gone on with."""

import re
import sqlite3
import tempfile
from pathlib import Path

from cli import check, finish, near, refused, result, run

FOLDER = Path(tempfile.mkdtemp())


GRADIENT = 1e-12  # what polishing promises at points of this size


def model(classes, width, depth, ridge, *more):
    return ["--classes", classes, "--samples", 1, "--width", width, "--depth", depth, "--lambda",
            ridge, *more]


def proved(point):
    """A strict saddle with a certificate whose figures hold together."""
    proof = point["certificate"]
    if point["verdict"] != "strict saddle" or proof is None or not proof["proved"]:
        return False
    low, value, high = (proof["rayleigh"][key] for key in ("lower", "value", "upper"))
    return (low <= value <= high < 0 and proof["decrease"] > 0 and
            proof["gradient_norm_upper"] <= GRADIENT and
            abs(value - point["smallest_eigenvalue"]) <= 1e-12 * point["hessian_norm"])


def check_points(name, made):
    """Each point is a minimum or proved; returns the minima by name."""
    minima = {}
    for point in made["points"]:
        label = f"{name}: {point['name']} at {point['loss']}"
        check(point["gradient_norm"] <= GRADIENT, f"{label}: gradient {point['gradient_norm']}")
        check(point["found"] >= 1, f"{label}: found by {point['found']}")
        if point["verdict"] == "minimum":
            minima[point["name"]] = point
            check(point["index"] == 0 and point["certificate"] is None, f"{label}: minimum?")
        else:
            check(proved(point), f"{label}: {point['verdict']}, {point['certificate']}")
    check(sum(p["found"] for p in made["points"]) == made["converged"], f"{name}: found, converged")
    names = [p["name"] for p in made["points"]]
    check(len(set(names)) == len(names), f"{name}: names {names}")
    return minima


def check_one_layer():
    made = result("critical", *model(4, 5, 1, .02, "--starts", 60))
    minima = check_points("L = 1", made)
    check(set(minima) == {"dnc"}, f"L = 1: minima {set(minima)}")
    points = {p["name"]: p for p in made["points"]}
    # sigma(G) = 1/4 three times at zero: 3 d negative eigenvalues
    check(points["zero"]["index"] == 15, f"zero: index {points['zero']['index']}")
    near("zero: smallest", points["zero"]["smallest_eigenvalue"], .02 - .25, 1e-15)
    check(points["cross-polytope"]["index"] == 3, f"cross-polytope: {points['cross-polytope']}")
    check(made["starts"] == 60 and not made["cancelled"], f"{made['starts']} starts")


def check_two_layers():
    """Zero, rank 2 and collapse are minima; what is none is proved. The file agrees."""
    path = FOLDER / "two.db"
    words = model(4, 6, 2, 4e-3, "--starts", 120, "-o", path)
    made = result("critical", *words)
    minima = check_points("L = 2", made)
    check({"zero", "cross-polytope", "dnc"} <= set(minima), f"L = 2: minima {set(minima)}")
    check(minima["cross-polytope"]["rank"] == 2, "the cross-polytope has rank 2")
    near("L = 2: dnc", minima["dnc"]["loss"], 0.06679824276517843, 1e-14)
    with sqlite3.connect(path) as base:
        rows = base.execute("SELECT p.name, p.negative, p.certified, count(s.idx) FROM points p "
                            "JOIN starts s ON s.point = p.point GROUP BY p.point").fetchall()
        starts = base.execute("SELECT count(*) FROM starts").fetchone()[0]
    listed = [(p["name"], p["index"], int(p["certificate"] is not None), p["found"])
              for p in made["points"]]
    check(sorted(rows) == sorted(listed), f"file {sorted(rows)}, record {sorted(listed)}")
    check(starts == 120, f"{starts} starts in the file")
    again = result("critical", *words)
    check(again == made, "the same command finds nothing to do")
    refused("critical", *model(4, 6, 2, 5e-3, "-o", path), part="belongs to another search", code=3)


def check_going_on():
    """Ended and gone on with: the same points as in one go."""
    words = model(3, 4, 1, .03, "--seed", 7)
    whole = result("critical", *words, "--starts", 30)
    path = FOLDER / "part.db"
    result("critical", *words, "--starts", 11, "-o", path)
    rest = result("critical", *words, "--starts", 30, "-o", path)
    check(rest["points"] == whole["points"], "11 starts and 19 more are 30")
    late = result("critical", *words, "--starts", 100000, "--max-seconds", .2, "-o", path, expect=4)
    check(late["cancelled"] and late["starts"] >= 30, f"cancelled at {late['starts']}")


def check_written_points():
    """Every point as a file: its loss, its index, and a gradient at rounding."""
    made = result("critical", *model(4, 5, 1, .02, "--starts", 20, "--points", FOLDER / "p"))
    for point in made["points"]:
        path = FOLDER / f"p-{point['name'].replace(':', '-').replace(',', '-')}.h5"
        seen = result("degeneracy", path, "--no-polish")
        check(seen["loss"] == point["loss"], f"{path.name}: loss {seen['loss']}")
        check(seen["negative_modes"] == point["index"], f"{path.name}: {seen['negative_modes']}")


def check_usage():
    refused("critical", *model(4, 600, 2, .02), part="parameters", code=3)
    refused("critical", "--classes", 4, part="--", code=2)
    other = FOLDER / "text.db"
    other.write_text("x" * 300)
    refused("critical", *model(4, 5, 1, .02, "-o", other), part="SQLite", code=3)
    table = run("critical", *model(3, 3, 1, .03, "--starts", 12)).stdout
    check("dnc" in table and re.search(r"^  starts +12$", table, re.M), f"table {table[:300]}")


check_one_layer()
check_two_layers()
check_going_on()
check_written_points()
check_usage()
finish()
