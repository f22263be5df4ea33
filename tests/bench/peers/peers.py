# SPDX-License-Identifier: GPL-3.0-or-later
"""One Hessian product beside those of PyTorch and JAX, the largest eigenvalue beside curvlinops: the
same model, point and direction, float64, as many threads for each. They take turns, a batch each,
in one order and then in the other; figures are medians over the turns. Results that differ are no
comparison and end it.

    tests/bench/peers/peers.py --program build/tests/bench/product [--venv DIR [--install]]
        [--page docs/performance.md] [--turns 7] [--check]

A thread that waits for one which other work has put off spins, so that on a busy machine several
threads measure the waiting: rows of two are then left out, and the text says so.

--venv: a virtual environment whose Python has the packages; --install makes it. Without it
this Python is taken. --check: exit 1 when a target is missed (ours / theirs, processor time)."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
CLASSES, LAYERS = 10, 3
PACKAGES = ["numpy", "scipy", "torch", "jax", "curvlinops-for-pytorch"]


class Job(NamedTuple):
    """What is measured: by whom (a script, or none for the program), at which (d, N), with which
    targets for ours / theirs."""
    title: str
    servers: dict
    sizes: list
    targets: dict


JOBS = {
    "product": Job("One Hessian product",
                   {"thalweg": None, "PyTorch": "torch_product.py", "JAX": "jax_product.py"},
                   [(64, 100), (256, 1000), (512, 1000), (1024, 2000)],
                   {"PyTorch": 1.0, "JAX": 0.75}),
    "largest": Job("The largest eigenvalue",
                   {"thalweg": None, "curvlinops": "curvlinops_largest.py"},
                   [(64, 100), (128, 200)], {"curvlinops": 1.0}),
}
CLOCKS = ("wall", "processor")
BATCH = 0.2  # seconds of a turn, at least
AGREE = 1e-10  # relative difference of two results at most
QUIET = 0.1  # share of the processors that other work may take beside several threads


class Load:
    """What all processors did since this was made: the share that was not ours."""

    def __init__(self):
        self.start = self.ticks()

    @staticmethod
    def ticks():
        first = pathlib.Path("/proc/stat").read_text().split("\n")[0]
        fields = [int(x) for x in first.split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    def others(self, ours=0.0):
        """ours: the processor seconds of the measured program."""
        total, idle = (now - then for now, then in zip(self.ticks(), self.start))
        return max(0.0, 1.0 - (idle + ours * os.sysconf("SC_CLK_TCK")) / max(total, 1))


class Server:
    """A process that answers lines with JSON, on the first `threads` processors."""

    def __init__(self, name, command, threads):
        mine = sorted(os.sched_getaffinity(0))[:threads]
        counts = {key: str(threads) for key in
                  ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | counts, preexec_fn=lambda: os.sched_setaffinity(0, mine))
        self.version = self.answer()["version"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with code {self.process.wait()}")
        return json.loads(line)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def python_of(options):
    if options.venv is None:
        return sys.executable
    python = options.venv / "bin" / "python"
    if options.install:
        subprocess.run([sys.executable, "-m", "venv", options.venv], check=True)
        subprocess.run([python, "-m", "pip", "install", *PACKAGES], check=True)
    return str(python)


MAKE = """import sys, numpy as np
width, samples, classes, layers = map(int, sys.argv[2:])
count = (layers - 1) * width**2 + classes * width + width * samples
draws = np.random.default_rng(1).standard_normal(2 * count)
draws[:count] *= 0.1
draws.tofile(sys.argv[1])"""

DIFFERENCE = """import sys, numpy as np
ours, theirs = (np.fromfile(path) for path in sys.argv[1:])
print(np.linalg.norm(ours - theirs) / np.linalg.norm(ours))"""


def check_agreement(python, folder, servers):
    for server in servers:
        server.ask(f"write {folder / server.name}")
    for server in servers[1:]:
        difference = float(subprocess.check_output(
            [python, "-c", DIFFERENCE, folder / servers[0].name, folder / server.name]))
        if not difference <= AGREE:
            sys.exit(f"the result of {server.name} differs by {difference:.1e}")


def measure(options, python, kind, size, threads):
    """{name: [{wall, processor, others} of each turn]} and the versions."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        numbers = [str(x) for x in (*size, CLASSES, LAYERS)]
        subprocess.run([python, "-c", MAKE, folder / "point", *numbers], check=True)
        servers = []
        for peer, script in JOBS[kind].servers.items():
            start = [options.program, kind] if script is None else [python, HERE / script]
            command = [*start, folder / "point", *numbers, str(threads)]
            servers.append(Server(peer, command, threads))
        check_agreement(python, folder, servers)
        counts = {s.name: int(BATCH / s.ask("run 1")["processor"]) + 1 for s in servers}
        turns = {s.name: [] for s in servers}
        for turn in range(options.turns):
            for server in servers[:: 1 if turn % 2 == 0 else -1]:
                count, load = counts[server.name], Load()
                figures = server.ask(f"run {count}")
                figures["others"] = load.others(count * figures["processor"])
                turns[server.name].append(figures)
        versions = [s.version for s in servers]
        for server in servers:
            server.close()
    return turns, versions


def median(turns, clock):
    return statistics.median(turn[clock] for turn in turns)


def row(job, size, threads, busy, turns):
    """Cells of the table, and whether the targets are kept."""
    cells, kept = [str(size[0]), str(size[1]), str(threads), f"{100 * busy:.0f} %"], True
    for name in job.servers:
        cells.append(" / ".join(f"{1e3 * median(turns[name], clock):.3g}" for clock in CLOCKS))
    for name, target in job.targets.items():
        ratios = {clock: statistics.median(a[clock] / b[clock] for a, b in
                                           zip(turns["thalweg"], turns[name])) for clock in CLOCKS}
        missed = ratios["processor"] > target
        kept = kept and not missed
        cells.append(" / ".join(f"{ratio:.2f}" for ratio in ratios.values())
                     + (" (missed)" if missed else ""))
    return cells, kept


def line(cells):
    return "| " + " | ".join(cells) + " |"


def table(options, python, kind):
    """The text of one job, and whether its targets are kept."""
    job, all_kept, versions, left_out = JOBS[kind], True, [], 0
    head = ["d", "N", "threads", "other work", *(f"{name}, ms" for name in job.servers)]
    head += [f"thalweg / {name}" for name in job.targets]
    rows = [line(head), line(["--:"] * len(head))]
    for size in job.sizes:
        for threads in (1, 2):
            load = Load()
            time.sleep(1.0)
            busy = load.others()
            if threads == 1 or busy <= QUIET:
                turns, versions = measure(options, python, kind, size, threads)
                busy = statistics.median(turn["others"] for name in turns for turn in turns[name])
            if threads > 1 and busy > QUIET:
                left_out += 1
                continue
            cells, kept = row(job, size, threads, busy, turns)
            all_kept = all_kept and kept
            rows.append(line(cells))
            print(rows[-1], file=sys.stderr, flush=True)
    goals = ", ".join(f"{target:g} of {name}" for name, target in job.targets.items())
    text = (f"{job.title}: {', '.join(versions)}; medians of {options.turns} turns, on the wall / "
            f"of the processor; targets: at most {goals} (processor).")
    if left_out:
        text += f" {left_out} rows of two threads were left out: the machine had other work."
    return text + "\n\n" + "\n".join(rows), all_kept


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--venv", type=pathlib.Path)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--page")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    python = python_of(options)
    tables = [table(options, python, kind) for kind in JOBS]
    text = "\n\n".join(text for text, _ in tables)
    print(text)
    if options.page:
        sys.path.insert(0, str(HERE.parent))
        from paste import paste
        paste(options.page, "peers", text)
    sys.exit(1 if options.check and not all(kept for _, kept in tables) else 0)


if __name__ == "__main__":
    main()
