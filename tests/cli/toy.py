# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of five parameters that tests descend by themselves: K = 2, n = 1, L = 2, d = 1, cross
entropy, lambda = 0.1. It has two optima up to symmetry, zero and the collapsed one."""

import math

LAMBDA = 0.1
MODEL = {"classes": 2, "samples": 1, "width": 1, "depth": 2, "lambda": LAMBDA}


def gradient(theta):
    """theta = (W1, W2's rows, H's columns)."""
    w, features = theta[0], theta[3:]
    slope = [LAMBDA * x for x in theta]
    for i, h in enumerate(features):
        other = 0.5 / (1 + math.exp((theta[1 + i] - theta[2 - i]) * w * h))  # half of 1 - p_y
        signal = other * (theta[2 - i] - theta[1 + i])
        slope[0] += signal * h
        slope[1 + i] -= other * w * h
        slope[2 - i] += other * w * h
        slope[3 + i] += signal * w
    return slope


def ends_at_zero(theta):
    """Where gradient descent of small steps goes from there."""
    for _ in range(4000):
        slope = gradient(theta)
        theta = [x - 0.1 * y for x, y in zip(theta, slope)]
        if sum(x * x for x in theta) < 1e-4:
            return True
        if sum(y * y for y in slope) < 1e-10:
            return False
    raise ValueError("the descent of the test did not end")
