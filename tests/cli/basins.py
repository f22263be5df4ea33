# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns from the command line: kills lose nothing, processes share, workers change nothing, a
restart can be replayed, other plans and foreign files are refused. A number behind the program's path
is how many kills there are (100 in the full suite)."""

import csv
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cli import PROGRAM, check, finish, near, result, run

KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 8
RESTARTS = 80 * KILLS  # enough for the last kill to find work under way
FOLDER = Path(tempfile.mkdtemp())
MODEL = ["--classes", 4, "--samples", 1, "--width", 6, "--depth", 3, "--lambda", "2e-3"]
CALL = ["basins", *MODEL, "--init", "normal-fanin:0.6", "--restarts", RESTARTS]


def rows(path):
    """Every finished restart without its seconds."""
    connection = sqlite3.connect(path)
    cursor = connection.execute("SELECT * FROM restarts ORDER BY setting, idx")
    names = [column[0] for column in cursor.description]
    table = [tuple(value for name, value in zip(names, row) if name != "seconds") for row in cursor]
    connection.close()
    return table


def start(path, *words):
    return subprocess.Popen([PROGRAM, *map(str, CALL), "-o", str(path), *map(str, words)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def count_rows(path):
    if not path.exists():
        return 0
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT count(*) FROM restarts").fetchone()[0]
    except sqlite3.OperationalError:  # killed before there were tables
        return 0
    finally:
        connection.close()


def check_kills(path, processes):
    """Kills at random moments of runs side by side; what is left is finished and compared with WHOLE."""
    chance = random.Random(processes)
    killed = lost = done = 0
    while killed < KILLS and done < RESTARTS:
        children = [start(path) for _ in range(processes)]
        if chance.random() < 0.8:  # the others are mostly killed before they have begun
            while count_rows(path) == done and any(child.poll() is None for child in children):
                time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        for child in children:
            child.send_signal(signal.SIGKILL)
        hit = sum(child.wait() == -signal.SIGKILL for child in children)
        before, done = done, count_rows(path)
        lost += done < before
        killed += hit if done < RESTARTS else 0
    check(killed >= 1, f"{processes} processes: none was killed in time")
    check(lost == 0, f"{processes} processes: finished restarts were lost")
    end = result(*CALL, "-o", path)
    check(rows(path) == rows(WHOLE), f"{processes} processes, {killed} kills: other rows")
    check(end == EXPECTED, f"{processes} processes, {killed} kills: another table")
    print(f"{processes} at a time: {killed} kills, {done} of {RESTARTS} restarts finished by then")


def check_sharing():
    path = FOLDER / "shared.db"
    begin = time.monotonic()
    children = [start(path, "--workers", 1) for _ in range(4)]
    check([child.wait() for child in children] == [0] * 4, "four processes: an exit code")
    print(f"four processes: {RESTARTS} restarts in {time.monotonic() - begin:.1f} s")
    check(rows(path) == rows(WHOLE), "four processes: other rows")
    check(result("basins", "export", path) == EXPECTED, "four processes: another table")


def check_replay():
    for index in (0, 7, RESTARTS - 1):
        again = result(*CALL, "--only", index, "-o", WHOLE)
        check(again["as_stored"] is True, f"restart {index}: other bits")
    connection = sqlite3.connect(shutil.copy(WHOLE, FOLDER / "forged.db"))
    connection.execute("UPDATE restarts SET loss = loss * (1 + 1e-15) WHERE idx = 7")
    connection.commit()
    connection.close()
    result(*CALL, "--only", 7, "-o", FOLDER / "forged.db", expect=1)
    check(result(*CALL, "--only", 7)["as_stored"] is None, "restart 7 without a file")


def check_table():
    """Counts add up, intervals hold the fractions, the export has every row."""
    table = EXPECTED["settings"][0]
    check(sum(c["count"] for c in table["classes"]) == table["restarts"] == RESTARTS, "counts")
    for c in table["classes"]:
        near(f"fraction of {c['name']}", c["fraction"], c["count"] / table["restarts"], 1e-15)
        check(c["low"] < c["fraction"] < c["high"] or c["fraction"] in (0, 1), f"{c['name']}: interval")
    names = {c["name"] for c in table["classes"]}
    check({"dnc", "cross-polytope"} <= names, f"classes: {names}")
    sheet = FOLDER / "rows.csv"
    exported = result("basins", "export", WHOLE, "--csv", sheet)
    check(exported == EXPECTED, "export: another table")
    with sheet.open() as file:
        lines = list(csv.DictReader(file))
    check([int(line["index"]) for line in lines] == list(range(RESTARTS)), "export: rows")
    scan = run("basins", "export", WHOLE, "--tolerance-scan").stdout.splitlines()[-1].split()[1:]
    check(len(set(scan[2:7])) == 1, f"classes hang on the tolerance: {scan}")
    connection = sqlite3.connect(WHOLE)
    stored = connection.execute("SELECT name, count FROM classes").fetchall()
    connection.close()
    check(dict(stored) == {c["name"]: c["count"] for c in table["classes"]}, "stored classes")


def check_budget_and_plans():
    path, plan = FOLDER / "part.db", FOLDER / "plan.json"
    many = [*CALL[:-1], 100000]
    run(*many, "-o", path, "--max-seconds", 0.3, expect=4)
    done = len(rows(path))
    check(0 < done < 100000, f"{done} restarts in 0.3 s")
    run("basins", "resume", path, "--max-seconds", 0.3, expect=4)
    check(len(rows(path)) > done, "resume did nothing")
    refused = run(*CALL, "-o", path, expect=3)
    check("restarts" in refused.stderr, f"another plan: {refused.stderr}")
    run(*many, "-o", FOLDER / "precise.db", "--precision", 0.2)
    check(len(rows(FOLDER / "precise.db")) < 2000, "--precision did not end the setting")
    plan.write_text(json.dumps({
        "classes": 4, "samples": 1, "depth": 3, "lambda": 2e-3, "width": [4, 10],
        "init": "normal-fanin:0.6", "method": ["lbfgs", "newton"], "restarts": 20, "seed": 3}))
    grid = result("basins", plan, "-o", FOLDER / "grid.db")
    check(len(grid["settings"]) == 4 and len(grid["transitions"]) == 2, "grid: settings, transitions")
    for move in grid["transitions"]:
        check(sum(cell["count"] for cell in move["cells"]) == move["pairs"] == 20, "transitions: pairs")
    check(all(0 <= d["p"] <= d["p_holm"] <= 1 for d in grid["differences"]), "differences: p-values")
    plan.write_text(json.dumps({"classes": 2, "samples": 1, "depth": 1, "width": 2, "restarts": 1,
                                "lambda": [0.001 * (i + 1) for i in range(250)]}))
    many = result("basins", plan, "-o", FOLDER / "many.db")
    check(len(many["settings"]) == 250 and many["differences"] is None, "a grid of 250 settings")
    plan.write_text('{"classes": 4, "smaples": 1}')
    run("basins", plan, "-o", FOLDER / "no.db", expect=3)
    check(not (FOLDER / "no.db").exists(), "a wrong plan left a file")
    # A small plan of a large model: refused before its labels are laid out, here and by resume.
    plan.write_text(json.dumps({"classes": 2, "samples": 2 * 10**8, "depth": 1, "width": 1,
                                "lambda": 0.1}))
    refused = run("basins", plan, "-o", FOLDER / "no.db", "--memory-limit", 1, expect=4)
    check("memory-limit" in refused.stderr, f"a large plan: {refused.stderr}")
    with sqlite3.connect(FOLDER / "many.db") as connection:
        connection.execute("UPDATE settings SET text = ? WHERE setting = 0", (plan.read_text(),))
    connection.close()
    refused = run("basins", "resume", FOLDER / "many.db", "--memory-limit", 1, expect=4)
    check("memory-limit" in refused.stderr, f"a large plan in a file: {refused.stderr}")


def check_stationary_start():
    """A saddle that restarts begin on is no optimum, whether modes are counted there or not."""
    path, plan = FOLDER / "zero.db", FOLDER / "zero.json"
    plan.write_text(json.dumps({"classes": 3, "samples": 2, "width": 4, "depth": 1, "lambda": 0.02,
                                "init": "zero", "count_limit": [0, 600]}))
    tables = result("basins", plan, "-o", path)["settings"]
    reasons = sorted(row[4] for row in rows(path))
    check(reasons == ["stationary saddle", "stationary start"], f"zero: {reasons}")
    for table in tables:
        names = [c["name"] for c in table["classes"]]
        check(len(names) == 1 and "saddle" in names[0], f"zero, {table['setting']}: {names}")
    plan.write_text(json.dumps({"classes": 3, "samples": 2, "width": 4, "depth": 2, "lambda": 0.02,
                                "init": "zero", "count_limit": 0}))
    table, = result("basins", plan, "-o", FOLDER / "bottom.db")["settings"]
    check([c["name"] for c in table["classes"]] == ["zero"], f"zero, L = 2: {table['classes']}")


def check_around():
    """Small disturbances return, whatever their direction; along the orbit large ones as well."""
    optimum, plan = FOLDER / "optimum.npz", FOLDER / "around.json"
    run("train", *MODEL, "--restart", 3, "-o", optimum, "--polish")
    plan.write_text(json.dumps({
        "around": str(optimum), "radius": [1e-3, 30], "method": "flow",
        "direction": ["whole", "off-orbit", "along-orbit"], "restarts": 4, "tolerance": 1e-8}))
    for table in result("basins", plan, "-o", FOLDER / "around.db")["settings"]:
        back = sum(c["count"] for c in table["classes"] if c["name"] == "origin")
        if table["setting"]["radius"] < 1:
            check(back == 4, f"{table['setting']['direction']}: {back} of 4 return")


def check_foreign():
    text, other = FOLDER / "text.db", FOLDER / "other.db"
    text.write_text("no database\n" * 100)
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    for path in (text, other, FOLDER / "missing.db", FOLDER):
        before = path.read_bytes() if path.is_file() else None
        for verb in ("status", "resume", "export"):
            done = run("basins", verb, path, expect=3)
            check(str(path) in done.stderr and done.stderr.count("\n") == 1, f"{verb}: {done.stderr!r}")
        check(before is None or path.read_bytes() == before, f"{path.name} was changed")
    run("basins", "status", expect=2)
    run("basins", "mend", WHOLE, expect=2)


WHOLE = FOLDER / "whole.db"
try:
    EXPECTED = result(*CALL, "-o", WHOLE, "--workers", 1)
    check(result(*CALL, "-o", FOLDER / "two.db", "--workers", 2) == EXPECTED, "workers: other table")
    check(rows(FOLDER / "two.db") == rows(WHOLE), "workers: other rows")
    check_kills(FOLDER / "killed.db", 1)
    check_kills(FOLDER / "killed-by-four.db", 4)
    check_sharing()
    check_replay()
    check_table()
    check_budget_and_plans()
    check_stationary_start()
    check_around()
    check_foreign()
finally:
    shutil.rmtree(FOLDER)
finish()
