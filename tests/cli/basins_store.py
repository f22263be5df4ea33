# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with a campaign's file: no room, no permission, damage, other programs' and newer
versions' files. Always one sentence and exit code 3, and nothing that was finished is lost."""

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from cli import PROGRAM, check, finish, result, run

FOLDER = Path(tempfile.mkdtemp())
CALL = ["basins", "--classes", 4, "--samples", 1, "--width", 6, "--depth", 3, "--lambda", "2e-3",
        "--init", "normal-fanin:0.6", "--keep-points", "--restarts", 400]


def rows(path):
    connection = sqlite3.connect(path)
    table = connection.execute("SELECT idx, loss, singular_values, class_logits FROM restarts "
                               "ORDER BY idx").fetchall()
    whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    check(whole == "ok", f"{path.name}: {whole}")
    return table


def refused(done, path, *parts):
    """Exit code 3 and one sentence that names the file and says what is wrong."""
    text = done.stderr
    good = done.returncode == 3 and text.startswith("thalweg: ") and text.count("\n") == 1
    check(good and str(path) in text and all(part in text for part in parts),
          f"{path.name}: exit {done.returncode}, {text!r}")


def start(*words, limit=None, **more):
    def confine():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        # The signal's default would end the process before it can say anything; a full disk sends none.
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                          preexec_fn=confine if limit else None, **more)


def check_no_room():
    """Files that may not grow beyond a limit stop like those on a full disk."""
    path = FOLDER / "full.db"
    for limit in (300_000, 600_000):
        done = start(*CALL, "-o", path, limit=limit)
        refused(done, path, "cannot be")
        check(path.exists() and 0 < len(rows(path)) < 400, f"within {limit} bytes: no rows kept")
        kept = rows(path)
        check(kept == WHOLE[:len(kept)] or set(kept) <= set(WHOLE), f"within {limit} bytes: other rows")
        if limit == 300_000:
            before = len(kept)
    check(len(kept) >= before, "finished restarts were lost")
    run(*CALL, "-o", path)
    check(rows(path) == WHOLE, "after there was room again: other rows")


def check_full_device():
    """A file system that is full, where one can be made."""
    mount = FOLDER / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(mount)],
                          capture_output=True)
    if made.returncode != 0:
        print("no small file system could be made: left out")
        return
    try:
        path = mount / "full.db"
        refused(start(*CALL, "-o", path), path, "full")
        kept = rows(path)
        check(0 < len(kept) < 400 and set(kept) <= set(WHOLE), f"a full disk: {len(kept)} rows")
        refused(start("basins", "resume", path), path, "full")
        check(len(rows(path)) >= len(kept), "a full disk: rows were lost")
        subprocess.run(["mount", "-o", "remount,size=20m", str(mount)], check=True)
        run("basins", "resume", path, "--keep-points")
        check(rows(path) == WHOLE, "after there was room again: other rows")
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


def check_no_permission():
    folder = FOLDER / "closed"
    folder.mkdir()
    path = folder / "part.db"
    run(*CALL[:-1], 5000, "-o", path, "--max-seconds", 0.2, expect=4)
    bytes_before = path.read_bytes()
    path.chmod(0o444)
    folder.chmod(0o555)
    # Root may write anywhere: then another user has to try.
    other = {"user": 65534} if os.geteuid() == 0 else {}
    if other:
        FOLDER.chmod(0o755)
    try:
        probe = subprocess.run([PROGRAM, "--version"], capture_output=True, **other)
        if probe.returncode != 0:
            print("no other user can run the program: left out")
            return
        refused(start("basins", "resume", path, **other), path, "cannot be written")
        refused(start(*CALL[:-1], 5000, "-o", path, **other), path, "cannot be written")
        refused(start(*CALL, "-o", folder / "new.db", **other), folder / "new.db", "cannot be opened")
        seen = start("basins", "status", path, "--json", "-", **other)
        check(seen.returncode == 0, f"a read-only file cannot be looked at: {seen.stderr!r}")
    except PermissionError:
        print("the program is out of another user's reach: left out")
    finally:
        folder.chmod(0o755)
        path.chmod(0o644)
    check(path.read_bytes() == bytes_before, "a read-only file was changed")


def check_damaged():
    """Every page in turn overwritten, the file cut short: refused or, where the page was free or the
    numbers within are the only victims, read; never changed."""
    source = (FOLDER / "whole.db").read_bytes()
    size = int.from_bytes(source[16:18], "big")
    refusals = 0
    pages = range(0, len(source), size * max(1, len(source) // size // 12))
    for at in pages:
        path = FOLDER / "damaged.db"
        path.write_bytes(source[:at] + b"\xa5" * size + source[at + size:])
        before = path.read_bytes()
        for verb in ("status", "resume", "export"):
            done = start("basins", verb, path)
            if done.returncode != 0:
                refused(done, path)
                refusals += 1
        check(path.read_bytes() == before, f"damage at {at}: the file was changed")
    check(refusals >= 3 * len(pages) - 3, f"{refusals} refusals of {3 * len(pages)}")
    for length in (50, 700, len(source) // 2, len(source) - size // 2):
        path = FOLDER / "cut.db"
        path.write_bytes(source[:length])
        refused(start("basins", "resume", path), path)
        check(path.stat().st_size == length, f"cut at {length}: the file was changed")


def check_others():
    """Files of another program and of a newer version."""
    for pragma, value, part in (("application_id", 1234567, "no campaign"),
                                ("user_version", 99, "newer version")):
        path = FOLDER / f"{pragma}.db"
        shutil.copy(FOLDER / "whole.db", path)
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA {pragma} = {value}")
        connection.commit()
        connection.close()
        before = path.read_bytes()
        for words in (["basins", "status", path], ["basins", "resume", path],
                      ["basins", "export", path, "--json", "-"], [*CALL, "-o", path]):
            done = start(*words)
            refused(done, path, part)
            check(done.stdout == "", f"{pragma}: printed {done.stdout[:60]!r}")
        check(path.read_bytes() == before, f"{pragma}: the file was changed")


def check_other_plan():
    path = FOLDER / "whole.db"
    before = path.read_bytes()
    other = [2e-2 if word == "2e-3" else word for word in CALL]
    refused(start(*other, "-o", path), path, "lambda", "0.02", "0.002")
    check(path.read_bytes() == before, "another plan: the file was changed")


try:
    result(*CALL, "-o", FOLDER / "whole.db")
    WHOLE = rows(FOLDER / "whole.db")
    check_no_room()
    check_full_device()
    check_no_permission()
    check_damaged()
    check_others()
    check_other_plan()
finally:
    shutil.rmtree(FOLDER)
finish()
