# SPDX-License-Identifier: GPL-3.0-or-later
"""Public headers explain themselves and speak the language of docs/notation.md."""
import re

from c_source import exports, without_comments
from project import Report, files, line_of, read, root, words_with_lines

NOTATION = "docs/notation.md"
GREEK = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
         "sigma tau upsilon phi chi psi omega").split()
GREEK_NAME = rf"\b(?:{'|'.join(GREEK)})(?:_[A-Za-z0-9]+)*\b"


def table_rows(text):
    """(cells, line) of every row of the tables in a Markdown text, headings left out."""
    for match in re.finditer(r"^\|(.+)\|[ \t]*$", text, re.M):
        cells = [cell.strip() for cell in match[1].split("|")]
        if any("`" in cell for cell in cells):
            yield cells, line_of(text, match.start())


def names(cell):
    """Identifiers between backticks."""
    return {word for span in re.findall(r"`([^`]+)`", cell)
            for word in re.findall(r"[A-Za-z_]\w*", span)}


def opens_with_comment(text):
    """Whether more than the licence mark stands before the first line of code."""
    code = without_comments(text)
    first = len(code) - len(code.lstrip())
    return "SPDX" in text[:first] and len(text[:first].strip().splitlines()) > 1


def check_headers(headers, known, report):
    for path in headers:
        text = read(path)
        if list(exports(text)) and not opens_with_comment(text):
            report.add(path, 1, "no comment says what this header is about")
        for name, line in words_with_lines(text, GREEK_NAME):
            if name not in known:
                report.add(path, line, f"{name} is not in {NOTATION}")


def check_code_names(top, rows, report):
    """What the table calls a name in code is one."""
    code = "\n".join(read(path) for path in files(top, ["include", "src"], ".c", ".h"))
    words = set(re.findall(r"[A-Za-z_]\w*", code))
    for cells, line in rows:
        for name in names(cells[-1]) - words:
            report.add(top / NOTATION, line, f"{name} does not occur in the code")


def main():
    top = root()
    report = Report(top)
    page = top / NOTATION
    rows = list(table_rows(read(page))) if page.exists() else []
    if not rows:
        report.add(page, 1, "no table of symbols")
    known = set().union(*(names(cells[0]) | names(cells[-1]) for cells, _ in rows))
    headers = files(top, ["include"], ".h")
    check_headers(headers, known, report)
    check_code_names(top, rows, report)
    report.finish(f"{len(rows)} symbols, {len(headers)} headers that use them")


if __name__ == "__main__":
    main()
