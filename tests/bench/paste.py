# SPDX-License-Identifier: GPL-3.0-or-later
"""Put standard input between the markers of that name in a page: paste.py PAGE NAME < text."""
import pathlib
import sys


def paste(page, name, text):
    first, last = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    page = pathlib.Path(page)
    before, found, rest = page.read_text().partition(first)
    _, closed, after = rest.partition(last)
    if not found or not closed:
        sys.exit(f"{page}: no markers {first.strip()} and {last.strip()}")
    text = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    page.write_text(f"{before}{first}\n{text}\n\n{last}{after}")


if __name__ == "__main__":
    paste(sys.argv[1], sys.argv[2], sys.stdin.read())
