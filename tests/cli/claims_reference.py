# SPDX-License-Identifier: GPL-3.0-or-later
"""What claims say, computed slowly and obviously: no figure of the program goes in."""

import math


def minimise(f, low, high):
    """Least value of a function on an interval: a fine grid, then golden sections."""
    step = (high - low) / 4000
    at = min(range(4001), key=lambda i: f(low + i * step))
    low, high = max(low, low + (at - 1) * step), low + (at + 1) * step
    for _ in range(200):
        a, b = low + .381966 * (high - low), low + .618034 * (high - low)
        low, high = (low, b) if f(a) < f(b) else (a, high)
    return f((low + high) / 2)


def root(f, low, high):
    """Where a function that falls crosses zero."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return (low + high) / 2


def partitions(total, most):
    """Partitions of a number into parts from 2 to `most`."""
    if total == 0:
        yield []
    for part in range(min(total, most), 1, -1):
        for rest in partitions(total - part, part):
            yield [part, *rest]


# ---- Matrices as lists of rows ----

def times(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def transposed(a):
    return [list(column) for column in zip(*a)]


def norm(a):
    """Largest singular value: a^T a squared twelve times points along its vector."""
    power = square = times(transposed(a), a)
    for _ in range(12):
        size = max(abs(x) for row in power for x in row)
        power = [[x / size for x in row] for row in power]
        power = times(power, power)
    vector = max(([row[i] for row in power] for i in range(len(power))),
                 key=lambda v: max(map(abs, v)))
    along = [sum(x * y for x, y in zip(row, vector)) for row in square]
    return math.sqrt(sum(x * y for x, y in zip(along, vector)) / sum(x * x for x in vector))


# ---- (c) ----

def multiplier_norm(parts):
    """Norm of the matrix of multipliers of a block partition, in units of its signal values."""
    classes = sum(parts)
    block = [j for j, k in enumerate(parts) for _ in range(k)]
    return norm([[1.0 if i == k else 0.0 if block[i] == block[k]
                  else -1.0 / (classes - parts[block[k]]) for k in range(classes)]
                 for i in range(classes)])


# ---- (e), (f) ----

def block_loss(k, classes, layers, ridge):
    """What a block of k classes adds to the loss, at its best scale; n = 1."""
    def loss(a):
        others = (k - 1) * math.exp(-a) + (classes - k) * math.exp(-a * (k - 1) / k)
        return (k / classes * math.log1p(others)
                + ridge / 2 * (layers + 1) * (k - 1) * a ** (2 / (layers + 1)))
    return minimise(loss, 1e-9, 60.0)


def least_gain():
    """Over settings of claim (e) whose lambda is a tenth of the fold's."""
    worst = 1.0
    for layers, least in ((2, 6), (3, 4), (4, 4)):
        for classes in range(least, 8):
            fold = max(a ** ((layers - 1) / (layers + 1)) / (math.exp(a) + classes - 1)
                       for a in (i * 1e-3 for i in range(1, 10000)))
            ridge = .1 * fold
            cost = {k: block_loss(k, classes, layers, ridge) for k in range(2, classes + 1)}
            lowest = min(sum(cost[k] for k in p) for p in partitions(classes, classes - 2))
            worst = min(worst, (cost[classes] - lowest) / cost[classes])
    return worst


def collapse_index(classes, layers, a):
    """Negative copies in the table (4.3), n = 1."""
    p_other = 1 / (math.exp(a) + classes - 1)
    gap = (math.exp(a) - 1) * p_other
    k, up, down, r = a / classes, layers + 1, layers - 1, classes - 1
    pairs = (up * k - down, classes * (classes - 3) // 2)
    scale = (up * k * (1 + r * gap) - down, 1)
    first, last = 2 + up * (k * (1 + (classes - 2) * gap) - 1), 1 + k + k * gap
    c = math.sqrt(up) * a * gap * math.sqrt(classes - 2) / classes
    soft = ((first + last - math.hypot(first - last, 2 * c)) / 2, r)
    return sum(copies for value, copies in (pairs, scale, soft) if value < 0)


# ---- (h) ----

class Deep:
    """A balanced point of K = 4, n = 1 with logits of equal singular values: frame (4 x r) times
    `size` times the frame transposed. Hessian products as in docs/mathematics.md (2.3), in units of
    the ridge: `scaled` is 1/lambda."""

    def __init__(self, frame, size, layers, scaled, chances):
        s, r = size ** (1 / (layers + 1)), len(frame[0])
        square = [[s * (i == j) for j in range(r)] for i in range(r)]
        last = [[s * x for x in row] for row in frame]
        self.factors = [transposed(last)] + [square] * (layers - 1) + [last]  # H, W_1 .. W_L
        self.layers, self.scaled, self.chances = layers, scaled, chances
        self.residual = [[scaled * p / 4 for p in row] for row in chances[1]]
        self.below = [self.factors[0]]
        for weight in self.factors[1:]:
            self.below.append(times(weight, self.below[-1]))
        self.signals = [self.residual]
        for weight in reversed(self.factors[1:]):
            self.signals.insert(0, times(transposed(weight), self.signals[0]))

    def loss_product(self, change):
        """Columns p * (r - p.r)/N with r relative to the true class, where nothing cancels."""
        out = [[0.0] * 4 for _ in range(4)]
        for i in range(4):
            column = [change[j][i] - change[i][i] for j in range(4)]
            p = [self.chances[0][j][i] for j in range(4)]
            mean = sum(x * y for x, y in zip(p, column))
            for j in range(4):
                out[j][i] = self.scaled * p[j] * (column[j] - mean) / 4
            out[i][i] = -sum(out[j][i] for j in range(4) if j != i)
        return out

    def product(self, direction):
        def plus(*terms):
            return [[sum(xs) for xs in zip(*rows)] for rows in zip(*terms)]
        ahead = [direction[0]]
        for q, weight, below in zip(direction[1:], self.factors[1:], self.below):
            ahead.append(plus(times(q, below), times(weight, ahead[-1])))
        back, out = self.loss_product(ahead[-1]), []
        for l in range(self.layers, 0, -1):
            out.insert(0, plus(times(back, transposed(self.below[l - 1])),
                               times(self.signals[l], transposed(ahead[l - 1])), direction[l]))
            back = plus(times(transposed(self.factors[l]), back),
                        times(transposed(direction[l]), self.signals[l]))
        return [plus(back, direction[0])] + out

    def matrix(self):
        places = [(f, i, j) for f, a in enumerate(self.factors) for i in range(len(a))
                  for j in range(len(a[0]))]
        rows = []
        for f, i, j in places:
            unit = [[[float((f, i, j) == (g, a, b)) for b in range(len(m[0]))]
                     for a in range(len(m))] for g, m in enumerate(self.factors)]
            y = self.product(unit)
            rows.append([y[g][a][b] for g, a, b in places])
        return rows


def norms(point, width):
    """Spectral norm, Frobenius norm and trace in units of lambda at a width of every hidden space:
    the matrix at width r, and what wider spaces add. A null space of dimension width - r holds, for
    each hidden space, pairs of singular values c of (3.11) with eigenvalues 1 - c and 1 + c."""
    rows, r, wide = point.matrix(), len(point.factors[0]), width
    frobenius = sum(x * x for row in rows for x in row)
    trace = sum(row[i] for i, row in enumerate(rows))
    # At a critical point with equal ridges every signal singular value c is 1; others are those of
    # the logit gradient, and only they differ: they stand in the null space of H alone for L = 1.
    # For L >= 2 the columns outside the signal space are unpaired.
    outer = (point.layers - 1) * (wide - r) ** 2
    pairs = (wide - r) * r * point.layers
    unpaired = 2 * (4 - r) * (wide - r)
    frobenius += outer + pairs * 4 + unpaired
    trace += outer + pairs * 2 + unpaired
    return norm(rows), math.sqrt(frobenius), trace


def norm_ratios(layers, a, width):
    """K = 4, n = 1: collapse over cross-polytope at the lambda where collapse has the scale a."""
    ridge = a ** ((layers - 1) / (layers + 1)) / (math.exp(a) + 3)
    other = 1 / (math.exp(a) + 3)
    even = [[other] * 4 for _ in range(4)]
    right = [[-3 * other if i == j else other for j in range(4)] for i in range(4)]
    frame = [[-1, -1, -1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    frame = gram_schmidt(frame)
    collapse = norms(Deep(frame, a, layers, 1 / ridge, (even, right)), width)
    b = math.log(1 / ridge)
    down = (layers - 1) / (layers + 1)
    b = root(lambda x: 2 * math.exp(-x) + 2 * math.exp(-2 * x)
             - 4 * ridge * (2 * x) ** -down * (1 + 2 * math.exp(-x) + math.exp(-2 * x)), b / 2, 2 * b)
    total = 1 + 2 * math.exp(-b) + math.exp(-2 * b)
    partner = [1, 0, 3, 2]
    even = [[(math.exp(-2 * b) if i == partner[j] else 1.0 if i == j else math.exp(-b)) / total
             for j in range(4)] for i in range(4)]
    right = [[even[i][j] if i != j else -sum(even[k][j] for k in range(4) if k != j)
              for j in range(4)] for i in range(4)]
    h = math.sqrt(.5)
    polytope = norms(Deep([[h, 0], [-h, 0], [0, h], [0, -h]], 2 * b, layers, 1 / ridge,
                          (even, right)), width)
    return [x / y for x, y in zip(collapse, polytope)]


def gram_schmidt(rows):
    """Orthonormal columns with the same span."""
    done = []
    for column in zip(*rows):
        rest = list(column)
        for q in done:
            along = sum(x * y for x, y in zip(q, rest))
            rest = [x - along * y for x, y in zip(rest, q)]
        size = math.sqrt(sum(x * x for x in rest))
        done.append([x / size for x in rest])
    return transposed(done)


# ---- (j), (k) ----

def third_bound(classes, samples, layers, power):
    """log10 of the bound (11.3) with the best polygon."""
    ridge = layers ** -power
    turn = 2 * math.pi / classes

    def loss(log_b):
        b = math.exp(log_b)
        others = sum(math.exp(b * (math.cos(turn * j) - 1)) for j in range(1, classes))
        spread = b * classes * math.sqrt(samples) / 2
        return math.log1p(others) + ridge * (layers + 1) * spread ** (2 / (layers + 1))
    best = minimise(loss, -1.0, 8.0)
    margin = -math.log(math.expm1(classes * samples * best))
    left = (2 * best / (ridge * (layers + 1))
            - 2 * (margin / math.sqrt(2)) ** (2 / (layers + 1)))
    return (layers + 1) / 2 * math.log10(left)


def graph_loss():
    """The construction on the edges of K_5: (6.2), (6.3) with L = 4, lambda = .004, n = 1."""
    nuclear = math.sqrt(8) + 4 * math.sqrt(3)  # B B^T = 3 I + 1 1^T
    m = [nuclear, 5, 50, 10]
    c = (.004 ** 2.5 * m[0] * math.sqrt(m[1] * m[2] * m[3]) / 2) ** .4
    q = root(lambda x: (1 - x) * x ** .6 - c, .6, 1.0)
    return (1 - q) ** 2 / 2 + 2.5 * c * q ** .4


def squared_collapse():
    """Loss of collapse for K = 10, L = 4, lambda = .004, n = 1: (5.1), (5.2)."""
    q = root(lambda x: (1 - x) * x ** .6 - .04, .6, 1.0)
    return (1 - q) * (1 + 4 * q) / 2
