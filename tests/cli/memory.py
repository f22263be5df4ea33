# SPDX-License-Identifier: GPL-3.0-or-later
"""Every subcommand when one of its allocations fails: an exit code and a sentence, no crash, no block
left, no file that is half written. The second argument is the program `failing`, which runs thalweg
with the allocation of a given number failing; the third says how many allocations of a case fail,
`all` or so many spread over the run; names of cases behind it: only these."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from cli import DATA, REAL, check, finish

PROGRAM, FAILING = map(os.path.abspath, sys.argv[1:3])  # cases run in folders of their own
SPREAD, *ONLY = sys.argv[3:]
HOME = Path(tempfile.mkdtemp())
INPUTS = HOME / "inputs"
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PATH": "/nonexistent"}  # no gnuplot
NEW = "--classes 3 --samples 2 --width 4 --depth 2 --lambda .01"

# {name: words}; files come from INPUTS, each case runs in a folder of its own.
CASES = {
    "version": "--version",
    "help": "help spectrum",
    "man": "help --man train",
    "completion": "help --completion bash",
    "no command": "nothing",
    "no option": "info p.npz --nothing",
    "no number": "spectrum p.npz --largest many",
    "no file": "info missing.npz",
    "info": "info p.npz --json record.json",
    "info h5": "info p.h5",
    "info safetensors": "info p.safetensors",
    "info relu": "info relu.safetensors --json record.json",
    "convert h5": "convert p.npz out.h5",
    "convert npz": "convert p.h5 out.npz",
    "convert safetensors": "convert p.npz out.safetensors",
    "polish": "polish start.npz -o out.npz --json record.json",
    "spectrum": "spectrum p.npz --json record.json",
    "spectrum arpack": "spectrum p.npz --largest 2 --smallest 1 --method arpack --json record.json",
    "spectrum lanczos": "spectrum p.npz --largest 2 --smallest 2 --method lanczos --json record.json",
    "spectrum sectors": "spectrum p.npz --method sectors --json record.json",
    "spectrum parts": "spectrum p.npz --part gauss-newton --block W1 --json record.json",
    "spectrum near": "spectrum p.npz --near-zero 3 --json record.json",
    "spectrum interval": "spectrum p.npz --interval 0.01 0.02 --json record.json",
    "spectrum plan": "spectrum p.npz --plan --json record.json",
    "closed form": f"spectrum --closed-form dnc {NEW} --json record.json",
    "closed form plan": f"spectrum --closed-form dnc {NEW} --plan --json record.json",
    "degeneracy": "degeneracy p.npz --json record.json --report out.html",
    "degeneracy deflated": "degeneracy p.npz --dense-limit 1 --json record.json",
    "density": "density p.npz --json record.json",
    "density probes": "density p.npz --method lanczos --json record.json",
    "trace": "trace p.npz --json record.json",
    "trace probes": "trace p.npz --method lanczos --json record.json",
    "flatness": "flatness p.npz --pairs 2 --ascents 1 --json record.json",
    "flatness probes": "flatness p.npz --dense-limit 1 --pairs 2 --ascents 1 --json record.json",
    "free energy": "free-energy p.npz q.npz --json record.json",
    "free energy widths": "free-energy --closed-form dnc/cross-polytope --classes 4 --samples 1 "
                          "--widths 4,5 --depth 2 --lambda .001 --json record.json",
    "certify": "certify saddle.npz -o out.npz --json record.json",
    "certify check": "certify --check proof.npz --json record.json",
    "compare": "compare p.npz q.npz --json record.json --markdown out.md --latex out.tex",
    "construct zero": f"construct zero {NEW} -o out.npz --json record.json",
    "construct dnc": f"construct dnc {NEW} -o out.h5 --json record.json",
    "construct srg": "construct srg:4 --classes 6 --samples 1 --width 7 --depth 3 --lambda .001 "
                     "-o out.npz",
    "construct padded": "construct padded:p.npz --width 9 -o out.npz",
    "construct random": f"construct random:normal:1 {NEW} --bias -o out.safetensors",
    "train": f"train {NEW} -o out.npz --json record.json --trajectory out.csv --lambda-min",
    "train zero": "train --classes 3 --samples 1 --width 4 --depth 1 --lambda .01 --init zero "
                  "-o out.npz --json record.json",
    "train sgd": f"train {NEW} --method sgd --batch 2 --lr .05 --steps 20 --checkpoint 5 -o out.h5",
    "train flow": f"train {NEW} --method flow --t-end 1 --checkpoint 3 -o out.npz",
    "train newton": f"train {NEW} --method newton --polish -o out.npz",
    "train smooth": f"train {NEW} --activation relu --steps 20 --smooth -o out.npz --json record.json",
    "train resume": "train --resume cut.npz --steps 30 --json record.json",
    "basins": "basins plan.json -o out.db --workers 1 --json record.json",
    "basins resume": "basins resume done.db --workers 1 --json record.json",
    "basins taken": "basins resume taken.db --workers 1 --json record.json",
    "basins status": "basins status done.db --json record.json",
    "basins export": "basins export done.db --csv out --json record.json",
    "basins replay": "basins plan.json -o done.db --only 1 --json record.json",
    "critical": f"critical {NEW} --starts 3 --json record.json",
    "critical store": f"critical {NEW} --starts 3 -o out.db --json record.json",
    "slice": "slice p.npz --along random,eigen:1 --grid 3 -o out.h5 --csv out.csv --json record.json",
    "slice line": "slice p.npz q.npz --grid 5 --json record.json",
    "report": "report compare.json spectrum.json flatness.json basins.json -o out.html "
              "--figures figures --markdown out.md --latex out.tex",
    "selftest": "selftest --json record.json",
    "verify": "verify --quick --only g --json record.json --report out.html",
}
# Exit codes of runs that lack nothing, where they are not 0.
CODES = {"no command": 2, "no option": 2, "no number": 2, "no file": 3, "certify check": 0,
         "train zero": 4, "train sgd": 4, "train resume": 4}


def thalweg(words, expect=0):
    done = subprocess.run([PROGRAM, *words.split()], cwd=INPUTS, capture_output=True, text=True,
                          env=ENVIRONMENT, check=False)
    check(done.returncode == expect, f"{words}: exit {done.returncode}: {done.stderr}")


def make_inputs():
    INPUTS.mkdir()
    for name, source in (("p", "ce-L2-K4-dnc"), ("q", "ce-L2-K4-rank2")):
        for extension in (".npz", ".json"):
            shutil.copy(DATA / (source + extension), INPUTS / (name + extension))
    shutil.copy(REAL / "torch-relu-K4.safetensors", INPUTS / "relu.safetensors")
    plan = {"classes": 3, "samples": 1, "width": [3, 4], "depth": 2, "lambda": 0.01, "restarts": 2}
    (INPUTS / "plan.json").write_text(json.dumps(plan))
    thalweg("convert p.npz p.h5")
    thalweg("convert p.npz p.safetensors")
    thalweg("construct random:normal:0.3 --classes 3 --samples 1 --width 4 --depth 2 --lambda .01 "
            "-o start.npz")
    thalweg("construct cross-polytope --classes 4 --samples 1 --width 5 --depth 1 --lambda .02 "
            "-o saddle.npz")
    thalweg("certify saddle.npz -o proof.npz")
    thalweg(f"train {NEW} --method gd --steps 10 -o cut.npz", expect=4)
    thalweg("basins plan.json -o done.db --json basins.json")
    # Another host was at work on it, which nobody can ask.
    shutil.copy(INPUTS / "done.db", INPUTS / "taken.db")
    with sqlite3.connect(INPUTS / "taken.db") as connection:
        connection.execute("INSERT INTO sessions (host, boot, pid, start) VALUES ('x', 'y', 1, 2)")
    connection.close()
    thalweg("compare p.npz q.npz --json compare.json")
    thalweg("spectrum p.npz --json spectrum.json")
    thalweg("flatness p.npz --pairs 2 --ascents 1 --json flatness.json")


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*")
            if path.is_file()}


class Case:
    """One command line in a folder of its own, run again and again from the same state."""

    def __init__(self, name):
        self.name, self.words = name, CASES[name].split()
        self.base = HOME / re.sub(r"\W", "-", name)
        self.folder = self.base / "work"
        shutil.copytree(INPUTS, self.folder)
        self.before = contents(self.folder)
        self.child = subprocess.Popen(
            [FAILING, self.base / "out", self.base / "err", *self.words], cwd=self.folder,
            env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, number):
        """(exit code, was the allocation reached, allocations, blocks left)"""
        self.child.stdin.write(f"{number}\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline().split()
        self.out = (self.base / "out").read_text(errors="replace")
        self.err = (self.base / "err").read_text(errors="replace")
        self.after = contents(self.folder)
        return map(int, answer)

    def restore(self):
        for path in self.after.keys() - self.before.keys():
            (self.folder / path).unlink(missing_ok=True)  # looking at a database merges its log
        for folder in sorted(self.folder.rglob("*"), reverse=True):
            if folder.is_dir():
                folder.rmdir()
        for path, data in self.before.items():
            if self.after.get(path) != data:
                (self.folder / path).write_bytes(data)

    def close(self):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()
        shutil.rmtree(self.base)


def shape(text):
    """Text without what a clock makes different."""
    return re.sub(r"[-+.\de]*\d[-+.\de]*", "#", re.sub(r" +", " ", text))


def is_whole(path, data, good):
    """Whether a file that a run left behind is one that its reader can use."""
    if path.suffix == ".db":
        connection = sqlite3.connect(path)
        answer = connection.execute("PRAGMA integrity_check").fetchall()
        connection.close()
        return answer == [("ok",)]
    return data == good or good and shape(data.decode("latin-1")) == shape(good.decode("latin-1"))


def is_waiting(path):
    """SQLite's log, which stays when closing has no memory to merge it, and is merged at the next
    opening."""
    return path.name.endswith((".db-wal", ".db-shm"))


def check_files(case, label, good):
    """All that came or changed is named as in the good run, and whole."""
    for path, data in case.after.items():
        if case.before.get(path) == data or is_waiting(path):
            continue
        check(path in good, f"{label}: left {path}")
        check(is_whole(case.folder / path, data, good.get(path)), f"{label}: {path} is half written")
    for path in case.before:
        check(path in case.after, f"{label}: {path} is gone")


def check_failure(case, number, code, left, truth):
    """Returns whether the run could do without the allocation."""
    label = f"{case.name}: allocation {number}"
    last = case.err.splitlines()[-1:]
    notes = set(case.err.splitlines()[:-1])
    tolerated = (code, case.err) == (truth.code, truth.err)
    if tolerated:
        check(shape(case.out) == shape(truth.out), f"{label}: said nothing, printed {case.out!r}")
    else:
        check(code in (1, 2, 3, 4), f"{label}: exit {code}: {case.err[-2000:]!r}")
        check(last and re.fullmatch("thalweg: .*memory.*", last[0]), f"{label}: complained {last}")
        check(notes <= set(truth.err.splitlines()), f"{label}: complained {case.err[-2000:]!r}")
    check(left == 0, f"{label}: {left} blocks left")
    check_files(case, label, truth.files)
    return tolerated


def numbers(count):
    """All, or a spread with the first and the last."""
    tried = count if SPREAD == "all" else int(SPREAD)
    if count <= tried:
        return range(count)
    return sorted({count - 1, *(count * i // (tried - 1) for i in range(tried - 1))})


def check_case(name):
    case = Case(name)
    code, hit, count, left = case.run(2**62)
    truth = SimpleNamespace(code=code, err=case.err, out=case.out, files=case.after)
    check(hit == 0 and code == CODES.get(name, 0), f"{name}: exit {code}: {case.err!r}")
    check(left == 0, f"{name}: {left} blocks left")
    case.restore()
    tolerated = 0
    for number in numbers(count):
        code, hit, _, left = case.run(number)
        check(hit == 1, f"{name}: allocation {number} of {count} was not reached")
        tolerated += check_failure(case, number, code, left, truth)
        case.restore()
    case.close()
    print(f"{name}: {count} allocations, {len(numbers(count))} failed, {tolerated} of them tolerated")


make_inputs()
for each in CASES:
    if not ONLY or each in ONLY:
        check_case(each)
shutil.rmtree(HOME)
finish()
