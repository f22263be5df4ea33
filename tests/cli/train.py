# SPDX-License-Identifier: GPL-3.0-or-later
"""Training from the command line: every method descends, a run that was cut short or killed ends in
the same bits as one that went through, files and trajectories are what they say."""

import csv
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from cli import PROGRAM, check, finish, near, refused, result, run

FOLDER = Path(tempfile.mkdtemp())
MODEL = ["--classes", 4, "--samples", 3, "--width", 7, "--depth", 2, "--lambda", "1e-2"]
# What each method needs to come down to the best optimum of this model from this start.
METHODS = {
    "gd": ["--lr", 0.5], "momentum": ["--lr", 0.2], "lbfgs": [], "newton": [], "flow": [],
    "sgd": ["--lr", 0.05, "--batch", 12], "adam": ["--lr", 0.01, "--batch", 12],
}
METHODS = {name: words for name, words in METHODS.items()
           if f"{name}|" in run("help", "train").stdout or f"|{name})" in run("help", "train").stdout}


def arrays(path):
    """The bytes of an npz: its arrays, not its metadata."""
    return path.read_bytes()


def train(name, *words, expect=0, method=None):
    """A run of a method into its own file; (result, path)."""
    path = FOLDER / f"{name}.npz"
    call = ["train", *MODEL, "--method", method or name, *METHODS[method or name], "-o", path]
    return result(*call, *words, expect=expect), path


def check_method(name):
    first, path = train(name, "--tolerance", "1e-7", "--polish")
    again, copy = train(f"{name}-again", "--tolerance", "1e-7", "--polish", method=name)
    check(first["reason"] == "converged", f"{name}: {first['reason']}")
    check(arrays(path) == arrays(copy), f"{name}: the same run, other bits")
    check({**first, "seconds": 0} == {**again, "seconds": 0}, f"{name}: the same run, another record")
    info = result("info", path)
    near(f"{name}: loss of the file", info["loss"], first["loss"], 1e-15)
    check(info["gradient_norm"] <= 1e-14, f"{name}: ||g|| = {info['gradient_norm']:g} in the file")
    check(first["loss"] < first["loss_before"], f"{name}: did not descend")
    for key in ("evaluations", "seconds", "steps", "t", "logit_rank", "batches", "products"):
        check(key in first, f"{name}: no {key}")


def check_cut_short(name):
    """Ended by the clock again and again, and taken up each time."""
    words = ["--checkpoint", 20, "--steps", 400, "--tolerance", "1e-300"]
    rows = ["--trajectory", FOLDER / f"{name}-through.csv"]
    through, path = train(f"{name}-through", *words, *rows, method=name, expect=4)
    code = 4
    _, cut = train(f"{name}-cut", *words, "--trajectory", FOLDER / f"{name}-cut.csv",
                   "--max-seconds", "1e-4", method=name, expect=4)
    for i in range(40):
        limit = ["--max-seconds", f"{2e-3 * (i + 1):g}"] if i < 39 else []
        done = subprocess.run(
            [PROGRAM, "train", "--resume", cut, *rows[:1], FOLDER / f"{name}-cut.csv", *limit,
             "--json", "-"], capture_output=True, text=True, check=False)
        code = done.returncode
        check(code == 4, f"{name}: taken up, exit {code}: {done.stderr}")
        if code != 4 or json.loads(done.stdout)["result"]["reason"] != "cancelled":
            break
    check(arrays(path) == arrays(cut), f"{name}: cut short and taken up, other bits")
    same = (FOLDER / f"{name}-through.csv").read_text() == (FOLDER / f"{name}-cut.csv").read_text()
    check(same, f"{name}: another trajectory")
    check(through["reason"] in ("step limit", "stalled"), f"{name}: {through['reason']}")


def check_killed():
    """SIGKILL while the file is kept up to date; what is left is a point, and leads to the end."""
    path, whole = FOLDER / "killed.npz", FOLDER / "whole.npz"
    words = ["train", *MODEL, "--method", "gd", "--lr", 0.5, "--tolerance", "1e-300", "--steps"]
    start = time.monotonic()
    result(*words, 100000, "-o", whole, expect=4)
    # The file is kept once a second; three seconds of this machine are long enough.
    words.append(int(100000 * max(1.0, 3.0 / (time.monotonic() - start))))
    child = subprocess.Popen([PROGRAM, *map(str, words), "-o", str(path)], stdout=subprocess.DEVNULL)
    start = time.monotonic()
    while not path.exists() and child.poll() is None and time.monotonic() - start < 60:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    killed = child.wait() == -signal.SIGKILL
    check(killed, "the run was over before it could be killed")
    run("info", path)
    result("train", "--resume", path, expect=4)
    result(*words, "-o", whole, expect=4)
    check(arrays(path) == arrays(whole), "killed and taken up, other bits")


def check_trajectory():
    rows = FOLDER / "rows.csv"
    end, path = train("gd", "--tolerance", "1e-6", "--trajectory", rows, "--lambda-min")
    with rows.open() as file:
        table = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    check(table[0]["step"] == 0 and table[-1]["step"] == end["steps"], "rows: first and last step")
    near("rows: last loss", table[-1]["loss"], end["loss"], 1e-15)
    check(all(a["loss"] >= b["loss"] for a, b in zip(table, table[1:])), "rows: the loss rises")
    check(all(f"singular_value_{i}" in table[0] for i in (1, 2, 3, 4)), "rows: singular values")
    smallest = result("spectrum", path, "--smallest", 1)["eigenvalues"][0]["value"]
    near("rows: smallest eigenvalue", table[-1]["smallest_eigenvalue"], smallest, 1e-7)
    train("gd", "--steps", 50, "--every", 10, "--trajectory", FOLDER / "rows.h5", expect=4)
    run("train", *MODEL, "-o", path, "--trajectory", FOLDER / "rows.txt", expect=2)


def check_refusals():
    path = FOLDER / "no.npz"
    run("train", *MODEL, expect=2)
    run("train", *MODEL, "-o", FOLDER / "no.txt", expect=2)
    run("train", *MODEL, "-o", path, "--init", "gauss:1", expect=2)
    run("train", *MODEL, "-o", path, "--momentum", 1, expect=2)
    run("train", *MODEL[:-2], "-o", path, expect=2)
    end, done = train("newton")
    run("train", "--resume", done, expect=3)
    run("train", "--resume", FOLDER / "missing.npz", expect=3)
    check(not path.exists() and end["reason"] == "converged", "refused, and written")
    train("gd", "--steps", 3, expect=4)
    run("train", "--resume", FOLDER / "gd.npz", "--method", "adam", expect=2)
    far, _ = train("gd", "--lr", 1e6, expect=4)
    check(far["reason"] == "diverged", f"a huge rate: {far['reason']}")


def check_idle_options():
    """An option that would have no effect is a mistake, and is said to be one."""
    out = ["-o", FOLDER / "idle.npz"]
    for method, option in (("lbfgs", "--lr"), ("gd", "--momentum"), ("momentum", "--batch"),
                           ("newton", "--t-end"), ("sgd", "--accuracy"), ("gd", "--batch")):
        refused("train", *MODEL, *out, "--method", method, option, "0.5" if option != "--batch" else 2,
                part=f"{option[2:].replace('-', '_')} goes with method")
    refused("train", *MODEL, *out, "--every", 5, part="every goes with a trajectory")
    refused("train", *MODEL, *out, "--lambda-min", part="lambda_min goes with a trajectory")
    refused("train", *MODEL, *out, "--smooth", part="relu, not for linear")
    refused("train", *MODEL, *out, "extra", part="takes no operand: one too many, 'extra'")
    refused("train", *MODEL, *out, "--init", "W9:zero", part="H, W, W1 .. W2")
    refused("train", *MODEL, *out, "--trajectory", out[1], part="one file")
    refused("train", *MODEL, *out, "--trajectory", FOLDER / "none" / "rows.csv", part="No such file",
            code=3)
    check(not out[1].exists(), "refused, and written")


def check_memory():
    """--resume alone repeats what the run was asked for, and lets nothing contradict it."""
    words = ["--steps", 9000, "--tolerance", "1e-3", "--lambda-min", "--every", 10]
    rows, whole = FOLDER / "memory.csv", FOLDER / "memory-whole.csv"
    _, path = train("memory-whole", *words, "--polish", "--trajectory", whole, method="gd")
    _, cut = train("memory", *words, "--polish", "--trajectory", rows, "--max-seconds", "1e-5",
                   method="gd", expect=4)
    for option, value in (("--classes", 4), ("--lambda", "1e-2"), ("--activation", "linear"),
                          ("--seed", 2), ("--restart", 1), ("--init", "normal:1")):
        refused("train", "--resume", cut, option, value, part=f"{option[2:]}: ")
    rows.unlink()
    end = result("train", "--resume", cut, "--seed", 1)
    check(end["polish"]["outcome"] == "converged", f"polishing forgotten: {end.get('polish')}")
    check(rows.read_text() == whole.read_text(), "taken up: another trajectory")
    check(arrays(path) == arrays(cut), "taken up: other bits")
    refused("train", "--resume", cut, part="the one in it has ended", code=3)


def check_polish():
    """Polishing that arrives is success, whatever ended the descent before it."""
    end, _ = train("lbfgs", "--steps", 20, "--polish")
    check(end["reason"] == "step limit" and end["gradient_norm"] <= 1e-14,
          f"polished: {end['reason']}, ||g|| = {end['gradient_norm']:g}")


def check_without_ridge():
    """A time that was asked for is reached, however small the gradient; without time, no fit."""
    model = ["--classes", 4, "--samples", 5, "--width", 10, "--depth", 1, "--lambda", 0, "--init",
             "normal:0.01"]
    end = result("train", *model, "--method", "flow", "--t-end", "1e12", "-o", FOLDER / "far.npz")
    check(end["reason"] == "end time" and end["t"] == 1e12, f"{end['reason']} at {end['t']:g}")
    near("normalised margin over its maximum", end["normalised_margin"] / 0.07453559925, 1, 1e-3)
    for method in ("lbfgs", "newton"):
        still = result("train", *model, "--method", method, "-o", FOLDER / "still.npz")
        check(still["margin_limit"] is None and still["normalised_margin"] > 0.0,
              f"{method}: limit {still['margin_limit']}")


def check_smooth():
    """A run cut before the smoothing has not converged, and does it when it is taken up."""
    path = FOLDER / "smooth.npz"
    cut = result("train", *MODEL, "--activation", "relu", "--smooth", "--max-seconds", "1e-6", "-o",
                 path, expect=4)
    check(cut["reason"] == "cancelled" and "smoothing" not in cut, f"cut: {cut.get('smoothing')}")
    end = result("train", "--resume", path)
    check(end["smoothing"] == "converged" and end["clarke_norm"] < 1e-8, f"smoothed: {end}")


def check_stationary_start():
    """At theta = 0 with L = 1 the curvatures are lambda -+ sigma(G): K - 1 = 2 values sqrt(n)/N, each
    d = 4 times, so an index of 8 below lambda = sqrt(2)/6. With L = 2 all are lambda."""
    path = FOLDER / "start.npz"

    def begin(*words, expect):
        done = run("train", "--classes", 3, "--samples", 2, "--width", 4, "--init", "zero", *words,
                   "-o", path, "--json", FOLDER / "zero.json", expect=expect)
        record = json.loads((FOLDER / "zero.json").read_text())["result"]
        check(record["reason"] == "stationary start" and record["steps"] == 0, f"{words}: {record}")
        check(len(done.stderr.splitlines()) == 1, f"{words}: {done.stderr!r}")
        return record, done

    for method in METHODS:
        end, said = begin("--depth", 1, "--lambda", 0.02, "--method", method, expect=4)
        check(end["saddle"], f"{method}: {end['lowest_curvature']}")
        near(f"{method}: curvature", end["lowest_curvature"], 0.02 - 2 ** 0.5 / 6, 1e-12)
        check("-0.2157" in said.stderr and "saddle" in said.stderr, f"{method}: {said.stderr!r}")
        check("stationary start" in said.stdout, f"{method}: {said.stdout!r}")
    counted = result("degeneracy", path)
    check(counted["negative_modes"] == 8 and counted["verdict"] == "strict saddle", f"{counted}")
    for key in ("threshold", "error", "gap"):
        near(f"{key} of a look", end["zero_rule"][key] / counted["zero_rule"][key], 1, 1e-9)
    check(end["zero_rule"]["origin"] == counted["zero_rule"]["origin"], f"{end['zero_rule']}")
    check(end["zero_rule"]["negative"] is None, f"a look counts: {end['zero_rule']}")
    for depth, ridge, lowest in ((1, 0.3, 0.3 - 2 ** 0.5 / 6), (2, 0.02, 0.02), (2, 0, 0)):
        end, said = begin("--depth", depth, "--lambda", ridge, expect=0)
        near(f"L = {depth}, {ridge}: curvature", end["lowest_curvature"], lowest, 1e-12)
        check(not end["saddle"] and "no negative" in said.stderr, f"L = {depth}: {said.stderr!r}")
    end, said = begin("--depth", 2, "--lambda", 0.02, "--activation", "relu", expect=0)
    check("saddle" not in end and "kinks" in said.stderr, f"relu: {said.stderr!r}")


def check_one_file_each():
    """The record would replace the metadata of the npz."""
    path = FOLDER / "one.npz"
    refused("train", *MODEL, "-o", path, "--json", FOLDER / "one.json", part="already")
    refused("train", *MODEL, "-o", path, "--trajectory", FOLDER / "a.csv", "--markdown",
            FOLDER / "a.csv", part="already")
    check(not path.exists(), "refused, and written")


def check_widths():
    run("train", *MODEL[:4], "--widths", "7,5", "--lambda", "1e-2", "-o", FOLDER / "wide.npz")
    table = run("info", FOLDER / "wide.npz").stdout
    check(re.search(r"^  widths +7 5$", table, re.M), "the widths of the table")


try:
    check_idle_options()
    check_memory()
    check_polish()
    check_without_ridge()
    check_stationary_start()
    check_one_file_each()
    check_widths()
    check_smooth()
    for method in METHODS:
        check_method(method)
        check_cut_short(method)
    check_killed()
    check_trajectory()
    check_refusals()
finally:
    shutil.rmtree(FOLDER)
finish()
