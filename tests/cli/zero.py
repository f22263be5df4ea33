# SPDX-License-Identifier: GPL-3.0-or-later
"""One rule for zero: around the limit at which deep neural collapse loses its stability, where a few
eigenvalues pass through zero, every command has the same counts, and they are those of the closed
form computed here with 60 digits, or the verdict is `ambiguous`. And the zero Hessian, the identity,
losses of other scales."""

import shutil
import tempfile
from decimal import Decimal, getcontext
from pathlib import Path

from cli import DATA, check, finish, near, result, run

FOLDER = Path(tempfile.mkdtemp())
getcontext().prec = 60


def limit(K, L):
    """The scale a at the limit, (4.4)."""
    return Decimal(K * (L - 1)) / (L + 1)


def log_lambda(K, L, n, a):
    """(4.1)"""
    return (L - 1) * a.ln() / (L + 1) - (a.exp() + K - 1).ln() - Decimal(n).ln() / (L + 1)


def lambda_at(K, L, n, delta):
    """The double nearest to lambda at a relative distance delta of a from its limit."""
    return float(log_lambda(K, L, n, limit(K, L) * (1 + delta)).exp())


def critical_level(K, L, n, ridge):
    """(L+1) a/K - (L-1) for exactly this ridge, by Newton's method from the limit."""
    a, target = limit(K, L), Decimal(ridge).ln()
    for _ in range(12):
        slope = Decimal(L - 1) / (L + 1) / a - a.exp() / (a.exp() + K - 1)
        a -= (log_lambda(K, L, n, a) - target) / slope
    return (L + 1) * a / K - (L - 1)


def truth(K, L, n, d, ridge):
    """(negative, zero) by the table (4.3), away from the limit by however little."""
    r, pairs = K - 1, K * (K - 3) // 2
    negative = pairs if critical_level(K, L, n, ridge) < 0 else 0
    return negative, L * (r * (d - r) + r * (r - 1) // 2)


def construct(K, L, n, d, ridge, path):
    run("construct", "dnc", "--classes", K, "--samples", n, "--width", d, "--depth", L,
        "--lambda", repr(ridge), "-o", path)


def counted(found):
    """(negative, zero) of a degeneracy record; None when it is ambiguous."""
    if found["verdict"] == "ambiguous":
        return None
    return found["negative_modes"], found["zero_modes"]["found"]


def listed(found):
    """The same of a spectrum's rule; None when its counts do not stand."""
    rule = found["zero_rule"]
    return (rule["negative"], rule["zero"]) if rule["stands"] else None


def check_the_point_of_the_audit():
    """1e-10 beyond the limit: -3.94e-11 twice, once called degenerate by the iterative route."""
    ridge, path = 0.16201004133123018, FOLDER / "edge.npz"
    check(truth(4, 2, 1, 80, ridge) == (2, 468), "edge: the truth")
    construct(4, 2, 1, 80, ridge, path)
    found = result("degeneracy", path)
    check(found["verdict"] == "strict saddle", f"edge: {found['verdict']}")
    check(counted(found) == (2, 468), f"edge: {counted(found)}")
    check(found["sectors"]["agrees"] is True, "edge: the sectors agree")
    level = float(critical_level(4, 2, 1, ridge)) * ridge
    near("edge: smallest", found["smallest"], level, 1e-15)
    sectors = result("spectrum", "--method", "sectors", path)
    check(listed(sectors) == (2, 468), f"edge: sectors list {listed(sectors)}")
    near("edge: by sectors", sectors["eigenvalues"][0]["value"], level, 1e-15)
    rule = found["zero_rule"]
    check(rule["factor_above"] >= rule["gap"], f"edge: {rule}")


def commands(path, K, L, n, d, ridge):
    """Counts by everything that counts, None where it says that it cannot tell."""
    shape = ["--classes", K, "--samples", n, "--width", d, "--depth", L, "--lambda", repr(ridge)]
    yield "degeneracy", counted(result("degeneracy", path, "--dense-limit", 700, expect=None))
    yield "deflated", counted(result("degeneracy", path, "--dense-limit", 30, expect=None))
    yield "sectors", listed(result("spectrum", "--method", "sectors", path))
    yield "closed form", listed(result("spectrum", "--closed-form", "dnc", *shape))


def check_every_command():
    """One point with two negative modes of 4e-11 and one that is as little positive, by every command
    that counts, on each of its routes."""
    K, L, n, d = 4, 2, 1, 8
    path = FOLDER / "every.npz"
    for sign in (1, -1):
        ridge = lambda_at(K, L, n, sign * Decimal("2.4e-10"))
        construct(K, L, n, d, ridge, path)
        negative, zero = right = truth(K, L, n, d, ridge)
        low = zero + negative + 3
        seen = {
            "dense": listed(result("spectrum", path)),
            "lanczos": listed(result("spectrum", path, "--method", "lanczos", "--smallest", low)),
            "sectors": listed(result("spectrum", path, "--method", "sectors")),
            "certify": counted(result("certify", path, expect=None)),
            "deflated": counted(result("degeneracy", path, "--dense-limit", 10)),
            "density": listed(result("density", path)),
            "trace": listed(result("trace", path)),
            "density by sectors": listed(result("density", path, "--method", "sectors")),
            "trace by sectors": listed(result("trace", path, "--method", "sectors")),
        }
        for command, counts in seen.items():
            check(counts == right, f"{sign}: {command} counts {counts}, not {right}")
        atoms = result("density", path)["atoms"]
        check([a["value"] for a in atoms].count(0.0) == 1, f"{sign}: atoms {atoms}")
        flat = result("flatness", path)["whole"]["zero_modes"]["value"]
        check(flat == zero, f"{sign}: flatness counts {flat}, not {zero}")
        entries = result("spectrum", path)["eigenvalues"]
        check(sum(e["multiplicity"] for e in entries if abs(e["value"]) < 1e-14) == zero,
              f"{sign}: the list {entries}")
        run("free-energy", path, path, expect=None)


def check_zero_and_identity():
    """Every eigenvalue 0, or every one the ridge: no command prints a number that is none."""
    commands = [["degeneracy"], ["spectrum"], ["density"], ["trace"], ["flatness"], ["compare"],
                ["spectrum", "--method", "sectors"], ["spectrum", "--near-zero", 3],
                ["spectrum", "--method", "lanczos", "--largest", 3], ["info"], ["polish"]]
    for ridge in (0, 0.25):
        path = FOLDER / "flat.npz"
        run("construct", "zero", "--classes", 3, "--samples", 2, "--width", 4, "--depth", 2,
            "--lambda", ridge, "-o", path)
        for limit in (6000, 5):
            found = result("degeneracy", path, "--dense-limit", limit)
            check(found["verdict"] == ("minimum" if ridge else "degenerate"),
                  f"ridge {ridge}: {found['verdict']}")
            check(counted(found) == (0, 0 if ridge else 52), f"ridge {ridge}: {counted(found)}")
            check(found["zero_modes"]["unexplained"] == (0 if ridge else 52), f"ridge {ridge}")
        for words in commands:
            text = run(words[0], path, *words[1:]).stdout
            strange = [w for w in text.split() if w.strip(",;()") in ("nan", "-nan", "inf", "-inf")]
            check(not strange, f"ridge {ridge}: {' '.join(map(str, words))} prints {strange}")


def check_goldens():
    """Counts of trained optima, as they were before there was one rule."""
    for name in ("ce-L1-K5-nc", "ce-L2-K4-rank2", "ce-L3-K4-dnc", "mse-L2-K4-dnc"):
        path = DATA / f"{name}.npz"
        found = result("degeneracy", path)
        dense, sectors = result("spectrum", path), result("spectrum", path, "--method", "sectors")
        check(found["verdict"] == "minimum" and found["sectors"]["agrees"], f"{name}: {found['verdict']}")
        for counts in (listed(dense), listed(sectors)):
            check(counts == counted(found), f"{name}: {counts}, not {counted(found)}")


def check_near_the_limit():
    """60 points; as many definite as can be had: all of those at 1e-13 and further."""
    shapes = [(K, L) for K in (4, 5, 7) for L in (2, 3)]
    definite, points, path = {}, 0, FOLDER / "near.npz"
    for exponent in range(6, 15):
        for sign in (1, -1):
            for i, (K, L) in enumerate(shapes):
                if (i + exponent + (sign > 0)) % 2 and exponent < 13:
                    continue
                d = (K, 2 * K + 1, 25, 80)[(exponent + i) % 4]
                n = (1, 3)[(exponent + i // 2) % 2]
                ridge = lambda_at(K, L, n, sign * Decimal(10) ** -exponent)
                right = truth(K, L, n, d, ridge)
                construct(K, L, n, d, ridge, path)
                name = f"{sign * 10.0 ** -exponent:+.0e} K={K} L={L} n={n} d={d}"
                for command, counts in commands(path, K, L, n, d, ridge):
                    check(counts in (None, right), f"{name}: {command} counts {counts}, not {right}")
                    definite.setdefault(exponent, []).append(counts is not None)
                points += 1
    check(points >= 60, f"{points} points")
    for exponent in range(6, 14):
        check(all(definite[exponent]), f"1e-{exponent}: {definite[exponent]}")
    print("definite by distance:",
          ", ".join(f"1e-{e}: {sum(x)} of {len(x)}" for e, x in definite.items()))


try:
    check_the_point_of_the_audit()
    check_every_command()
    check_zero_and_identity()
    check_goldens()
    check_near_the_limit()
finally:
    shutil.rmtree(FOLDER)
finish()
