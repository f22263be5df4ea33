# SPDX-License-Identifier: GPL-3.0-or-later
"""A small scanner for C: enough to find includes and function definitions in this project.

It works on text in which comments, literals and directives are blanked but every newline stays, so
offsets and line numbers remain those of the file. Functions that a macro writes are not seen."""
import re
from typing import NamedTuple

from project import line_of

COMMENT = r"/\*.*?\*/|//(?:\\\n|[^\n])*"
LITERAL = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
TOKEN = re.compile(f"{COMMENT}|{LITERAL}", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)", re.S)
NAME = re.compile(r"\b([A-Za-z_]\w*)\s*\((?!\s*\*)")


class Function(NamedTuple):
    name: str
    first: int  # line of the first word of the signature
    last: int  # line of the closing brace
    parameters: int


def blanked(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return TOKEN.sub(lambda m: blanked(m[0]) if m[0][0] == "/" else m[0], text)


def only_code(text):
    """No comments, no directives, empty literals."""
    text = TOKEN.sub(lambda m: blanked(m[0]) if m[0][0] == "/" else m[0][0] +
                     blanked(m[0][1:-1]) + m[0][0], text)
    return DIRECTIVE.sub(lambda m: blanked(m[0]), text)


def includes(text):
    """(header, line) of every #include."""
    code = without_comments(text)
    return [(m[1], line_of(code, m.start(1))) for m in INCLUDE.finditer(code)]


def exports(text):
    """(name, line) of every function or object declared with TW_API."""
    code = only_code(text)
    for mark in re.finditer(r"\bTW_API\b([^;{]*)", code):
        declaration = ATTRIBUTE.sub("", mark[1])
        name = NAME.search(declaration) or re.search(r"(\w+)\s*(?:\[[^]]*\])?\s*$", declaration)
        if name:
            yield name[1], line_of(code, mark.start())


def inside(text, start):
    """The text between the parenthesis at `start` and its partner."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start + 1:at]
    return text[start + 1:]


def count_parameters(inner):
    """Named parameters: "..." is none."""
    if inner.strip() in ("", "void"):
        return 0
    depth = commas = 0
    for char in inner:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        commas += char == "," and depth == 0
    return commas + 1 - inner.rstrip().endswith("...")


def signature(head):
    """(name, parameters) when the text before an outermost brace heads a function, else None."""
    head = ATTRIBUTE.sub("", head)
    name = NAME.search(head)
    if not name or "=" in head[:name.end()] or not head.rstrip().endswith(")"):
        return None
    return name[1], count_parameters(inside(head, name.end() - 1))


def functions(text):
    """Function definitions in order; ValueError when the braces do not balance."""
    code = only_code(text)
    found, depth, begin, head = [], 0, 0, None
    for brace in re.finditer(r"[{};]", code):
        at = brace.start()
        if brace[0] == "{":
            if depth == 0 and re.search(r'\bextern\s*"\s*"\s*$', code[begin:at]):
                begin = at + 1  # extern "C" { ... }: its content stands at the top level
                continue
            if depth == 0:
                head = signature(code[begin:at])
                first = line_of(code, begin + re.match(r"\s*", code[begin:at]).end())
            depth += 1
        elif brace[0] == "}" and depth > 0:
            depth -= 1
            if depth == 0 and head:
                found.append(Function(head[0], first, line_of(code, at), head[1]))
        if depth == 0:
            begin = at + 1
    if depth:
        raise ValueError("braces do not balance, functions cannot be measured")
    return found
