#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts a second on one core: a campaign beside SciPy's L-BFGS-B on the model in NumPy.

usage: peers_campaign.py [--check] [PROGRAM]   (default: build/thalweg; needs numpy and scipy)

Both draw starts by the same law and descend until ||g||_2 <= 1e-7, which both reach. SciPy stops
there, and so does the first campaign (it still identifies the end point and stores it); the second
goes on with each: polishing, modes, the name of the optimum. All take turns; seconds are those of
the processor, start of the program included. With --check, exit 1 when the first ratio (the median
of the rounds) is below its target.
"""
import ctypes
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  (the number of threads is read when it is loaded)
import scipy  # noqa: E402
from scipy.optimize import minimize  # noqa: E402

TOLERANCE = 1e-7
ROUNDS = 3
TARGET = 5.0
CASES = [  # name, K, n, d, L, lambda, restarts of the campaign, of SciPy
    ("K=4 L=3 d=6 n=1", 4, 1, 6, 3, 2e-3, 2000, 40),
    ("K=10 L=2 d=70 n=5", 10, 5, 70, 2, 2.0 ** -10, 60, 10),
]
SPREAD = 0.6  # of the law normal-fanin:0.6


class Model:
    """f and gradient of a linear model with cross entropy and one ridge, in flat vectors."""

    def __init__(self, classes, per_class, width, depth, ridge):
        samples = classes * per_class
        self.shapes = [(width, width)] * (depth - 1) + [(classes, width)] + [(width, samples)]
        self.sizes = [rows * columns for rows, columns in self.shapes]
        self.splits = np.cumsum(self.sizes)[:-1]
        self.ridge = ridge
        self.samples = samples
        self.labels = np.arange(samples) % classes
        self.norm = np.inf

    def start(self, random):
        fan_in = [columns for _, columns in self.shapes[:-1]] + [self.shapes[-1][0]]
        return np.concatenate([random.normal(0.0, SPREAD / np.sqrt(fan), size)
                               for fan, size in zip(fan_in, self.sizes)])

    def __call__(self, x):
        *weights, features = [part.reshape(shape)
                              for part, shape in zip(np.split(x, self.splits), self.shapes)]
        inputs = [features]
        for weight in weights:
            inputs.append(weight @ inputs[-1])
        logits = inputs[-1] - inputs[-1].max(axis=0)
        exponentials = np.exp(logits)
        sums = exponentials.sum(axis=0)
        chosen = (self.labels, np.arange(self.samples))
        value = (np.log(sums) - logits[chosen]).mean() + 0.5 * self.ridge * (x @ x)
        signal = exponentials / sums
        signal[chosen] -= 1.0
        signal /= self.samples
        gradient = self.ridge * x
        parts = [part.reshape(shape)
                 for part, shape in zip(np.split(gradient, self.splits), self.shapes)]
        for layer in range(len(weights) - 1, -1, -1):
            parts[layer] += signal @ inputs[layer].T
            signal = weights[layer].T @ signal
        parts[-1] += signal
        self.norm = np.sqrt(gradient @ gradient)
        return value, gradient


def check_gradient(model):
    random = np.random.default_rng(7)
    x, along, step = model.start(random), random.normal(size=sum(model.sizes)), 1e-6
    slope = (model(x + step * along)[0] - model(x - step * along)[0]) / (2.0 * step)
    exact = model(x)[1] @ along
    if abs(slope - exact) > 1e-6 * max(1.0, abs(exact)):
        sys.exit(f"the gradient in NumPy is wrong: {exact} where differences say {slope}")


def run_scipy(model, restarts, seed):
    """Processor seconds a restart, how many reached the tolerance, the lowest loss."""
    def stop(_):
        if model.norm <= TOLERANCE:
            raise StopIteration

    random = np.random.default_rng(seed)
    reached, losses, start = 0, [], time.process_time()
    for _ in range(restarts):
        end = minimize(model, model.start(random), jac=True, method="L-BFGS-B", callback=stop,
                       options={"maxiter": 100000, "maxfun": 1000000, "ftol": 0.0, "gtol": 0.0})
        model(end.x)
        reached += model.norm <= TOLERANCE
        losses.append(end.fun)
    return (time.process_time() - start) / restarts, reached, min(losses)


def run_campaign(program, case, seed, further):
    """Processor seconds a restart, and the lowest loss. further: members of the plan."""
    _, classes, per_class, width, depth, ridge, restarts, _ = case
    with tempfile.TemporaryDirectory() as folder:
        plan = os.path.join(folder, "plan.json")
        with open(plan, "w", encoding="utf-8") as file:
            json.dump({"classes": classes, "samples": per_class, "width": width, "depth": depth,
                       "lambda": ridge, "init": f"normal-fanin:{SPREAD}", "method": "lbfgs",
                       "tolerance": TOLERANCE, "restarts": restarts, "seed": seed, **further}, file)
        record = os.path.join(folder, "record.json")
        child = subprocess.Popen([program, "basins", plan, "-o", os.path.join(folder, "c.db"),
                                  "--workers", "1", "--threads", "1", "--json", record],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{program} basins ended with exit code {child.returncode}")
        with open(record, encoding="utf-8") as file:
            classes = json.load(file)["result"]["settings"][0]["classes"]
    return (usage.ru_utime + usage.ru_stime) / restarts, min(row["loss"] for row in classes)


def kernel_of_numpy():
    folder = os.path.join(os.path.dirname(np.__file__), os.pardir, "numpy.libs", "*openblas*")
    for path in glob.glob(folder):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_",
                     "openblas_get_corename"):
            if hasattr(library, name):
                get = getattr(library, name)
                get.restype = ctypes.c_char_p
                return get().decode()
    return "unknown"


def run_case(program, case):
    name, restarts, peers = case[0], case[6], case[7]
    model = Model(*case[1:6])
    check_gradient(model)
    alone, whole, scipys, reached = [], [], [], 0
    for seed in range(1, ROUNDS + 1):
        seconds, lowest = run_campaign(program, case, seed, {"polish": False, "count_limit": 0})
        alone.append(seconds)
        seconds, there, loss = run_scipy(model, peers, seed)
        scipys.append(seconds)
        reached += there
        whole.append(run_campaign(program, case, seed, {})[0])
        if abs(loss - lowest) > 1e-9 * lowest:
            sys.exit(f"{name}: the lowest loss is {lowest} here and {loss} there")
    ratios = [theirs / ours for theirs, ours in zip(scipys, alone)]
    ratio = statistics.median(ratios)
    print(f"{name}: SciPy {1.0 / statistics.median(scipys):.4g} descents a second ({peers} a round, "
          f"{reached} of {peers * ROUNDS} reached {TOLERANCE:g})")
    print(f"  descents {1.0 / statistics.median(alone):.4g} a second ({restarts} a round), "
          f"{ratio:.1f} times as many ({min(ratios):.1f} to {max(ratios):.1f}; target {TARGET:g}"
          f"{'' if ratio >= TARGET else ', MISSED'})")
    print(f"  whole restarts {1.0 / statistics.median(whole):.4g} a second, "
          f"{statistics.median(scipys) / statistics.median(whole):.1f} times as many")
    return ratio >= TARGET


def main():
    arguments = [word for word in sys.argv[1:] if word != "--check"]
    program = arguments[0] if arguments else "build/thalweg"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    print(version.stdout.strip().replace("\n", "; "))
    print(f"NumPy {np.__version__}, SciPy {scipy.__version__}, kernel {kernel_of_numpy()}")
    kept = [run_case(program, case) for case in CASES]
    return 0 if all(kept) or "--check" not in sys.argv else 1


if __name__ == "__main__":
    sys.exit(main())
