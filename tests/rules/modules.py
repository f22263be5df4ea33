# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of the library: floors, modules, and which file an #include means.

A module is x.c with x.h and x_private.h; it is named folder/x."""
from c_source import includes
from project import files, read

# Height of each folder of src/, and of the program on top.
FLOORS = {"base": 0, "files": 1, "dense": 1, "model": 2, "operator": 3, "spectrum": 4,
          "training": 5, "landscape": 6, "campaign": 7, "report": 8, "tools": 9}

# A public header belongs to the folder whose source has its stem. These have no such source.
HEADER_FOLDERS = {"space": "dense", "objective": "model", "spectrum": "spectrum",
                  "tangent": "landscape"}

UMBRELLA = "thalweg/thalweg.h"


def sources(top):
    """The files that have a floor; the umbrella header has none."""
    found = files(top, ["src", "include", "tools/thalweg"], ".c", ".h")
    return [path for path in found if path != top / "include" / UMBRELLA]


def stem(path):
    return path.stem.removesuffix("_private")


def header_folder(top, name):
    """The folder a public header belongs to, or None."""
    for folder in FLOORS:
        for tail in (".c", "_private.h"):
            if (top / "src" / folder / (name + tail)).exists():
                return folder
    return HEADER_FOLDERS.get(name)


def folder(top, path):
    """Key of FLOORS for a file of the project, or None when it has no known place."""
    parts = path.relative_to(top).parts
    if parts[0] == "include":
        return header_folder(top, path.stem)
    name = "tools" if parts[0] == "tools" else parts[1]
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
