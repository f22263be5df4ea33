# SPDX-License-Identifier: GPL-3.0-or-later
"""A header or page as Doxygen reads it: usage: doxygen_comments.py FILE.

Plain comments become Doxygen's: before a declaration, or behind a member on its line. Their text is
shown as it stands, because its layout means something and words like <name> or #1 are no markup."""
import re
import sys
from pathlib import Path

COMMENT = re.compile(r"/\*(.*?)\*/", re.S)


def shown(text, behind):
    """A comment's text without the stars at the margin."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in text.strip().splitlines()]
    if behind:
        lines = [line.strip() for line in lines]
    return "\n".join(lines)


def escaped(text):
    text = re.sub(r"([\\<>#%&$@\"])", r"\\\1", text)
    return text.replace("..", "&#46;&#46;")  # Doxygen takes a lone . for the end of a list


def kept(block):
    """Indented lines are formulas and tables, which stay as they are, or a list."""
    if block[0].lstrip().startswith("- "):
        return block[0]
    return "<pre>" + block[0].rstrip("\n") + "</pre>\n"


def converted(match, source):
    before = source[source.rfind("\n", 0, match.start()) + 1:match.start()]
    if "SPDX-License-Identifier" in match[1]:
        return match[0]
    behind = bool(before.strip())
    if behind:
        return "/**< " + escaped(" ".join(shown(match[1], True).split())) + " */"
    head = "@file\n" if source[:match.start()].count("#ifndef") == 0 else ""
    body = escaped(shown(match[1], False))
    body = re.sub(r"(?:^ {2,}.*\n?)+", kept, body, flags=re.M)
    return "/** " + head + body + " */"


def main():
    path = Path(sys.argv[1])
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".h":
        text = COMMENT.sub(lambda match: converted(match, text), text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
