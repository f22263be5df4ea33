# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the linker sees: all start with tw_, and what the headers promise is exported.

Arguments: root, shared library, static library."""
import re
import subprocess
import sys
from pathlib import Path

from c_source import exports
from project import Report, files, line_of, read, root

# Written by the linker, not by us.
LINKER = {"_init", "_fini", "_edata", "_end", "__bss_start"}


def defined(library, *options):
    """Defined global names of a library."""
    listing = subprocess.run(["nm", "--defined-only", "--extern-only", *options, str(library)],
                             check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^[0-9a-f]* *[A-Za-z] (\S+)$", listing, re.M)) - LINKER


def place(top, name, library):
    """Where a name stands first in the sources; the library when nowhere."""
    for path in files(top, ["src"], ".c", ".h"):
        text = read(path)
        match = re.search(rf"\b{re.escape(name)}\b", text)
        if match:
            return path, line_of(text, match.start())
    return library, 1


def main():
    top = root()
    shared, static = Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    report = Report(top)
    exported, internal = defined(shared, "--dynamic"), defined(static)
    for library, names in ((shared, exported), (static, internal)):
        for name in sorted(names):
            if not name.startswith("tw_"):
                report.add(*place(top, name, library),
                           f"{name}, global in {library.name}, does not start with tw_")
    promised = 0
    for header in files(top, ["include"], ".h"):
        for name, line in exports(read(header)):
            promised += 1
            if name not in exported:
                report.add(header, line, f"{name} is declared but {shared.name} exports no such "
                                         "symbol")
    report.finish(f"{len(exported)} exports, {len(internal)} global symbols, all tw_*; "
                  f"{promised} declarations, all exported")


if __name__ == "__main__":
    main()
