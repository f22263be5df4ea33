# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files as C: usage: embed.py OUTPUT INPUT...

Every input becomes a string `tw_asset_<name>`, with _ for each . and - of its name, without its
licence mark. A file statements.sql becomes the array `tw_asset_statements` instead: its parts start
with a line `-- TW_SQL_NAME`, the constant that indexes them; `-- let name` starts a text that takes
the place of {name} from there on."""
import re
import sys
from pathlib import Path


def text_of(path):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[1:] if "SPDX-License-Identifier:" in lines[0] else lines)


def quoted(text):
    """C literals, a line each."""
    def piece(line):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return '    "' + escaped.replace("??", '?""?') + '"'
    return "\n".join(piece(line) for line in text.splitlines(keepends=True)) or '    ""'


def asset(path):
    name = re.sub(r"\W", "_", path.name)
    return f"const char tw_asset_{name}[] =\n{quoted(text_of(path))};\n"


def statements(path):
    texts, rows = {}, []
    parts = re.split(r"^-- (let )?(\w+)\n", text_of(path), flags=re.M)
    for let, name, text in zip(parts[1::3], parts[2::3], parts[3::3]):
        text = re.sub(r"\s+", " ", re.sub(r"^--.*\n", "", text, flags=re.M)).strip()
        text = re.sub(r"\{(\w+)\}", lambda mark: texts[mark[1]], text)
        if let:
            texts[name] = text
        else:
            rows.append(f"    [{name}] =\n{quoted(text)},\n")
    return ('#include "campaign/store_private.h"\n\n'
            "const char *const tw_asset_statements[] = {\n" + "".join(rows) + "};\n"
            f"_Static_assert({len(rows)} == TW_SQL_COUNT, \"a text for every statement\");\n")


def main():
    output, *inputs = map(Path, sys.argv[1:])
    pieces = ["/* Made by src/embed.py. */\n"]
    for path in inputs:
        pieces.append(statements(path) if path.name == "statements.sql" else asset(path))
    output.write_text("\n".join(pieces), encoding="utf-8")


if __name__ == "__main__":
    main()
