# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the program and check what it says. Every test program takes the path of thalweg first."""

import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
REAL = ROOT / "examples" / "data"

failures = []
checks = 0


class Served:
    """The program by served.c, which has loaded its libraries once; `before` is called in that
    process at its start. Where nobody names one in SERVED, every call starts the program itself."""

    def __init__(self, before=None):
        self.before, self.process, self.environment = before, None, None
        self.folder = tempfile.mkdtemp()
        atexit.register(self.end)

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def begin(self, program):
        """A process with today's environment."""
        if self.process and self.environment == os.environ:
            return
        self.stop()
        self.environment = dict(os.environ)
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=self.before)

    def call(self, *words):
        """The finished process, what it said as bytes."""
        words = [PROGRAM, *map(os.fsencode, words)]
        program = os.environ.get("SERVED")
        if program is None:
            return subprocess.run(words, capture_output=True, check=False, preexec_fn=self.before,
                                  stdin=subprocess.DEVNULL)
        self.begin(program)
        paths = [os.path.join(self.folder, name) for name in ("out", "err")]
        request = b"".join(os.fsencode(word) + b"\0" for word in (os.getcwd(), *paths, *words))
        self.process.stdin.write(b"%d\n%b" % (len(request), request))
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        said = [pathlib.Path(path).read_bytes() for path in paths]
        return subprocess.CompletedProcess(words, code, *said)


SERVED = Served()


def run(*words, expect=0):
    """Run thalweg; the exit code has to be `expect` (None: any). Returns the finished process."""
    done = SERVED.call(*map(str, words))
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
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
