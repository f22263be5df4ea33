# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the linker sees: all start with tw_, what the headers promise is exported, and nothing is
imported that prints where the library was not told to, or ends the program.

Arguments: root, shared library, static library."""
import re
import subprocess
import sys
from pathlib import Path

from c_source import exports
from project import Report, files, line_of, read, root

# Written by the linker, not by us.
LINKER = {"_init", "_fini", "_edata", "_end", "__bss_start"}

# Streams that nobody handed over, what writes to them unasked, what ends a program. fprintf and its
# kin need one of the streams to print, and are free to write to files.
FORBIDDEN = {"stdout", "stderr", "printf", "vprintf", "puts", "putchar", "putchar_unlocked", "putc",
             "perror", "psignal", "psiginfo", "herror", "dprintf", "vdprintf", "warn", "warnx",
             "vwarn", "vwarnx", "err", "errx", "verr", "verrx", "error", "error_at_line",
             "__printf_chk", "__vprintf_chk", "__dprintf_chk", "__vdprintf_chk", "exit", "_exit",
             "_Exit", "quick_exit", "abort", "raise", "__assert_fail", "__assert",
             "__assert_perror_fail", "syslog", "vsyslog", "gsl_error"}


def imported(library):
    """Pairs of an object and a name that it takes from elsewhere."""
    listing = subprocess.run(["nm", "--print-file-name", "--undefined-only", str(library)],
                             check=True, capture_output=True, text=True).stdout
    return set(re.findall(r":([^:\s]+):\s+U (\S+)$", listing, re.M))


def source_of(top, member):
    """The source that an object of the static library was made of, None when it is not known."""
    for path in files(top, ["src"], ".c"):
        inside = path.relative_to(top / "src").as_posix().replace("/", "_")
        if member in (inside + ".o", path.stem + ".o"):
            return path
    return None


def use(top, member, name, library):
    """Where an object's source has a name first; its first line when a macro hides it."""
    source = source_of(top, member)
    if source is None:
        return library, 1
    match = re.search(rf"\b{re.escape(name)}\b", read(source))
    return source, line_of(read(source), match.start()) if match else 1


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
    for member, name in sorted(imported(static)):
        if name.split("@")[0] in FORBIDDEN:
            report.add(*use(top, member, name, static),
                       f"{name} is used: the library neither prints nor ends the program")
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
