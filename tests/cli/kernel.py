# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel of BLAS that the program computes with: the best that the processor runs, or the one
that the user asked for; named in every record, and nobody else's environment is changed."""

import json
import os
import re
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from cli import PROGRAM, check, finish

FOLDER = Path(tempfile.mkdtemp())
VARIABLE = "OPENBLAS_CORETYPE"
CALL = ["construct", "dnc", "--classes", "4", "--samples", "1", "--width", "6", "--depth", "2",
        "--lambda", "0.01", "-o"]
AVX512 = {"avx512f", "avx512dq", "avx512bw", "avx512vl"}


def start(*words, kernel=None, **options):
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    environment.update({VARIABLE: kernel} if kernel else {}, **options)
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                          env=environment)


def kernel_of(done):
    lines = done.stdout.splitlines()
    check(done.returncode == 0 and len(lines) == 3 and lines[2].startswith("kernel: "),
          f"--version: {done.stdout!r}")
    return lines[2].removeprefix("kernel: ")


def features():
    """What the operating system says of the processor; empty where it does not."""
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    flags = re.search(r"^flags\s*:(.*)$", text, re.M)
    return set(flags.group(1).split()) if flags else set()


def fastest():
    """The kernels that are right for this processor; None where the test knows nothing of it."""
    has = features()
    if AVX512 <= has:
        return {"SkylakeX", "Cooperlake", "SapphireRapids"}
    return {"Haswell", "Zen"} if {"avx2", "fma"} <= has else None


def default():
    done = start("--version")
    kernel = kernel_of(done)
    openblas = done.stdout.splitlines()[1].startswith("OpenBLAS ")
    if openblas and fastest():
        check(kernel in fastest(), f"{kernel} on a processor for {fastest()}")
        check(done.stderr == "", f"--version complains: {done.stderr}")
    return kernel, openblas


def asked_for(openblas):
    """Also a bad one: it is what the user wants to see."""
    if not openblas or not fastest():
        return
    for kernel in ("Haswell", "Nehalem", "Prescott"):
        done = start("--version", kernel=kernel.upper())
        check(kernel_of(done) == kernel, f"asked for {kernel}: {done.stdout!r}")
        check(done.stderr == "", f"asked for {kernel}: {done.stderr}")


def recorded(kernel):
    point = FOLDER / "point.h5"
    check(start(*CALL, point).returncode == 0, "no point")
    said = json.loads(start("degeneracy", point, "--threads", "1", "--json", "-").stdout)
    libraries = said["provenance"]["libraries"]
    check(list(libraries["blas"]) == ["name", "version", "kernel", "threads"], f"{libraries}")
    check(libraries["blas"]["kernel"] == kernel, f"{libraries} at {kernel}")
    check(libraries["blas"]["threads"] == 1, f"{libraries} with one thread")
    for name in ("ARPACK-NG", "GSL", "HDF5", "SQLite"):
        check(re.match(r"\d+\.\d+", libraries.get(name, "")), f"{name}: {libraries}")
    return point, said


def the_same_as_by_hand(point, said, kernel, openblas):
    """Set by hand or found: the same digits."""
    if not openblas:
        return
    by_hand = json.loads(start("degeneracy", point, "--threads", "1", "--json", "-",
                               kernel=kernel.upper()).stdout)
    for record in (by_hand, said):
        record["result"].pop("seconds", None)
    check(by_hand["result"] == said["result"], f"{kernel} by hand differs")


def tested():
    done = start("selftest", "--json", "-")
    rows = [row for row in json.loads(done.stdout)["result"]["checks"] if "kernel" in row["name"]]
    check(len(rows) == 4 and all(row["holds"] for row in rows), f"selftest: {rows}")


def children_and_signals(point):
    """What the program starts sees the environment that the program was started with."""
    seen = FOLDER / "seen"
    stub = FOLDER / "gnuplot"
    stub.write_text(f"#!/bin/sh\nenv >{seen}\n", encoding="utf-8")
    stub.chmod(stub.stat().st_mode | stat.S_IEXEC)
    record = FOLDER / "record.json"
    start("degeneracy", point, "--json", record)
    path = f"{FOLDER}:{os.environ['PATH']}"
    for kernel in (None, "HASWELL"):
        seen.unlink(missing_ok=True)
        start("report", record, "--figures", FOLDER / "figures", kernel=kernel, PATH=path)
        words = seen.read_text(encoding="utf-8").splitlines() if seen.exists() else []
        check(bool(words), "the stand-in for gnuplot was not called")
        named = [word for word in words if word.startswith(VARIABLE)]
        check(named == ([f"{VARIABLE}={kernel}"] if kernel else []), f"a child saw {named}")
    running = subprocess.Popen([PROGRAM, "verify"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    running.send_signal(signal.SIGTERM)
    check(running.wait(30) == -signal.SIGTERM, f"SIGTERM: exit {running.returncode}")


KERNEL, OPENBLAS = default()
asked_for(OPENBLAS)
POINT, SAID = recorded(KERNEL)
the_same_as_by_hand(POINT, SAID, KERNEL, OPENBLAS)
tested()
children_and_signals(POINT)
finish()
