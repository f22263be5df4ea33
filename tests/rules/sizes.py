# SPDX-License-Identifier: GPL-3.0-or-later
"""Budgets: lines a file and a room, columns a line, lines and parameters a function."""
from c_source import functions
from modules import folder, sources
from project import Report, c_files, median, read, root

FILE_LINES = 400
EXAMPLE_LINES = 80
COLUMNS = 100
FUNCTION_LINES = 60
PARAMETERS = 7
PROGRAM_LINES = 5500  # of tools/thalweg: the program is thin
ROOM_SHARE = 0.2  # of all lines of the library and the program
SMALL_PROJECT = 10000  # lines below which shares mean nothing


def check_functions(path, text, report):
    """Reports long functions; returns all of them."""
    try:
        found = functions(text)
    except ValueError as fault:
        report.add(path, 1, str(fault))
        return []
    for function in found:
        length = function.last - function.first + 1
        if length > FUNCTION_LINES:
            report.add(path, function.first,
                       f"{function.name} has {length} lines, more than {FUNCTION_LINES}")
        if function.parameters > PARAMETERS:
            report.add(path, function.first,
                       f"{function.name} has {function.parameters} parameters, "
                       f"more than {PARAMETERS}")
    return found


def check_rooms(top, report):
    """Reports rooms that outgrew their share; returns the largest and its share."""
    lines = {}
    for path in sources(top):
        room = folder(top, path)
        lines[room] = lines.get(room, 0) + len(read(path).splitlines())
    total = sum(lines.values())
    largest = max(lines, key=lines.get, default=None)
    share = lines[largest] / total if total else 0.0
    if total >= SMALL_PROJECT and share > ROOM_SHARE:
        place = top / ("tools/thalweg" if largest == "tools" else f"src/{largest}")
        report.add(place, 1, f"{lines[largest]} of {total} lines, more than a share of "
                             f"{ROOM_SHARE:g}: a room to divide")
    return largest, share


def check_program(top, report):
    """Reports a program that does what the library should; blames its first file."""
    program = [path for path in sources(top) if folder(top, path) == "tools"]
    lines = sum(len(read(path).splitlines()) for path in program)
    if lines > PROGRAM_LINES:
        report.add(program[0], 1, f"the program has {lines} lines, more than {PROGRAM_LINES}: "
                                  "what is no parsing and no printing belongs to the library")
    return lines


def main():
    top = root()
    report = Report(top)
    heights, every = [], []
    for path in c_files(top):
        text = read(path)
        lines = text.splitlines()
        example = path.relative_to(top).parts[0] == "examples"
        budget = EXAMPLE_LINES if example else FILE_LINES
        if len(lines) > budget:
            report.add(path, len(lines), f"{len(lines)} lines, more than {budget}")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                report.add(path, number, f"{len(line)} columns, more than {COLUMNS}")
        heights.append(len(lines))
        every += check_functions(path, text, report)
    largest, share = check_rooms(top, report)
    program = check_program(top, report)
    lengths = [function.last - function.first + 1 for function in every]
    arity = [function.parameters for function in every]
    report.finish(f"{len(heights)} files, median {median(heights)} lines, longest "
                  f"{max(heights, default=0)}; {len(every)} functions, median {median(lengths)} "
                  f"lines, longest {max(lengths, default=0)}, median {median(arity)} parameters; largest room "
                  f"{largest} with {share:.0%} of the lines; program {program} lines")


if __name__ == "__main__":
    main()
