# SPDX-License-Identifier: GPL-3.0-or-later
"""No module includes itself through others."""
from modules import include_table, module
from project import Report, root


def graph(top):
    """{module: {included module: (file, line) of one such include}}"""
    edges = {}
    for path, rows in include_table(top).items():
        here = module(top, path)
        edges.setdefault(here, {})
        for _, line, target in rows:
            if target and module(top, target) != here:
                edges[here].setdefault(module(top, target), (path, line))
    return edges


def find_cycles(edges):
    """One cycle for every edge that closes one in a depth-first walk: modules, first one last."""
    cycles, trail, done = [], [], set()

    def walk(node):
        trail.append(node)
        for successor in sorted(edges.get(node, {})):
            if successor in trail:
                cycles.append(trail[trail.index(successor):] + [successor])
            elif successor not in done:
                walk(successor)
        done.add(trail.pop())

    for node in sorted(edges):
        if node not in done:
            walk(node)
    return cycles


def main():
    top = root()
    report = Report(top)
    edges = graph(top)
    for cycle in find_cycles(edges):
        path, line = edges[cycle[-2]][cycle[-1]]
        report.add(path, line, "include cycle: " + " -> ".join(cycle))
    count = sum(len(successors) for successors in edges.values())
    report.finish(f"{len(edges)} modules, {count} edges, no cycle")


if __name__ == "__main__":
    main()
