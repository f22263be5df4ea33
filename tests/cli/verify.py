# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims, through the program alone: their figures against numbers computed here by other means, and
claims made false on purpose."""

import math

from cli import check, finish, near, refused, result, run


def claims(*words, expect=0):
    """{id: claim} of a run."""
    return {c["id"]: c for c in result("verify", "--quick", *words, expect=expect)["claims"]}


def figure(claim, part, index=0):
    """The value of a figure whose name has `part` in it."""
    found = [f["value"] for f in claim["figures"] if part in f["name"]]
    check(len(found) > index, f"({claim['id']}): no figure '{part}'")
    return found[index]


# ---- Slow and obvious references ----

def minimise(f, low, high):
    """Least value of a function on an interval: a fine grid, then golden sections."""
    step = (high - low) / 4000
    at = min(range(4001), key=lambda i: f(low + i * step))
    low, high = max(low, low + (at - 1) * step), low + (at + 1) * step
    for _ in range(200):
        a, b = low + .381966 * (high - low), low + .618034 * (high - low)
        low, high = (low, b) if f(a) < f(b) else (a, high)
    return f((low + high) / 2)


def block_loss(k, classes, layers, ridge):
    """What a block of k classes adds to the loss, at its best scale; n = 1."""
    def loss(a):
        others = (k - 1) * math.exp(-a) + (classes - k) * math.exp(-a * (k - 1) / k)
        return (k / classes * math.log1p(others)
                + ridge / 2 * (layers + 1) * (k - 1) * a ** (2 / (layers + 1)))
    return minimise(loss, 1e-9, 60.0)


def partitions(total, most):
    """Partitions of a number into parts from 2 to `most`."""
    if total == 0:
        yield []
    for part in range(min(total, most), 1, -1):
        for rest in partitions(total - part, part):
            yield [part, *rest]


def least_gain():
    """Over settings of claim (e) whose lambda is a fixed part of the fold."""
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


# ---- Figures ----

def check_saddles(found):
    for name in ("a", "b"):
        for part in ("without a negative mode", "whose index is not", "disagree"):
            check(figure(found[name], part) == 0, f"({name}): {part}")
        check(figure(found[name], "critical points above") > 20, f"({name}): few points")
        check(figure(found[name], "v^T H v") <= 1e-12, f"({name}): direction")
    # Zero has K - 1 singular values 1/(K sqrt n) in G, and rank 0; K = 6, n = 1, d = 7 has most.
    check(figure(found["a"], "largest index") == 5 * 7, "(a): index of zero")
    # Squared error has K of them; K = 8, d = 10.
    check(figure(found["b"], "largest index") == 8 * 10, "(b): index of zero")


def check_depth(found):
    check(figure(found["d"], "with a negative mode") == 0, "(d): negative modes")
    check(figure(found["d"], "lambda|/lambda") <= 1e-12, "(d): zero")
    gain, here = figure(found["e"], "least gain"), least_gain()
    check(0 < gain <= here, f"(e): least gain {gain}, of some settings {here}")
    for classes in (4, 5, 6):
        for layers in (2, 3):
            a = classes * (layers - 1) / (layers + 1)
            check(collapse_index(classes, layers, 1.001 * a) == 0, "(f): here, above")
            check(collapse_index(classes, layers, .999 * a) == classes * (classes - 3) // 2,
                  "(f): here, below")
    check(figure(found["f"], "at 1.001") == 6 and figure(found["f"], "at 0.999") == 6, "(f)")


def check_dimension(found):
    claim = found["g"]
    check(claim["holds"] is False and claim["expected"] is False, "(g) is false")
    check(figure(claim, "not the number claimed") == 9, "(g): points that contradict")
    check(figure(claim, "zero modes are not L") == 0, "(g): the other count")
    for i, d in enumerate((10, 15, 100, 1e7)):
        here = [(r * d - r * (r + 1) / 2, r * (d - r)) for r in (9, 5)]
        near("(g): measured", figure(claim, "measured", i), here[0][0] / here[1][0], 1e-12)
        near("(g): claimed", figure(claim, "by the count", i), here[0][1] / here[1][1], 1e-12)
    near("(g): limit", figure(claim, "both tend to"), 9 / 5, 1e-15)


# ---- False on purpose ----

WRONG = ("a.bound=0.9", "b.bound=1.1", "d.depth=1", "e.K-two=5", "e.K-deep=3", "f.threshold=1.1",
         "f.divisor=3")


def check_wrong():
    for text in WRONG:
        name, value = text.split("=")
        claim = claims("--only", name[0], "--constant", text, expect=1)[name[0]]
        check(claim["holds"] is False and claim["expected"] is True, f"{text}: {claim['holds']}")
        check(claim["constants"][name[2:]] == float(value), f"{text}: {claim['constants']}")
        check(any(f.get("holds") is False for f in claim["figures"]), f"{text}: every figure holds")
    claim = claims("--only", "g", "--constant", "g.rotations=1", expect=1)["g"]
    check(claim["holds"] is True, "(g) with the rotations counted")


# ---- The program ----

def check_texts():
    words = ("verify", "--quick", "--only", "f,g")
    text = run(*words).stdout
    check("(f) holds" in text and "(g) fails" in text, "the text")
    check("1 hold, 1 fail, 0 undecided" in text, "the last line")
    rows = run(*words, "--markdown").stdout.splitlines()
    check(len(rows) == 4 and all(row.replace("\\|", "").count("|") == 7 for row in rows),
          f"markdown: {len(rows)} rows")
    latex = run(*words, "--latex").stdout
    check(latex.startswith("\\begin{longtable}") and latex.endswith("\\end{longtable}\n"), "LaTeX")
    check(latex.count("{") == latex.count("}"), "LaTeX: braces")
    check(latex.replace("\\&", "").count("&") == 5 * 3, "LaTeX: cells")
    check("unexpected" not in result(*words) or result(*words)["unexpected"] == 0, "unexpected")


def check_refusals():
    refused("verify", "--only", "z", part="'z'")
    refused("verify", "--only", "a,", part="''")
    refused("verify", "--constant", "a.bound", part="ID.NAME=X")
    refused("verify", "--constant", "a.bound=x", part="no number")
    refused("verify", "--constant", "a.bond=1", part="a.bond")
    refused("verify", "--only", "a", "--constant", "f.threshold=1", part="f.threshold")
    refused("verify", "--only", "d", "--constant", "d.depth=0", part="depth")
    refused("verify", "--markdown", "--latex", part="exclude")
    refused("verify", "--markdown", "--json", "-", part="exclude")


FOUND = claims()
for each in FOUND.values():
    check(each["holds"] == each["expected"], f"({each['id']}): {each['holds']}")
    check(each["source"] and each["statement"] and each["computed"], f"({each['id']}): texts")
check_saddles(FOUND)
check_depth(FOUND)
check_dimension(FOUND)
check_wrong()
check_texts()
check_refusals()
finish()
