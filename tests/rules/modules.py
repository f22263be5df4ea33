# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the library: rooms, their floors, modules, and which file an #include means.

A room is a folder of src/ with its public headers in include/thalweg/<room>/. A module is x.c with
x.h and x_private.h; it is named room/x."""
from c_source import includes
from project import files, read

# Height of each room, and of the program on top.
FLOORS = {"base": 0, "files": 1, "dense": 1, "model": 2, "operator": 3, "spectrum": 4,
          "curvature": 5, "symmetry": 5, "training": 5, "optima": 6, "stratum": 6,
          "examination": 7, "certificate": 8, "campaign": 9, "claims": 9, "record": 10,
          "report": 11, "tools": 12}

# All headers in one: for users, of no room.
UMBRELLA = "thalweg/thalweg.h"


def sources(top):
    """The files that have a floor; the umbrella header has none."""
    found = files(top, ["src", "include", "tools/thalweg"], ".c", ".h")
    return [path for path in found if path != top / "include" / UMBRELLA]


def stem(path):
    return path.stem.removesuffix("_private")


def folder(top, path):
    """The room of a file of the project, a key of FLOORS, or None when it has no known place."""
    parts = path.relative_to(top).parts
    name = {"tools": "tools", "include": parts[2]}.get(parts[0], parts[1])
    name = "base" if name == "version.h" else name
    return name if name in FLOORS else None


def module(top, path):
    return f"{folder(top, path)}/{stem(path)}"


def resolve(top, path, header):
    """The project file that `header` means inside `path`; None for a foreign header."""
    for place in (top / "include", top / "src", path.parent):
        if (place / header).is_file():
            return place / header
    return None


def include_table(top):
    """{file: [(header as written, line, project file or None)]} for every file with a floor."""
    return {path: [(header, line, resolve(top, path, header))
                   for header, line in includes(read(path))]
            for path in sources(top)}
