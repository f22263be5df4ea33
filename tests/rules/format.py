# SPDX-License-Identifier: GPL-3.0-or-later
"""Form of the text: clang-format, blanks, licence mark, nothing left behind.

Without clang-format 14 (versions disagree) the rest is checked and the rule counts as skipped."""
import re
import shutil
import subprocess

from project import Report, c_files, files, line_of, read, root

TEXT = (".c", ".h", ".py", ".sh", ".bash", ".md", ".build", ".txt", ".cff", ".yml", ".html", ".css", ".js", ".gp",
        ".sql")
LICENSED = (".c", ".h", ".py", ".sh", ".bash", ".css", ".js", ".gp", ".sql")
CLANG_FORMAT = "14"

# Patterns that must not occur, and why; the pieces keep this file from matching itself.
FORBIDDEN = [
    (re.compile(r"\t"), "tab"),
    (re.compile(r"[ \t\r]+$", re.M), "trailing blank"),
    (re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b"), "note left behind"),
    (re.compile(r"(?<![\w.])/(?:work|root|home|farm|Users)/"), "path of one machine"),
]


def is_script(path):
    return path.suffix == "" and path.read_bytes()[:2] == b"#!"


def texts(top):
    """Every text file of the project."""
    return [path for path in files(top, ["."]) if path.suffix in TEXT or is_script(path)]


def clang_format():
    """The program in the version the project is formatted with, or None."""
    for name in (f"clang-format-{CLANG_FORMAT}", "clang-format"):
        program = shutil.which(name)
        if program:
            banner = subprocess.run([program, "--version"], capture_output=True, text=True,
                                    check=True).stdout
            if re.search(rf"version {CLANG_FORMAT}\.", banner):
                return program
    return None


def check_text(path, text, report):
    for pattern, what in FORBIDDEN:
        for match in pattern.finditer(text):
            report.add(path, line_of(text, match.start()), what)
    if text and not text.endswith("\n"):
        report.add(path, text.count("\n") + 1, "no newline at the end")
    licensed = path.suffix in LICENSED or is_script(path)
    if licensed and "SPDX-License-Identifier:" not in "".join(text.splitlines()[:2]):
        report.add(path, 1, "no SPDX-License-Identifier in the first two lines")


def check_layout(program, paths, report):
    run = subprocess.run([program, "--dry-run", "--style=file", *map(str, paths)],
                         capture_output=True, text=True, check=False)
    by_name = {str(path): path for path in paths}
    for name, line, what in re.findall(r"^(.+?):(\d+):\d+: \w+: (.*)", run.stderr, re.M):
        report.add(by_name[name], int(line), what)
    if run.returncode:
        report.add(paths[0], 1, f"clang-format failed: {run.stderr.strip()}")


def main():
    top = root()
    report = Report(top)
    every = texts(top)
    for path in every:
        check_text(path, read(path), report)
    sources, program = c_files(top), clang_format()
    if program and sources:
        check_layout(program, sources, report)
    remark = "" if program else f"; clang-format {CLANG_FORMAT} is missing, layout not checked"
    report.finish(f"{len(every)} text files, {len(sources)} of them C{remark}", not program)


if __name__ == "__main__":
    main()
