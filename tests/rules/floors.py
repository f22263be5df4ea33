# SPDX-License-Identifier: GPL-3.0-or-later
"""No file includes upwards; foreign headers stand in their one place; few files know a DUFM."""
from fnmatch import fnmatch

from c_source import includes
from modules import FLOORS, UMBRELLA, folder, include_table, module
from project import Report, files, read, root

# Foreign header -> the files that may include it; the first pattern that fits decides.
FOREIGN = [
    ("cblas.h", "src/dense/*"),
    ("lapacke.h", "src/dense/*"),
    ("arpack*", "src/spectrum/arpack.c"),
    ("sun*", "src/training/flow.c"),
    ("cvode*", "src/training/flow.c"),
    ("nvector*", "src/training/flow.c"),
    ("hdf5.h", "src/files/hdf5*"),
    ("zip.h", "src/files/npz.c"),
    ("jansson.h", "src/files/json.c"),
    ("nettle/base64.h", "src/files/base64.c"),
    ("nettle/*", "src/files/digest.c"),
    ("sqlite3.h", "src/campaign/store*"),
    ("arb*", "src/certificate/certificate_ball*"),
    ("nauty.h", "src/symmetry/exchange.c"),
    ("gsl/gsl_rng.h", "src/base/random.c"),
    ("gsl/gsl_randist.h", "src/base/random.c"),
    ("gsl/*", "src/*"),
]

# C11 and POSIX: free everywhere.
STANDARD = {name + ".h" for name in """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign
    stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar
    wchar wctype dirent fcntl fnmatch getopt glob libgen poll pthread spawn strings sys/mman
    sys/resource sys/stat sys/time sys/types sys/utsname sys/wait termios unistd""".split()}
STANDARD.add("sys/ioctl.h")  # the width of the terminal

# Rooms and modules that may know a DUFM, that is include a header of model/ other than objective.
# Everything else sees tw_objective and tw_linop alone, directly and through what it includes.
KNOWS_DUFM = ["model/*", "symmetry/*", "optima/*", "stratum/*", "examination/*", "certificate/*",
              "campaign/critical*", "campaign/job*", "campaign/optima*", "campaign/setting*",
              "claims/*", "record/campaign_record*", "record/certificate_record*",
              "record/examination_record*", "record/point_record*", "record/schema*",
              "record/slice_*", "record/spectrum_record*", "record/training_record*", "tools/*"]
GENERIC_MODEL = {"model/objective"}

# What model/ may take from files/: named arrays and metadata values, never a format.
ARRAYS = {"files/bundle", "files/json", "files/members"}


def matches(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def foreign_fault(name, header):
    """What is wrong with a foreign header in the file `name`, or None."""
    if header in STANDARD:
        return None
    if not name.startswith("src/"):
        return f"{header} is no public or standard header"
    for pattern, place in FOREIGN:
        if fnmatch(header, pattern):
            return None if fnmatch(name, place) else f"{header} is for {place} alone"
    return f"{header} is unknown: neither in the project nor in a table of tests/rules/floors.py"


def is_private(path):
    return path.stem.endswith("_private")


def direction_fault(top, path, target):
    """What is wrong with including one project file from another, or None."""
    here, there = folder(top, path), folder(top, target)
    if here == "tools" or path.relative_to(top).parts[0] == "include":
        if is_private(target) and there != "tools":
            return f"{target.name} is private to the library"
    if FLOORS[there] > FLOORS[here]:
        return (f"{there} (floor {FLOORS[there]}) is above {here} (floor {FLOORS[here]}): "
                f"{target.name}")
    if here == "model" and there == "files" and module(top, target) not in ARRAYS:
        return f"models know arrays, not formats: {target.name}"
    return None


def reached(table, path, seen):
    """All project files that `path` brings in, itself included."""
    if path not in seen:
        seen.add(path)
        for _, _, target in table.get(path, []):
            if target:
                reached(table, target, seen)
    return seen


def dufm_fault(top, table, path, target):
    """The DUFM header that an include brings into a file that should know none, or None."""
    if matches(module(top, path), KNOWS_DUFM):
        return None
    for header in sorted(reached(table, target, set())):
        name = module(top, header)
        if name.startswith("model/") and name not in GENERIC_MODEL:
            way = "" if header == target else f" (through {target.name})"
            return f"{module(top, path)} may not know a DUFM: {header.name}{way}"
    return None


def check_library(top, report):
    table = include_table(top)
    for path in table:
        if folder(top, path) is None:
            report.add(path, 1, "belongs to no floor: see tests/rules/modules.py")
    table = {path: rows for path, rows in table.items() if folder(top, path)}
    for path, rows in table.items():
        name = path.relative_to(top).as_posix()
        for header, line, target in rows:
            if header == UMBRELLA and not name.startswith("tools/"):
                fault = "the umbrella header is for users, not for the library"
            elif target is None:
                fault = foreign_fault(name, header)
            elif target in table:
                fault = direction_fault(top, path, target) or dufm_fault(top, table, path, target)
            else:
                fault = None  # the umbrella, or a header reported above
            if fault:
                report.add(path, line, fault)
    return table


def check_umbrella(top, report):
    """The umbrella header holds every public one."""
    umbrella = top / "include" / UMBRELLA
    held = {header for header, _ in includes(read(umbrella))} if umbrella.exists() else set()
    for path in files(top, ["include"], ".h"):
        name = path.relative_to(top / "include").as_posix()
        if name != UMBRELLA and name not in held:
            report.add(umbrella, 1, f"does not include {name}")


def check_examples(top, report):
    """Examples see what users see."""
    for path in files(top, ["examples"], ".c", ".h"):
        for header, line in includes(read(path)):
            known = (top / "include" / header).is_file() or (path.parent / header).is_file()
            if not known and header not in STANDARD:
                report.add(path, line, f"{header} is no public or standard header")


def main():
    top = root()
    report = Report(top)
    table = check_library(top, report)
    check_umbrella(top, report)
    check_examples(top, report)
    edges = sum(len(rows) for rows in table.values())
    report.finish(f"{len(table)} files on {len(FLOORS)} floors, {edges} includes, none upwards")


if __name__ == "__main__":
    main()
