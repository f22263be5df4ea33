# SPDX-License-Identifier: GPL-3.0-or-later
"""Predicted memory beside the measured peak above that of the bare program; limits that refuse
beforehand. usage: plan.py PROGRAM [full]"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cli import PROGRAM, check, finish, near, refused, result, run

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

# Runs in segments of ten steps, each with its histories filled.
RUN = ["train", "--classes", "4", "--samples", "20000", "--width", "8", "--depth", "2", "--lambda",
       "0.001", "--steps", "20", "--checkpoint", "10", "--method"]
LEAST_OF_RUNS = 80e6


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


def check_peak(words, bare, least):
    plan = result(*words, "--plan")
    plan = plan[0] if isinstance(plan, list) else plan
    predicted, measured = 1e9 * plan["gigabytes"], peak(*words) - bare
    ratio = predicted / measured
    print(f"{predicted / 1e6:10.0f} {measured / 1e6:10.0f} {ratio:7.2f}  {' '.join(words)}",
          flush=True)
    told = f"{' '.join(words)}: {predicted / 1e6:.0f} MB predicted, {measured / 1e6:.0f} measured"
    check(measured >= least, f"{told}: too little to compare")
    check(1 / FACTOR <= ratio <= FACTOR, told)
    check_limit(words, bare, 0.9e-9 * predicted)


def check_limit(words, bare, limit):
    """Below what a command would take it takes less, if the plan says that it can, or is refused."""
    limited = [*words, "--memory-limit", f"{limit:.6f}"]
    planned = run(*limited, "--plan", "--json", "-", expect=None)
    plan = json.loads(planned.stdout)["result"] if planned.returncode == 0 else {}
    plan = plan[0] if isinstance(plan, list) else plan
    if not plan.get("gigabytes", float("inf")) <= limit:
        refused(*limited, part="above --memory-limit of", code=4)
        return
    measured = peak(*limited) - bare
    check(measured <= FACTOR * 1e9 * limit, f"{' '.join(limited)}: {measured / 1e6:.0f} MB")


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
            check_peak([*words, make(folder, name)], bare, least)


def check_runs(methods):
    """The peak of `train`: the method's vectors, or the file that is written between segments."""
    bare = peak("--version")
    with tempfile.TemporaryDirectory() as folder:
        for method in methods:
            check_peak([*RUN, method, "-o", f"{folder}/run.h5"], bare, LEAST_OF_RUNS)


def check_descents():
    """What `train` and `basins` do lies within their plans; workers multiply memory."""
    model = ["--classes", 3, "--samples", 2, "--width", 4, "--depth", 2, "--lambda", 0.01]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/run.h5"
        for method, bounded in (("lbfgs", True), ("gd", True), ("adam", True), ("flow", False)):
            words = ["train", *model, "--steps", 50, "--method", method, "-o", path]
            plan, done = result(*words, "--plan"), result(*words, expect=None)
            used = done["evaluations"] + done["batches"] + done["products"]
            most = plan["calls_most"] if bounded else used
            check((plan["calls_most"] is not None) == bounded, f"{method}: a bound of {most}")
            check(plan["calls"] <= used <= most, f"{method}: {used} calls, {plan['calls']} to {most}")
            check(plan["seconds"] == plan["calls"] * plan["seconds_a_call"] > 0, f"{method}: seconds")
            check(plan["restarts"] == plan["workers"] == 1, f"{method}: one run")
        words = ["basins", *model, "--method", "gd", "--restarts", 7, "-o", f"{folder}/c.db"]
        one, = result(*words, "--workers", 1, "--plan")
        three, = result(*words, "--workers", 3, "--plan")
        check(not pathlib.Path(f"{folder}/c.db").exists(), "a plan wrote a campaign")
        check(one["gigabytes"] == one["all_gigabytes"] == three["gigabytes"], "a worker's memory")
        near("three workers", three["all_gigabytes"], 3 * one["gigabytes"], 1e-12)
        near("seven restarts", one["all_seconds_most"], 7 * one["seconds_most"], 1e-9)
        check(three["restarts"] == 7 and three["workers"] == 3, f"a plan of 3 workers: {three}")
        between = f"{2 * one['gigabytes']:.9f}"
        refused(*words, "--workers", 3, "--memory-limit", between, part="3 workers together", code=4)
        run(*words, "--workers", 1, "--memory-limit", between)
        refused("basins", "status", f"{folder}/c.db", "--plan", part="not with status")


if __name__ == "__main__":
    check_products()
    check_descents()
    if sys.argv[2:] == ["full"]:
        check_plans(FULL, LEAST)
        check_runs(["lbfgs", "adam", "flow"])
    else:
        check_plans(QUICK, LEAST_QUICKLY)
    finish()
