# SPDX-License-Identifier: GPL-3.0-or-later
"""usage: tally.py TESTLOG REPORT

Reads meson's testlog.json, writes the output of the tests that failed to REPORT, and prints three
numbers: passed, failed, skipped."""
import json
import sys
from pathlib import Path

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def describe(test):
    parts = [f"--- {test['name']}: {test['result']}, exit code {test['returncode']}",
             "    " + " ".join(test["command"])]
    parts += [test[stream].rstrip() for stream in ("stdout", "stderr") if test.get(stream)]
    return "\n".join(parts) + "\n"


def main():
    log, report = Path(sys.argv[1]), Path(sys.argv[2])
    tests = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    passed = [test for test in tests if test["result"] in PASSED]
    skipped = [test for test in tests if test["result"] in SKIPPED]
    failed = [test for test in tests if test["result"] not in PASSED | SKIPPED]
    report.write_text("".join(describe(test) for test in failed), encoding="utf-8")
    print(len(passed), len(failed), len(skipped))


if __name__ == "__main__":
    main()
