# SPDX-License-Identifier: GPL-3.0-or-later
"""Every function that takes options is tried without them in tests/unit/null_options*.c."""
import re

from c_source import only_code
from project import Report, files, line_of, read, root

TABLES = "tests/unit/null_options*.c"
TAKES_OPTIONS = re.compile(r"\bTW_API\b[^;{]*?\b(tw_\w+)\s*\([^;{]*?\bconst tw_\w+_options \*")


def main():
    top = root()
    report = Report(top)
    tried = {name for path in top.glob(TABLES)
             for name in re.findall(r'{"(tw_\w+)", run_', read(path))}
    count = 0
    for path in files(top, ["include"], ".h"):
        code = only_code(read(path))
        for match in TAKES_OPTIONS.finditer(code):
            count += 1
            if match[1] not in tried:
                report.add(path, line_of(code, match.start(1)),
                           f"{match[1]} takes options and is not in {TABLES}")
    report.finish(f"{count} functions that take options")


if __name__ == "__main__":
    main()
