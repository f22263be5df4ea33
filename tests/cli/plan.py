# SPDX-License-Identifier: GPL-3.0-or-later
"""Predicted memory beside the measured peak above that of the bare program; limits that refuse
beforehand. usage: plan.py PROGRAM [full]"""

import os
import pathlib
import subprocess
import sys
import tempfile

from cli import PROGRAM, check, finish, refused, result, run

FACTOR = 1.3  # either way
# Bytes: smaller peaks say more about the libraries than about the work.
LEAST, LEAST_QUICKLY = 200e6, 50e6

# name: construction, classes, samples a class, width, depth. Many samples of few dimensions make
# vectors that are large beside the time of a product.
MODELS = {
    "low": ("random:normal:0.3", 4, 5000, 7, 2),
    "tall": ("random:normal:0.3", 4, 20000, 7, 2),
    "many": ("random:normal:0.3", 4, 60000, 7, 2),
    "deep": ("random:normal:0.3", 4, 30000, 8, 6),
    "small": ("random:normal:0.3", 5, 2, 50, 2),
    "collapsed": ("dnc", 36, 2, 40, 3),
}

LANCZOS = ["spectrum", "--largest", "6", "--method", "lanczos", "--max-products", "60"]
TRACE = ["trace", "--method", "lanczos", "--probes", "5", "--steps", "12"]
POLISH = ["polish", "--max-iterations", "1", "--max-products", "20"]

# In the ordinary suite.
QUICK = [("low", LANCZOS), ("low", TRACE)]

# Each reaches its peak before its products are used up.
FULL = [
    ("tall", LANCZOS),
    ("tall", TRACE),
    ("many", POLISH),
    ("deep", POLISH),
    ("tall", ["density", "--method", "lanczos", "--probes", "3", "--steps", "20"]),
    ("tall", ["spectrum", "--below", "-10", "--max-count", "10", "--max-products", "300"]),
    ("tall", ["degeneracy", "--no-polish", "--max-products", "400"]),
    ("tall", ["flatness", "--method", "lanczos", "--probes", "3", "--steps", "10", "--epsilon",
              "1e-3", "--ascents", "1", "--sigma", "1e-3", "--pairs", "2", "--max-products",
              "400"]),
    ("small", ["spectrum"]),
    ("small", ["degeneracy", "--no-polish"]),
    ("collapsed", ["spectrum", "--method", "sectors"]),
]


def peak(*words):
    """Bytes of the largest resident set; one thread, so that buffers of others do not count."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    check(process.returncode in (0, 4), f"{' '.join(words)}: exit {process.returncode}")
    return 1024 * usage.ru_maxrss


def make(folder, name):
    path = pathlib.Path(folder) / f"{name}.h5"
    construction, classes, samples, width, depth = MODELS[name]
    if not path.exists():
        run("construct", construction, "--classes", classes, "--samples", samples, "--width", width,
            "--depth", depth, "--lambda", "0.001", "-o", path)
    return str(path)


def check_peak(path, words, bare, least):
    plan = result(*words, path, "--plan")
    plan = plan[0] if isinstance(plan, list) else plan
    predicted, measured = 1e9 * plan["gigabytes"], peak(*words, path) - bare
    ratio = predicted / measured
    print(f"{predicted / 1e6:10.0f} {measured / 1e6:10.0f} {ratio:7.2f}  {' '.join(words)}",
          flush=True)
    told = f"{' '.join(words)}: {predicted / 1e6:.0f} MB predicted, {measured / 1e6:.0f} measured"
    check(measured >= least, f"{told}: too little to compare")
    check(1 / FACTOR <= ratio <= FACTOR, told)
    limit = 0.9e-9 * predicted
    refused(*words, path, "--memory-limit", f"{limit:.6f}", part="above --memory-limit of", code=4)


def check_products():
    """What is used lies between what is predicted at least and at most, off and at critical points."""
    with tempfile.TemporaryDirectory() as folder:
        for name, construction in (("generic", "random:normal:0.3"), ("critical", "dnc")):
            path = pathlib.Path(folder) / f"{name}.h5"
            run("construct", construction, "--classes", 6, "--samples", 2, "--width", 14, "--depth",
                2, "--lambda", "0.001", "-o", path)
            for words in (["spectrum"], ["spectrum", "--largest", 6, "--method", "lanczos"],
                          ["trace", "--method", "lanczos"], ["density", "--method", "lanczos"],
                          ["trace", "--method", "dense"]):
                plan, used = result(*words, path, "--plan"), result(*words, path)["products"]
                check(plan["products"] <= used <= plan["products_most"],
                      f"{name} {words}: {used} products, {plan['products']} to "
                      f"{plan['products_most']} predicted")


def check_plans(cases, least):
    bare = peak("--version")
    print("   plan/MB    peak/MB   ratio  command")
    with tempfile.TemporaryDirectory() as folder:
        for name, words in cases:
            check_peak(make(folder, name), words, bare, least)


if __name__ == "__main__":
    check_products()
    if sys.argv[2:] == ["full"]:
        check_plans(FULL, LEAST)
    else:
        check_plans(QUICK, LEAST_QUICKLY)
    finish()
