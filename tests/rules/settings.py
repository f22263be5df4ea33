# SPDX-License-Identifier: GPL-3.0-or-later
"""No subcommand of the program sees the settings of another: a cmd_<name>.c reaches one struct
`..._settings` at most, its own, through whatever it includes."""
import re

from c_source import includes, only_code
from project import Report, files, line_of, read, root

PROGRAM = "tools/thalweg"
DEFINES = re.compile(r"}\s*(\w+_settings)\s*;")


def reached(path, seen):
    """The files of the program that `path` includes, directly or not, with itself."""
    if path in seen or not path.is_file():
        return seen
    seen.add(path)
    for header, _ in includes(read(path)):
        reached(path.parent / header, seen)
    return seen


def main():
    top = root()
    report = Report(top)
    commands = [path for path in files(top, [PROGRAM], ".c") if path.name.startswith("cmd_")]
    for path in commands:
        own = path.stem.removeprefix("cmd_") + "_settings"
        for other in sorted(reached(path, set())):
            code = only_code(read(other))
            for match in DEFINES.finditer(code):
                if match[1] != own:
                    report.add(other, line_of(code, match.start(1)),
                               f"{match[1]} is seen by {path.name}")
    report.finish(f"{len(commands)} subcommands, none of which sees the settings of another")


if __name__ == "__main__":
    main()
