# SPDX-License-Identifier: GPL-3.0-or-later
"""What the peers share: the point and direction from the file, and the lines of
tests/bench/product.c (`run COUNT`, `write FILE`) answered on standard output."""
import json
import sys
import time

import numpy as np

RIDGE = 1e-3


class Case:
    """Arrays as they stand in the file: W_l column by column, that is its transpose row by row;
    then the features, a row a sample. A layer is `A @ weight`."""

    def __init__(self, arguments):
        path, *sizes = arguments
        width, self.samples, self.classes, layers, self.threads = map(int, sizes)
        widths = [width] * layers + [self.classes]
        self.shapes = [*zip(widths, widths[1:]), (self.samples, width)]
        self.numbers = np.fromfile(path)
        half = self.numbers.size // 2
        self.theta = self.blocks(self.numbers[:half])
        self.direction = self.blocks(self.numbers[half:])
        self.labels = np.arange(self.samples) % self.classes

    def blocks(self, numbers):
        ends = np.cumsum([rows * cols for rows, cols in self.shapes])
        assert ends[-1] == numbers.size
        return [part.reshape(shape)
                for part, shape in zip(np.split(numbers, ends[:-1]), self.shapes)]


def answer(**facts):
    print(json.dumps(facts), flush=True)


def serve(job, version):
    """job(): one product or eigenvalue, finished when it returns, as a list of arrays."""
    result = job()
    answer(version=version)
    for line in sys.stdin:
        command, argument = line.split()
        if command == "write":
            np.concatenate([np.asarray(part).ravel() for part in result]).tofile(argument)
            answer()
            continue
        count = int(argument)
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(count):
            result = job()
        answer(wall=(time.perf_counter() - wall) / count,
               processor=(time.process_time() - processor) / count)
