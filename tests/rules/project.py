# SPDX-License-Identifier: GPL-3.0-or-later
"""What every rule needs: the files of the project and a way to report violations."""
import re
import statistics
import sys
from pathlib import Path

SKIPPED = 77  # meson's exit code for "could not be checked here"


def root():
    return Path(sys.argv[1]).resolve()


def files(top, folders, *suffixes):
    """Files below top/folder with one of the suffixes ('' = any), sorted; no build output."""
    found = []
    for folder in folders:
        for path in (top / folder).rglob("*"):
            parts = path.relative_to(top).parts
            ignored = parts[0].startswith("build") or "__pycache__" in parts or ".git" in parts
            if path.is_file() and not ignored and path.name.endswith(suffixes or ("",)):
                found.append(path)
    return sorted(set(found))


def c_files(top):
    """Every C file of the project."""
    return files(top, ["src", "include", "tools/thalweg", "tests", "examples"], ".c", ".h")


def read(path):
    return path.read_text(encoding="utf-8")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def words_with_lines(text, pattern):
    """Matches of a regular expression with the lines they stand on."""
    for match in re.finditer(pattern, text):
        yield match.group(), line_of(text, match.start())


def median(values):
    return statistics.median_low(values) if values else 0


class Report:
    """Collects violations; finish() prints them, or the summary, and ends the program."""

    def __init__(self, top):
        self.top = top
        self.violations = set()

    def add(self, path, line, what):
        name = path.relative_to(self.top) if path.is_relative_to(self.top) else path
        self.violations.add((str(name), line, what))

    def finish(self, summary, skipped=False):
        for name, line, what in sorted(self.violations):
            print(f"{name}:{line}: {what}")
        if self.violations:
            sys.exit(1)
        print(summary)
        sys.exit(SKIPPED if skipped else 0)
