# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation points at things that exist: links, headings, files and names of the code."""
import re

from project import Report, c_files, files, line_of, read, root

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


def check_names(top, path, text, known, report):
    """Functions and types that a page names are in a header or a source."""
    for word, line in code_words(text):
        name = re.match(r"tw_[a-z0-9_]*[a-z0-9]", word)
        if name and not PLACEHOLDER.search(word) and "_x_" not in name[0] and name[0] not in known:
            report.add(path, line, f"{name[0]}: no such name in the code")


def main():
    top = root()
    report = Report(top)
    pages = files(top, ["."], ".md")
    known = set(re.findall(r"\btw_\w+", " ".join(map(read, c_files(top)))))
    for path in pages:
        text = read(path)
        check_links(path, text, report)
        check_files(top, path, text, report)
        check_names(top, path, text, known, report)
    report.finish(f"{len(pages)} pages, every link, file and name leads somewhere")


if __name__ == "__main__":
    main()
