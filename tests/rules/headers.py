# SPDX-License-Identifier: GPL-3.0-or-later
"""Every header compiles alone: as C11, and the public ones as C++ too where g++ is there."""
import os
import re
import shutil
import subprocess

from project import Report, files, root

WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wvla", "-Werror"]
C11 = ["-x", "c", "-std=c11", *WARNINGS, "-Wstrict-prototypes", "-Wmissing-prototypes"]
CXX = ["-x", "c++", "-std=c++17", *WARNINGS]


def fault(top, compiler, flags, header):
    """The compiler's first complaint about a program that includes one header, or None."""
    command = [*compiler, *flags, "-D_POSIX_C_SOURCE=200809L", "-I", str(top / "include"), "-I",
               str(top / "src"), "-fsyntax-only", "-"]
    run = subprocess.run(command, input=f'#include "{header}"\n', capture_output=True, text=True,
                         check=False)
    if run.returncode == 0:
        return None
    found = re.search(r"error: .*", run.stderr)
    return found[0] if found else run.stderr.strip()


def main():
    top = root()
    report = Report(top)
    compiler = os.environ.get("CC", "cc").split()
    languages = [("C11", compiler, C11)]
    if shutil.which("g++"):
        languages.append(("C++", ["g++"], CXX))
    public = files(top, ["include"], ".h")
    private = files(top, ["src"], ".h")
    for header in public + private:
        for language, program, flags in languages:
            if language == "C++" and header in private:
                continue
            complaint = fault(top, program, flags, header)
            if complaint:
                report.add(header, 1, f"does not compile alone as {language}: {complaint}")
    names = " and ".join(language for language, _, _ in languages)
    report.finish(f"{len(public)} public headers compile alone as {names}, "
                  f"{len(private)} private ones as C11")


if __name__ == "__main__":
    main()
