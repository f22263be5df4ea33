# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation points at things that exist: links, headings, files named in code spans."""
import re

from project import Report, files, line_of, read, root

FENCE = re.compile(r"^```.*?^```", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FOLDERS = ("src/", "include/", "tests/", "tools/", "examples/", "docs/", ".ci/")
PLACEHOLDER = re.compile(r"[<>{}$…=]|\bNAME\b")


def without_fences(text):
    return FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def anchors(text):
    """Names of the headings as the usual renderers form them."""
    heads = re.findall(r"^#+[ ]+(.+?)[ ]*$", without_fences(text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def check_links(path, text, report):
    plain = without_fences(text)
    for match in LINK.finditer(plain):
        target, _, anchor = match[1].partition("#")
        line = line_of(plain, match.start())
        if re.match(r"[a-z]+:", target):
            continue
        page = path.parent / target if target else path
        if not page.exists():
            report.add(path, line, f"link to {match[1]}: no such file")
        elif anchor and page.suffix == ".md" and anchor not in anchors(read(page)):
            report.add(path, line, f"link to {match[1]}: no such heading")


def code_words(text):
    """(word, line) of every word in code spans and fenced blocks."""
    for block in list(FENCE.finditer(text)) + list(SPAN.finditer(without_fences(text))):
        for word in re.finditer(r"\S+", block[0]):
            name = word[0].strip("`,;:()\"'").rstrip(".")
            yield name, line_of(text, block.start() + word.start())


def check_files(top, path, text, report):
    for word, line in code_words(text):
        if not word.startswith(FOLDERS) or PLACEHOLDER.search(word):
            continue
        if not any(top.glob(word.rstrip("/"))):
            report.add(path, line, f"{word}: no such file")


def main():
    top = root()
    report = Report(top)
    pages = files(top, ["."], ".md")
    for path in pages:
        text = read(path)
        check_links(path, text, report)
        check_files(top, path, text, report)
    report.finish(f"{len(pages)} pages, every link and file name leads somewhere")


if __name__ == "__main__":
    main()
