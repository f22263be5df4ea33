# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of docs/formats/results.md are those of the code. results_tables prints them, each
between two comments; the page has each of them once, as it is printed. `results.py ROOT PROGRAM
--write` brings the tables of the page up to date and leaves its prose alone."""
import re
import subprocess
import sys
from pathlib import Path

PAGE = "docs/formats/results.md"
BLOCK = re.compile(r"<!-- table: (.*?) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def blocks(text):
    return [(found[1], found[2]) for found in BLOCK.finditer(text)]


def faults(page, printed):
    """What is wrong with a page, a sentence each."""
    wanted, seen = dict(blocks(printed)), {}
    for name, body in blocks(page):
        if name in seen:
            yield f"table '{name}' stands there twice"
        elif name not in wanted:
            yield f"table '{name}' is not in the code"
        elif body != wanted[name]:
            old, new = set(body.splitlines()), set(wanted[name].splitlines())
            row = next(iter(sorted(old ^ new)), "the order of rows")
            yield f"table '{name}' differs from the code: {row}"
        seen[name] = body
    for name in wanted:
        if name not in seen:
            yield f"table '{name}' is missing"


def updated(page, printed):
    wanted = dict(blocks(printed))

    def replace(found):
        return f"<!-- table: {found[1]} -->\n{wanted.get(found[1], found[2])}<!-- end -->\n"

    return BLOCK.sub(replace, page)


def main():
    top, program = Path(sys.argv[1]), sys.argv[2]
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    names = [name for name, _ in blocks(printed)]
    assert len(names) == len(set(names)) > 0, "names of tables are not unique"
    page = (top / PAGE).read_text(encoding="utf-8")
    if "--write" in sys.argv:
        page = updated(page, printed)
        (top / PAGE).write_text(page, encoding="utf-8")
    found = list(faults(page, printed))
    for sentence in found:
        print(f"{PAGE}:1: {sentence}")
    if found:
        sys.exit(1)
    print(f"{len(names)} tables of {PAGE} are those of the code")


if __name__ == "__main__":
    main()
