# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of time bind: --max-seconds and a signal end every subcommand, in whatever stage it is, with
exit code 4 and what there is.

usage: limits.py THALWEG [wall]

With 'wall' each run would take ten seconds of processor time or more without a limit, but for those
of info and construct, which take three: where they took longer, one evaluation of the loss, which is
not divided, would take a second. What is measured is processor time: the clock of the limit is the
wall's, so that a busy machine gives a run less of it, never more. With 'wall' limits and signals
come after two seconds in every run, which ends within three on the wall's clock where the machine
is quiet."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import cli

WALL = "wall" in sys.argv[2:]
QUIET = os.getloadavg()[0] < 0.5
LIMIT = 2.0 if WALL else 0.25
MOST = LIMIT + 1.0  # of the wall's clock where nobody else computes; of processor time

# name of the point: how it is made
POINTS = {
    "small": "--classes 20 --samples 3 --width 40 --depth 2",
    "relu": "--classes 50 --samples 200 --width 120 --depth 3 --activation relu",
    "bent": "--classes 50 --samples 4 --width 120 --depth 3 --activation relu",
    "thin": "--classes 100 --samples 1 --width 24 --depth 2",
    "square": "--classes 100 --samples 1 --width 100 --depth 3",
    "middle": "--classes 50 --samples 4 --width 120 --depth 3 --bias",
    "generic": "--classes 500 --samples 1 --width 500 --depth 2",
    "wide": "--classes {0} --samples 1 --width {0} --depth 2".format(1200 if WALL else 700),
    "large": "--classes 60 --samples 40 --width 120 --depth 3",
}

MODEL = "--classes 60 --samples 40 --width 120 --depth 3 --lambda 1e-4"

# Every subcommand that takes --max-seconds, by its slow routes; in a short test the first of each
# subcommand gets a signal. {0}: where files may go.
LONG = [
    "info wide.h5",
    "construct random " + POINTS["wide"] + " --lambda 1e-3 -o {0}.h5",
    "polish large.h5 -o {0}.h5",
    "polish generic.h5 -o {0}.h5",
    "spectrum small.h5",
    "spectrum generic.h5 --smallest 2",
    "spectrum generic.h5 --near-zero 2",
    "spectrum large.h5 --largest 20 --smallest 20 --method lanczos",
    "spectrum large.h5 --largest 20 --smallest 20 --method arpack",
    "spectrum middle.h5 --near-zero 5",
    "spectrum middle.h5 --interval 0.001 0.002",
    "spectrum relu.h5 --below 0",
    "degeneracy small.h5 --no-polish",
    "degeneracy middle.h5",
    "degeneracy generic.h5 --no-polish",
    "degeneracy relu.h5 --no-polish",
    "compare middle.h5 small.h5 bent.h5",
    "compare generic.h5 small.h5 --no-polish",
    "density large.h5",
    "density small.h5",
    "density generic.h5",
    "trace small.h5",
    "trace large.h5",
    "trace generic.h5",
    "flatness large.h5",
    "flatness small.h5",
    "flatness generic.h5",
    "free-energy square.h5 --no-polish",
    "free-energy generic.h5 --no-polish",
    "certify middle.h5",
    "certify generic.h5 --no-polish",
    "certify small.h5 --no-polish",
    "train " + MODEL + " --method gd --lr 0.001 -o {0}.h5",
    "train " + MODEL + " --method adam --lr 0.001 -o {0}.h5",
    "train " + MODEL + " --method lbfgs -o {0}.h5",
    "train " + MODEL + " --method newton -o {0}.h5",
    "train " + MODEL + " --method flow -o {0}.h5",
    "train " + MODEL + " --method gd --lr 0.001 --trajectory {0}.csv --lambda-min -o {0}.h5",
    "train --classes 11 --samples 9 --width 60 --depth 3 --lambda 0 --method gd --lr 1e-3 -o {0}.h5",
    "train --classes 20 --samples 10 --width 60 --depth 3 --lambda 1e-4 --activation relu --smooth"
    " -o {0}.h5",
    "basins " + MODEL + " --restarts 1000 -o {0}.db",
    "critical --classes 5 --samples 10 --width 20 --depth 3 --lambda 1e-3 -o {0}.db",
    "slice large.h5 --along random,random --grid 1001 -o {0}.h5",
    "slice small.h5 --along eigen:1 --dense-limit 6000",
    "slice generic.h5 --along gauge,random --grid 1001",
    "verify",
]


def subcommand(command):
    return command.split()[0]


def signalled():
    """Every run of the long test, one a subcommand of the short one."""
    firsts = {subcommand(command): command for command in reversed(LONG)}
    return [command for command in LONG if WALL or firsts[subcommand(command)] == command]


def names_with_limit():
    """The subcommands whose page lists --max-seconds."""
    names = re.findall(r"^  ([a-z-]+)  +\S", cli.run("help").stdout, re.MULTILINE)
    return [name for name in names if name != "help"
            and "--max-seconds" in cli.run(name, "--help").stdout]


def listens(process):
    """Wait until SIGTERM is caught: before, it ends any program."""
    until = time.monotonic() + 60.0
    while process.poll() is None and time.monotonic() < until:
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            caught = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.MULTILINE)
        if caught and int(caught[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.002)


def start(words):
    # one thread: processor time is then a measure of the time in one stage
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    # the test runner has every allocated byte written: a second for bases that nobody may ever fill
    environment.pop("MALLOC_PERTURB_", None)
    threads = [] if "--workers" in words else ["--threads", "1"]
    return subprocess.Popen([cli.PROGRAM, *words, *threads], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True, env=environment)


def finish(process, words, begun, name):
    """Its end, held against the limit."""
    complaint = process.stderr.read()
    _, state, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(state)
    spent = usage.ru_utime + usage.ru_stime
    if words[0] == "basins":  # as many workers as processors
        spent /= os.cpu_count()
    if WALL and QUIET:
        spent = time.monotonic() - begun
    text = " ".join(words)
    cli.check(process.returncode == 4, f"{text}: exit {process.returncode}: {complaint[-300:]}")
    cli.check(spent <= MOST, f"{text}: {spent:.2f} s, at most {MOST:g}")
    cli.check("could not be cancelled" not in complaint, f"{text}: {complaint[-300:]}")
    try:
        with open(name + ".json", encoding="utf-8") as file:
            cli.check("result" in json.load(file), f"{text}: a record without result")
    except (OSError, ValueError) as error:
        cli.check(False, f"{text}: no whole record: {error}")
    cli.check(not [f for f in os.listdir(".") if f.endswith(".tmp")], f"{text}: temporary files")


def prepare(command, number):
    name = f"out{number}"
    return name, command.format(name).split() + ["--json", name + ".json"]


def limits():
    known = {subcommand(command) for command in LONG}
    for name in names_with_limit():
        cli.check(name in known, f"{name} takes --max-seconds and has no long run here")
    for number, command in enumerate(LONG):
        name, words = prepare(command, number)
        words += ["--max-seconds", str(LIMIT)]
        begun = time.monotonic()
        finish(start(words), words, begun, name)


def signals():
    for number, command in enumerate(signalled()):
        name, words = prepare(command, 100 + number)
        begun = time.monotonic()
        process = start(words)
        listens(process)
        time.sleep(LIMIT)
        process.send_signal(signal.SIGTERM if number % 2 else signal.SIGINT)
        finish(process, words, begun, name)


def second_signal():
    """Ends at once, and leaves nothing behind."""
    process = start(["train", *MODEL.split(), "--method", "gd", "-o", "second.h5"])
    listens(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    cli.check(process.wait(60) == 4, f"two signals: exit {process.returncode}")
    cli.check(not [f for f in os.listdir(".") if f.endswith(".tmp")], "two signals: temporary files")


cli.PROGRAM = os.path.abspath(cli.PROGRAM)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for point, model in POINTS.items():
        cli.run("construct", "random", *model.split(), "--threads", "1", "--lambda", "1e-3", "-o", point + ".h5")
    limits()
    signals()
    second_signal()
    os.chdir("/")
cli.finish()
