# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims, through the program alone: their figures against numbers computed here by other means, and
claims made false on purpose."""

import math

from claims_reference import (collapse_index, graph_loss, least_gain, multiplier_norm, norm_ratios,
                              partitions, squared_collapse, third_bound)
from cli import check, finish, near, refused, result, run


def claims(*words, expect=0):
    """{id: claim} of a run."""
    return {c["id"]: c for c in result("verify", "--quick", *words, expect=expect)["claims"]}


def figure(claim, part, index=0):
    """The value of a figure whose name has `part` in it."""
    found = [f["value"] for f in claim["figures"] if part in f["name"]]
    check(len(found) > index, f"({claim['id']}): no figure '{part}'")
    return found[index]


# ---- Figures ----

def check_saddles(found):
    for name in ("a", "b"):
        for part in ("without a negative mode", "without a certificate", "whose index is not",
                     "disagree"):
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


def check_flow(claim):
    check(figure(claim, "stated limit") <= .05, "(c): margins")
    check(.4 < figure(claim, "that is left") < 1, "(c): deficits")
    near("(c): least ratio", figure(claim, "direction not optimal"),
         min(multiplier_norm(p) for k in (4, 5, 6) for p in partitions(k, k - 2)), 1e-3)
    for part in ("without a negative mode", "without a certificate"):
        check(figure(claim, part) == 0, f"(c): {part}")


def check_norms(claim):
    """K = 4, L = 3, n = 1: three norms of matrices that are assembled here; and (11.7)."""
    here = norm_ratios(3, 640, 4)
    for name, ratio in zip(("spectral norm", "Frobenius norm", "trace"), here):
        near(f"(h): {name}", figure(claim, f"K = 4, L = 3, n = 1: ratio of the {name}"), ratio, 1e-9)
    limits = [f["reference"] for f in claim["figures"] if "(11.7)" in f["name"]]
    for seen, (classes, layers, samples) in zip(limits, ((6, 2, 2), (4, 3, 1))):
        near("(h): limit", seen, (classes - 1) * (1 + layers * (classes - 1) / classes / samples)
             / classes / (1 + (layers + 1) / 2 / samples), 1e-12)
    check(len(limits) == 2, "(h): limits")
    modes = [2 * (r * d - r * (r + 1) / 2) for r, d in ((5, 8), (3, 8))]
    near("(h): zero modes", figure(claim, "zero modes"), modes[0] / modes[1], 1e-12)


def check_bounds(found):
    for i, (classes, samples, power) in enumerate(((4, 1, 2), (3, 2, 2), (6, 1, 1.5))):
        near("(j): bound", math.log10(figure(found["j"], "at L = 100", i)),
             third_bound(classes, samples, 100, power), .01)
    relu = next(f for f in found["k"]["figures"] if "relu" in f["name"])
    near("(k): graph", relu["value"], graph_loss(), 1e-12)
    near("(k): collapse", relu["reference"], squared_collapse(), 1e-12)
    near("(k): as published", relu["value"], .089471, 5e-7)
    check(figure(found["k"], "without a proof") == 0, "(k): proofs")
    check(figure(found["k"], "of any descent") >= -1e-10, "(k): descents")
    for part in ("outliers are not", "within classes", "cross-class", "class part"):
        check(figure(found["i"], part) == 0, f"(i): {part}")
    check(figure(found["i"], "|outlier") <= 1e-11, "(i): outliers")
    check(abs(figure(found["l"], "nothing is below")) <= 1e-6, "(l): from below")
    check(figure(found["l"], "it is reached") <= 1e-6, "(l): from above")


# ---- False on purpose ----

WRONG = ("a.bound=0.9", "b.bound=1.1", "c.factor=2.2", "c.ratio=1.7", "d.depth=1", "e.K-two=5",
         "e.K-deep=3", "f.threshold=1.1", "f.divisor=3", "h.power=0.9", "h.spectral=1.01",
         "i.outlier=1.001", "i.exponent=1", "i.cross=2", "j.survivors=1", "k.linear=1.001",
         "k.relu=0.9", "l.exponent=0.51")


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
    cut = result("verify", "--quick", "--max-seconds", 1e-6, expect=4)
    check(all(claim["holds"] is None for claim in cut["claims"]), "ended at once")
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
check_flow(FOUND["c"])
check_norms(FOUND["h"])
check_bounds(FOUND)
check_wrong()
check_texts()
check_refusals()
finish()
