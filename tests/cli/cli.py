# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the program and check what it says. Every test program takes the path of thalweg first."""

import json
import pathlib
import re
import subprocess
import sys

PROGRAM = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
REAL = ROOT / "examples" / "data"

failures = []
checks = 0


def run(*words, expect=0):
    """Run thalweg; the exit code has to be `expect` (None: any). Returns the finished process."""
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    check(expect is None or done.returncode == expect,
          f"{' '.join(map(str, words))}: exit {done.returncode}, expected {expect}: {done.stderr.strip()}")
    return done


def result(*words, expect=0):
    """The `result` of the record that --json - prints."""
    done = run(*words, "--json", "-", expect=expect)
    return json.loads(done.stdout)["result"]


def check(condition, message):
    global checks
    checks += 1
    if not condition:
        failures.append(message)
        print("FAILED:", message)


def near(name, value, target, tolerance):
    check(value is not None and abs(value - target) <= tolerance,
          f"{name}: {value!r}, expected {target!r} within {tolerance:g}")


def refused(*words, part="", code=2):
    """One sentence on standard error, nothing on standard output."""
    done = run(*words, expect=code)
    text = " ".join(map(str, words))[:120]
    check(done.stdout == "", f"{text}: printed {done.stdout[:80]!r}")
    good = re.fullmatch(r"thalweg: [^\n]*\n", done.stderr) and part in done.stderr
    check(good, f"{text}: complained {done.stderr[:200]!r} without {part!r}")


def finish():
    print(f"{checks} checks, {len(failures)} failed")
    sys.exit(1 if failures or checks == 0 else 0)
