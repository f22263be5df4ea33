# SPDX-License-Identifier: GPL-3.0-or-later
"""A report reads what records hold: every way into a record in src/report is one that the tables of
src/record have. results_tables prints those."""
import re
import subprocess
import sys
from pathlib import Path

from project import Report, read

# Functions whose last words are ways into a record, and arrays that hold some.
READERS = re.compile(r"\b(?:tw_at|tw_number_at|tw_text_at|tw_size_at|extreme)\(")
ROWS = re.compile(r"static const tw_row \w+\[\] = \{(.*?)\};", re.DOTALL)
KEYS = re.compile(r"static const char \*const \w*keys\[\] = \{(.*?)\};", re.DOTALL)
ROW = re.compile(r'\{\s*"(?:[^"\\]|\\.)*",\s*"([^"]*)"\s*\}')
WORD = re.compile(r'"([^"]*)"')

ENVELOPE = {"schema", "thalweg", "provenance", "input", "result"}


def arguments(text, start):
    """The text between the parenthesis at `start` - 1 and its partner, inner calls left out."""
    depth, kept = 1, []
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            break
        if depth == 1:
            kept.append(text[at])
    return "".join(kept)


def ways(text):
    """[(way into a record, line)] of a source."""
    found = []
    for call in READERS.finditer(text):
        found += [(word, call.start()) for word in WORD.findall(arguments(text, call.end()))]
    for pattern, inner in ((ROWS, ROW), (KEYS, WORD)):
        for table in pattern.finditer(text):
            found += [(word, table.start()) for word in inner.findall(table[1])]
    return [(way, text.count("\n", 0, at) + 1) for way, at in found]


def is_known(way, paths):
    head, _, rest = way.partition(".")
    if head in ENVELOPE and (not rest or rest in paths):
        return True
    return way in paths


def main():
    top = Path(sys.argv[1])
    report = Report(top)
    lines = subprocess.run([sys.argv[2], "paths"], capture_output=True, text=True, check=True)
    paths, count = set(lines.stdout.split()), 0
    for path in sorted((top / "src/report").glob("*.c")):
        for way, line in ways(read(path)):
            count += 1
            if not is_known(way, paths):
                report.add(path, line, f"no record has '{way}'")
    assert count > 200, "the patterns of this rule find nothing any more"
    report.finish(f"{count} ways into records, all of them among the {len(paths)} that there are")


if __name__ == "__main__":
    main()
