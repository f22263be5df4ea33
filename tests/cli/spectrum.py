# SPDX-License-Identifier: GPL-3.0-or-later
"""`spectrum` answers the question that was asked: parts of the Hessian in every mode, options that
mean nothing refused, plans that only plan, limits of memory kept before they are reached."""

import json
import re
import shutil
import tempfile
import time
from pathlib import Path

from cli import DATA, REAL, check, finish, near, refused, result, run

DNC = DATA / "ce-L2-K4-dnc.npz"
CLOSED = ["--closed-form", "dnc", "--classes", 4, "--samples", 2, "--width", 6, "--depth", 2,
          "--lambda", 0.004]
INSIDE = {"near-zero": [2], "below": [0.01], "interval": [0.001, 0.01]}
FOLDER = Path(tempfile.mkdtemp())


def values(words, expect=0):
    """[(value, multiplicity)] of a call."""
    return [(e["value"], e["multiplicity"])
            for e in result("spectrum", *words, expect=expect)["eigenvalues"]]


# ---- Parts and blocks, inside the spectrum as at its ends ----

def check_parts():
    """The dense route by the same options is the truth."""
    whole = values([DNC])
    for part in (["--block", "W1"], ["--blocks", "W1,H"], ["--part", "residual"],
                 ["--part", "gauss-newton", "--block", "H"]):
        truth = values([DNC, *part, "--method", "dense"])
        norm = max(abs(value) for value, _ in truth)
        low, high = sorted([0.3 * norm, 0.8 * norm])
        wanted = [(t, m) for t, m in truth if low <= t <= high]
        found = values([DNC, *part, "--interval", low, high])
        check(truth != whole and [m for _, m in found] == [m for _, m in wanted],
              f"{part}: {found}, by the dense route {wanted}")
        for (ours, _), (theirs, _) in zip(found, wanted):
            near(f"{part}", ours, theirs, 1e-9 * norm)
        below = values([DNC, *part, "--below", high])
        check(sum(m for _, m in below) == sum(m for t, m in truth if t <= high),
              f"{part} --below: {below}")
        record = result("spectrum", DNC, *part, "--near-zero", 2)
        check(record["part"] == (part[1] if part[0] == "--part" else "all"), f"{part}: {record}")
        check(record["deflated"] is False, f"{part}: orbit deflated")
        nearest = sorted(abs(t) for t, m in truth for _ in range(m))[:2]
        ours = sorted(abs(e["value"]) for e in record["eigenvalues"]
                      for _ in range(e["multiplicity"]))
        check(len(ours) == 2, f"{part} --near-zero 2: {ours}")
        for one, other in zip(ours, nearest):
            near(f"{part} --near-zero", one, other, 1e-9 * norm)
    blocks = result("spectrum", DNC, "--block", "W1", "--near-zero", 1)
    check(blocks["blocks"] == "W1" and blocks["parameters"] == 36, f"record: {blocks}")
    check(not any(e.get("label") == "symmetry orbit" for e in blocks["eigenvalues"]),
          "the orbit is listed for a block")
    check("blocks" in result("spectrum", DNC, "--near-zero", 1), "no blocks in the record")


# ---- Evidence of searches inside ----

def check_counts():
    """The whole count, the orbit's modes included, beside the inertia's."""
    whole = values([DNC])
    for words in (["--below", 0.0005], ["--below", 0.009], ["--interval", 0.003, 0.009],
                  ["--near-zero", 30], ["--near-zero", 31]):
        ours = result("spectrum", DNC, *words)
        high = words[-1] if words[0] != "--near-zero" else max(t for t, _ in values([DNC, *words]))
        truth = sum(m for t, m in whole
                    if t <= high + 1e-9 and (words[0] != "--interval" or t > 0.003))
        if words == ["--near-zero", 31]:  # one of thirty copies of the next value
            truth -= 29
        check(ours["count"] == truth, f"{words}: {ours['count']} of {truth}")
        check(ours["count_orbit"] == (24 if words[0] != "--interval" else 0), f"{words}: {ours}")
        second = ours["inertia"]
        check(second["count"] == second["listed"] and second["margin"] >= 1, f"{words}: {second}")
        check(second["count"] == truth - (words == ["--near-zero", 31]), f"{words}: {second}")
        table = run("spectrum", DNC, *words).stdout
        shown = re.search(rf"^  eigenvalues found +{truth}$", table, re.M)
        check(shown and "inertia from" in table, f"{words}: {table}")
        check(all("label" in e for e in ours["eigenvalues"]), f"{words}: no labels")


def check_budgets():
    """What a budget cut short is marked as a lower bound, and the budget named."""
    for words, part in ((["--below", 0.009, "--max-products", 200], "--max-products 200"),
                        (["--below", 0.009, "--max-count", 40], "--max-count"),
                        (["--smallest", 40, "--method", "lanczos", "--max-products", 200],
                         "products: there may be gaps")):
        ours = result("spectrum", DNC, *words, expect=4)
        truth = dict((round(t, 9), m) for t, m in values([DNC]))
        for entry in ours["eigenvalues"]:
            most = truth[round(entry["value"], 9)]
            check(entry["multiplicity"] == most or entry.get("cut"), f"{words}: {entry} of {most}")
        check(any(e.get("cut") for e in ours["eigenvalues"]), f"{words}: nothing cut")
        table = run("spectrum", DNC, *words, expect=4).stdout
        check(part in table and ">= " in table, f"{words}: {table}")


def check_unpolished():
    """Symmetry is not deflated there, which is said; hopeless searches end early."""
    raw = REAL / "torch-linear-K4-dnc.safetensors"
    for words in (["--near-zero", 4], ["--below", 0]):
        ours = result("spectrum", raw, *words, expect=4)
        check(ours["products"] < 20000, f"{words}: {ours['products']} products")
        check(ours["reason"] == "count" and ours["eigenvalues"] == [], f"{words}: {ours}")
        check(not ours["deflated"], f"{ours}")
        check(ours["symmetry"] == {"dimension": None, "deflated": False, "stationary": False,
                                   "tangent_residual": None}, f"{words}: {ours['symmetry']}")
        # 342 of the orbit, about half of them below zero
        more = ours["expected"]["count"] + 4 * ours["expected"]["error"]
        check(200 < ours["expected"]["count"] and more > 200, f"{words}: {ours['expected']}")
        table = run("spectrum", raw, *words, expect=4).stdout
        check("polish it first" in table and "lie " in table, f"{words}: {table}")
    check("--max-count" in run("spectrum", raw, "--below", 0, expect=4).stdout, "no way out named")


# ---- Options that mean nothing ----

def both(words, *names):
    """Refused, with both names in the sentence."""
    for name in names:
        refused("spectrum", *words, part=name)


def check_contradictions():
    both([DNC, *CLOSED], str(DNC), "--closed-form")
    closed_only = {"classes": 4, "samples": 2, "width": 6, "depth": 2, "lambda": 0.1}
    for name, value in closed_only.items():
        both([DNC, f"--{name}", value], f"--{name} ", "FILE")
        both([DNC, f"--{name}", value, "--below", 0], f"--{name} ", "--below")
    not_closed = {"block": "W1", "blocks": "W1,W2", "part": "data", "activation": "relu",
                  "lambda-W": 0.1, "lambda-H": 0.1, "lambda-b": 0, "near-zero": 2, "below": 1,
                  "method": "dense", "rank-tolerance": 0.1, "cluster-tolerance": 0.1,
                  "max-count": 3}
    for name, value in not_closed.items():
        both([*CLOSED, f"--{name}", value], f"--{name} ", "--closed-form")
    both([*CLOSED, "--method", "sectors"], "--method", "--closed-form")
    both([*CLOSED, "--interval", 0, 1], "--interval", "--closed-form")
    both([DNC, "--block", "W1", "--blocks", "W2"], "--block ", "--blocks")
    both([DNC, "--method", "sectors", "--block", "W1"], "--block ", "--method sectors")
    both([DNC, "--method", "sectors", "--part", "data"], "--part", "--method sectors")
    both([DNC, "--max-count", 3], "--max-count", "FILE")
    for name, given in INSIDE.items():
        for other, more in INSIDE.items():
            if name < other:
                both([DNC, f"--{name}", *given, f"--{other}", *more], f"--{name}", f"--{other}")
        for other, more in {"largest": 3, "smallest": 3, "method": "sectors"}.items():
            both([DNC, f"--{name}", *given, f"--{other}", more], f"--{name}", f"--{other}")
        both([DNC, f"--{name}", *given, "--method=lanczos"], f"--{name}", "--method")
        both([DNC, f"--{name}", *given, "--dense-limit", 100], f"--{name}", "--dense-limit")
    both([DNC, "--near-zero", 2, "--max-count", 3], "--near-zero", "--max-count")


def check_limits_everywhere():
    """A limit that is not reached is obeyed: no contradiction."""
    limits = ["--max-products", 100000, "--max-seconds", 1000, "--memory-limit", 1]
    for words in ([DNC], [DNC, "--below", 0.005], [DNC, "--method", "sectors"], CLOSED):
        run("spectrum", *words, *limits)


def check_dense_budget():
    """The dense route is not begun when its products are more than allowed."""
    refused("spectrum", DNC, "--max-products", 100, part="--max-products 100")
    refused("spectrum", DNC, "--max-products", 100, "--method", "dense", part="--max-products 100")
    ours = result("spectrum", DNC, "--max-products", 150, "--largest", 1)
    check(ours["method"] == "lanczos" and ours["products"] <= 150, f"{ours['method']}")


# ---- Plans ----

def check_plans():
    routes = [([DNC], "dense"), ([DNC, "--largest", 2, "--method", "lanczos"], "products"),
              ([DNC, "--block", "H", "--part", "data"], "dense"),
              ([DNC, "--method", "sectors"], "sectors"), (CLOSED, "closed-form")]
    routes += [([DNC, f"--{name}", *given], "inside") for name, given in INSIDE.items()]
    for words, route in routes:
        plan = result("spectrum", *words, "--plan")
        check("eigenvalues" not in plan and plan["route"] == route, f"{words} --plan: {plan}")
        check(isinstance(plan["parameters"], int) and isinstance(plan["products"], int),
              f"{words}: {plan}")
        check((plan["products"] < plan["products_most"]) == (route in ("inside", "products")),
              f"{words}: {plan}")
        table = run("spectrum", *words, "--plan").stdout
        check(route in table and "eigenvalue" not in table, f"{words} --plan: {table}")
    # a search of minutes is planned in a moment
    large = REAL / "digits-head.safetensors"
    for name, given in INSIDE.items():
        start = time.monotonic()
        plan = result("spectrum", large, f"--{name}", *given, "--plan", "--max-products", 5000)
        check(plan["products"] <= plan["products_most"], f"{plan}")
        # those of the search, and those that find the orbit, which are beside the budget
        check(5000 <= plan["products_most"] <= 5200, f"{plan}")
        check(time.monotonic() - start < 20, f"--{name} --plan took its time")
    refused("spectrum", DNC, "--method", "dense", "--dense-limit", 50, "--plan", part="--dense-limit")
    refused("spectrum", DNC, "--dense-limit", 50, "--plan", part="--dense-limit")


# ---- Closed forms ----

def check_closed_forms():
    """Facts at any size, a spectrum where one can be had, and stability from it."""
    large = {"classes": 1000, "samples": 3, "width": 1000, "depth": 3, "lambda": 1e-5}
    words = [word for key, value in large.items() for word in (f"--{key}", value)]
    for name, loss in (("cross-polytope", "ce"), ("blocks:600,400", "ce"), ("projector:7", "mse")):
        call = ["--closed-form", name, *words, "--loss", loss]
        ours = result("spectrum", *call, expect=4)
        form = ours["closed_form"]
        check(ours["loss"] > 0 and form["exists"] and len(form["scales"]) > 0, f"{name}: {ours}")
        check(ours["reason"] == "dense limit" and ours["eigenvalues"] == [],
              f"{name}: {ours['reason']}")
        table = run("spectrum", *call, expect=4).stdout
        check(re.search(r"^  loss +0\.", table, re.M) and "exists up to" in table, f"{name}: {table}")
        check("--dense-limit" in table, f"{name}: {table}")
    small = ["--classes", 5, "--samples", 2, "--width", 8, "--lambda", 1e-3]
    forms = [("blocks:3,2", 2, "ce"), ("projector:1", 1, "mse"), ("projector:5", 2, "mse"),
             ("dnc", 2, "ce"), ("blocks:3,2", 1, "ce")]
    for name, depth, loss in forms:
        ours = result("spectrum", "--closed-form", name, *small, "--depth", depth, "--loss", loss)
        negative = min(e["value"] for e in ours["eigenvalues"]) < -1e-9 * ours["hessian_norm"]
        check(ours["closed_form"]["stability"] == ("saddle" if negative else "stable"),
              f"{name} {loss} L={depth}: {ours['closed_form']}")
    two = result("spectrum", *CLOSED)["closed_form"]
    check(0 < two["other_scales"][0] < two["scales"][0], f"two roots: {two}")
    # what is printed as the fold exists, what is beyond by a part in 1e10 does not
    fold = two["fold_lambda"]
    for factor, code in ((1 - 1e-10, 0), (1 + 1e-10, 1)):
        run("spectrum", *CLOSED[:-1], repr(fold * factor), expect=code)
    text = re.search(r"exists up to lambda +(\S+)", run("spectrum", *CLOSED).stdout)[1]
    check(float(text) == fold, f"fold printed as {text}, {fold!r} in the record")
    run("spectrum", *CLOSED[:-1], text)


# ---- Memory ----

def check_memory():
    large = REAL / "digits-head.safetensors"
    for words in (["density"], ["trace"], ["spectrum", "--near-zero", 4], ["spectrum", "--below", 0],
                  ["spectrum", "--largest", 1]):
        limit = 0.02 if "--largest" in words else 0.04  # a search does with few basis vectors
        refused(words[0], large, *words[1:], "--memory-limit", limit, part="--memory-limit", code=4)
    for command in ("density", "trace"):
        refused(command, DNC, "--memory-limit", 0.0002, part="--memory-limit", code=4)
    refused("spectrum", DNC, "--near-zero", 2, "--memory-limit", 0.0003, part="--memory-limit",
            code=4)
    refused("spectrum", DNC, "--method", "sectors", "--memory-limit", 0.00003,
            part="--memory-limit", code=4)


try:
    check_parts()
    check_counts()
    check_budgets()
    check_unpolished()
    check_contradictions()
    check_limits_everywhere()
    check_dense_budget()
    check_plans()
    check_closed_forms()
    check_memory()
finally:
    shutil.rmtree(FOLDER)
finish()
