# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices through the program alone: curvature beside the Hessian's, files that hold what was seen,
and lines between points that are aligned first."""

import csv
import tempfile
from pathlib import Path

from cli import check, finish, near, refused, result, run

FOLDER = Path(tempfile.mkdtemp())
MODEL = ["--classes", 4, "--samples", 2, "--width", 6, "--depth", 2, "--lambda", 4e-3]


def construct(name, seed, *more):
    path = FOLDER / f"{name.split(':')[0]}-{seed}.h5"
    result("construct", name, *MODEL, "--gauge-seed", seed, *more, "-o", path)
    return path


def check_curvature(point):
    """Eigenvectors show their eigenvalues, up to what a finite step sees; the orbit shows nothing."""
    spectrum = [entry["value"] for entry in result("spectrum", point)["eigenvalues"]]
    top = max(spectrum)
    for name, value in (("eigen:1", top), ("eigen:-1", min(spectrum))):
        seen = result("slice", point, "--along", name, "--range", -.01, .01, "--grid", 21)
        line = seen["directions"][0]
        near(f"{name}: v'Hv", line["hessian_curvature"], value, 1e-12 * top)
        near(f"{name}: second difference", line["slice_curvature"], value,
             line["slice_rounding"] + 1e-5 * top)  # h^2/12 of a fourth derivative
        near(f"{name}: length", line["length"], 1, 1e-13)
        check(seen["dimension"] == 1 and "t" not in seen, f"{name}: a line")
        check(seen["values"][10] == seen["center_loss"], f"{name}: the middle is the point")
        near(f"{name}: grid", seen["s"][3], -.007, 1e-15)
    gauge = result("slice", point, "--along=gauge")["directions"][0]
    near("gauge", gauge["hessian_curvature"], 0, 1e-13)


def check_plane(point):
    path, table = FOLDER / "plane.h5", FOLDER / "plane.csv"
    words = ["slice", point, "--along", "random,eigen:-1", "--grid", 7, "--seed", 3]
    seen = result(*words, "-o", path, "--csv", table)
    check(seen["dimension"] == 2 and len(seen["values"]) == 7, "a plane")
    check([line["kind"] for line in seen["directions"]] == ["random", "eigen"], "kinds")
    check(all(line["seed"] == 3 for line in seen["directions"]), "seeds")
    rows = list(csv.DictReader(table.open()))
    flat = [value for row in seen["values"] for value in row]
    check([float(row["value"]) for row in rows] == flat, "the table has the values")
    check([float(row["s"]) for row in rows[:7]] == seen["s"], "s is fastest")
    check([float(row["t"]) for row in rows[::7]] == seen["t"], "t")
    check(result(*words)["values"] == seen["values"], "the same bits for the same seed")
    check(result(*words[:-1], 4)["values"] != seen["values"], "another seed")
    check(result("info", path)["loss"] == seen["center_loss"], "the file holds the point")
    again = FOLDER / "again.npz"
    run("convert", path, again)
    check(again.exists(), "the file is read back")


def check_between():
    first, second = construct("dnc", 1), construct("dnc", 2)
    line = result("slice", first, second)
    check(line["alignment"]["distance_before"] > 1, "turned apart")
    near("one orbit", line["alignment"]["distance"], 0, 1e-13)
    near("one orbit: barrier", line["barrier"]["height"], 0, 1e-15)
    anywhere = [construct("random:normal:0.6", seed) for seed in (1, 2)]
    near("anywhere", result("slice", *anywhere)["alignment"]["distance"], 0, 1e-13)
    other = construct("cross-polytope", 3)
    line = result("slice", first, other, "--grid", 101)
    barrier = line["barrier"]
    check(line["directions"][0]["name"] == "to" and line["s"][0] == 0 and line["s"][-1] == 1, "to")
    near("first end", line["values"][0], line["center_loss"], 0)
    near("second end", line["values"][-1], result("info", other)["loss"], 1e-14)
    check(barrier["height"] > 1e-3 and 0 < barrier["s"] < 1, f"between two minima: {barrier}")
    check(barrier["top"] >= max(line["values"]), "the top is above the grid")
    near("height", barrier["height"], barrier["top"] - max(line["values"][0], line["values"][-1]),
         1e-15)
    back = result("slice", other, first, "--grid", 101)["barrier"]
    near("the other way", back["top"], barrier["top"], 1e-12)
    swapped = result("slice", first, other, "--permute-classes")["alignment"]
    check(swapped["distance"] <= line["alignment"]["distance"] * (1 + 1e-12), "permuted is no further")


def check_usage(point):
    refused("slice", point, "--along", "to", part="second file")
    refused("slice", point, "--along", "sideways", part="random")
    refused("slice", point, "--along", "random,gauge,eigen:1", part="more than two")
    refused("slice", point, "--along", "eigen:0", part="whole number")
    refused("slice", point, "--along", "eigen:1,eigen:1", part="twice")
    refused("slice", point, point, "--along", "to,to", part="twice")
    refused("slice", point, "--permute-classes", part="second file")
    refused("slice", point, "-o", FOLDER / "x.txt", part="extension")
    refused("slice", point, "--grid", 2)
    wide = FOLDER / "wide.h5"
    result("construct", "zero", *MODEL[:4], "--width", 7, *MODEL[6:], "-o", wide)
    refused("slice", point, wide, part="shapes", code=3)
    refused("slice", wide, part="zero", code=3)
    table = run("slice", point, "--grid", 5).stdout
    check("v'Hv" in table and "slice f''" in table, f"table: {table[:200]}")
    result("slice", point, "--along=random,gauge", "--grid", 3000, "--max-seconds", .3, expect=4)


POINT = construct("dnc", 1)
check_curvature(POINT)
check_plane(POINT)
check_between()
check_usage(POINT)
finish()
