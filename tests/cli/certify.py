# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict saddles proved, and the proofs proved anew: index tables of docs/mathematics.md, sections
3 and 4, minima that give no certificate, and certificates with a byte changed, each held against
the exact truth in rational arithmetic.

With an argument: every byte of every number, each with several patterns."""

import shutil
import struct
import sys
import tempfile
import zipfile
from fractions import Fraction
from pathlib import Path

from cli import DATA, SERVED, check, finish, near, refused, result, run

FOLDER = Path(tempfile.mkdtemp())
POINT = FOLDER / "point.h5"
PROOF = FOLDER / "proof.h5"
LAMBDA = 2.0 ** -10 * 5 ** (1 / 3)
# Index at K = 10, n = 1, d = 10, L = 2 and that lambda.
PARTITIONS = {"blocks:4,2,2,2": 5, "blocks:7,3": 2, "blocks:5,5": 18, "blocks:5,3,2": 11,
              "blocks:4,4,2": 10, "blocks:3,3,2,2": 4, "dnc": 0, "blocks:8,2": 0,
              "blocks:6,2,2": 0, "cross-polytope": 0}


def model(classes, samples, width, depth, ridge, *more):
    return ["--classes", classes, "--samples", samples, "--width", width, "--depth", depth,
            "--lambda", repr(ridge), *more]


def certify(name, negative, *words):
    """The verdict on POINT; with negative modes a certificate, which verifies, else none."""
    PROOF.unlink(missing_ok=True)
    said = result("certify", POINT, "-o", PROOF, *words, expect=0 if negative else 1)
    check(said["index"] == negative, f"{name}: index {said['index']}, not {negative}")
    check(said["proved"] == PROOF.exists() == (negative > 0), f"{name}: {said['reason']}")
    if not negative:
        check(said["rayleigh"]["value"] is None and said["decrease"] is None, f"{name}: figures")
        return said
    q = said["rayleigh"]
    check(q["lower"] <= q["value"] <= q["upper"] < 0.0 < said["decrease"], f"{name}: {q}")
    check(said["morse_bott"] == f"strict saddle of index {negative}", said["morse_bott"])
    again = result("certify", "--check", PROOF)
    check(again["verified"] and again["claim"]["rayleigh_upper"] == q["upper"], f"{name}: {again}")
    return said


def check_partitions():
    for name, negative in PARTITIONS.items():
        run("construct", name, *model(10, 1, 10, 2, LAMBDA), "-o", POINT)
        said = certify(name, negative)
        null = said["null_space"]
        check(null["matched"] and null["found"] == null["symmetry"], f"{name}: {null}")
        check(null["largest_principal_angle"] <= 1e-10, f"{name}: {null}")
        near(f"{name}: smallest", said["rayleigh"]["value"] or said["smallest"], said["smallest"],
             1e-14)
        check(said["global"] is None, f"{name}: {said['global']}")
        if negative:
            searched = certify(name, negative, "--dense-limit=100")
            near(f"{name}: search", searched["rayleigh"]["value"], said["smallest"], 1e-12)


def narrow_optimum(width, path):
    """The best of some random starts, polished."""
    losses = {}
    for seed in range(1, 7):
        start = FOLDER / f"{seed}.h5"
        run("construct", "random:normal:1", *model(5, 2, width, 1, .01, "--seed", seed), "-o", start)
        losses[seed] = result("polish", start, "--tolerance=1e-14", "-o", start)["loss"]
    shutil.copy(FOLDER / f"{min(losses, key=losses.get)}.h5", path)


def check_padding():
    narrow = FOLDER / "narrow.h5"
    for width, negative in enumerate((32, 21, 12, 5, 0)):
        if width == 0:
            run("construct", "zero", *model(5, 2, 8, 1, .01), "-o", POINT)
        else:
            narrow_optimum(width, narrow)
            run("construct", f"padded:{narrow}", "--width", 8, "-o", POINT)
        said = certify(f"padded from {width}", negative, "--no-polish")
        optimal = said["global"]
        check(optimal["optimal"] == (negative == 0), f"padded from {width}: {optimal}")
        if negative:
            check(said["direction"] == "closed form" and optimal["room"], f"{said['direction']}")
            near(f"padded from {width}", said["rayleigh"]["value"], optimal["curvature"], 1e-12)


def check_other_verdicts():
    run("construct", "projector:2", "--loss=mse", *model(4, 1, 6, 2, .01), "-o", POINT)
    said = certify("flat projector", 0)
    check(said["morse_bott"] == "degenerate with 4 unexplained modes", said["morse_bott"])
    check(said["null_space"]["largest_principal_angle"] <= 1e-9, f"{said['null_space']}")
    run("construct", "random", *model(4, 1, 6, 2, .01, "--activation=tanh"), "-o", POINT)
    said = result("certify", POINT, "--no-polish", "-o", PROOF, expect=4)
    check(said["verdict"] == "not stationary" and said["index"] is None, said["verdict"])
    run("construct", "srg:4", *model(6, 1, 7, 3, 1e-3), "-o", POINT)
    said = result("certify", POINT, expect=4)
    check(said["verdict"] == "ambiguous" and not said["proved"], said["verdict"])
    said = result("certify", DATA / "ce-L2-K4-rank2.npz", expect=1)
    check(said["morse_bott"] == "minimum modulo symmetry", said["morse_bott"])
    shown = run("certify", DATA / "ce-L1-K5-nc.npz", expect=1).stdout
    check("global optimality" in shown and "minimum modulo symmetry" in shown, shown)


# ---- One byte changed ----

def arrays_of(path):
    """{name: numbers} of a file, row by row, by way of npz."""
    copy = FOLDER / "copy.npz"
    run("convert", path, copy)
    found = {}
    with zipfile.ZipFile(copy) as members:
        for name in members.namelist():
            data = members.read(name)
            start = 10 + struct.unpack("<H", data[8:10])[0]
            kind = "q" if b"<i8" in data[:start] else "d"
            found[name[:-4]] = list(struct.unpack(f"<{(len(data) - start) // 8}{kind}",
                                                  data[start:]))
    return found


def exact(values):
    return [Fraction(v) for v in values]


class Truth:
    """The model L = 1, squared error, K = 3, d = 2, N = 3, in rational numbers."""
    K, D, N = 3, 2, 3

    def __init__(self, arrays, ridges):
        self.W, self.H = exact(arrays["W1"]), exact(arrays["H"])
        self.labels, self.ridges = arrays["labels"], exact(ridges)

    def residual(self, W, H):
        """W H - Y."""
        return [sum(W[i * self.D + k] * H[k * self.N + j] for k in range(self.D))
                - (1 if self.labels[j] == i else 0)
                for i in range(self.K) for j in range(self.N)]

    def value(self, W, H):
        fit = sum(e * e for e in self.residual(W, H)) / (2 * self.N)
        return fit + (self.ridges[0] * sum(w * w for w in W)
                      + self.ridges[1] * sum(h * h for h in H)) / 2

    def gradient_square(self):
        E, W, H = self.residual(self.W, self.H), self.W, self.H
        by_W = [sum(E[i * self.N + j] * H[k * self.N + j] for j in range(self.N)) / self.N
                + self.ridges[0] * W[i * self.D + k] for i in range(self.K) for k in range(self.D)]
        by_H = [sum(E[i * self.N + j] * W[i * self.D + k] for i in range(self.K)) / self.N
                + self.ridges[1] * H[k * self.N + j] for k in range(self.D) for j in range(self.N)]
        return sum(g * g for g in by_W + by_H)

    def second(self, V, R):
        """Half the second difference of a quartic without its quartic part: v^T H v/2."""
        first = [sum(self.W[i * self.D + k] * R[k * self.N + j]
                     + V[i * self.D + k] * self.H[k * self.N + j] for k in range(self.D))
                 for i in range(self.K) for j in range(self.N)]
        cross = [sum(V[i * self.D + k] * R[k * self.N + j] for k in range(self.D))
                 for i in range(self.K) for j in range(self.N)]
        E = self.residual(self.W, self.H)
        fit = sum(a * a for a in first) / 2 + sum(e * c for e, c in zip(E, cross))
        return fit / self.N + (self.ridges[0] * sum(w * w for w in V)
                               + self.ridges[1] * sum(h * h for h in R)) / 2


def holds(arrays, ridges):
    """Is the statement of a certificate true?"""
    f = Truth(arrays, ridges)
    V, R = exact(arrays["v_W1"]), exact(arrays["v_H"])
    q_low, q_high = exact(arrays["rayleigh"])
    g_low, g_high = exact(arrays["gradient_norm"])
    t, decrease = Fraction(arrays["step"][0]), Fraction(arrays["decrease"][0])
    length, half, g = sum(x * x for x in V + R), f.second(V, R), f.gradient_square()
    if length == 0:
        return False
    fall = f.value(f.W, f.H) - f.value([w + t * v for w, v in zip(f.W, V)],
                                       [h + t * r for h, r in zip(f.H, R)])
    return (q_low <= 2 * half / length <= q_high < 0 and (g_low <= 0 or g_low ** 2 <= g)
            and 0 <= g_high and g <= g_high ** 2 and fall >= decrease > 0
            and fall ** 2 > t ** 2 * length * g and -half * t * t / 2 <= fall <= -2 * half * t * t)


def check_flip(data, arrays, name, index, byte, flip):
    """One byte of one number: a refusal, or a statement that is still true."""
    numbers = dict(arrays)
    kind = "q" if name == "labels" else "d"
    raw = bytearray(struct.pack(f"<{len(arrays[name])}{kind}", *arrays[name]))
    at = data.find(bytes(raw))
    check(at > 0 and data.find(bytes(raw), at + 1) < 0, f"{name}: where is it in the file?")
    raw[8 * index + byte] ^= flip
    changed = bytearray(data)
    changed[at + 8 * index + byte] ^= flip
    numbers[name] = list(struct.unpack(f"<{len(arrays[name])}{kind}", raw))
    return verify(changed, numbers, [0.05, 0.05], f"{name}[{index}] byte {byte} ^ {flip:#x}")


def verify(changed, numbers, ridges, what):
    path = FOLDER / "changed.h5"
    path.write_bytes(changed)
    done = SERVED.call("certify", "--check", path)
    if done.returncode == 3:  # no number at all, or no model
        return 3
    right = 0 if holds(numbers, ridges) else 1
    check(done.returncode == right, f"{what}: exit {done.returncode}, the truth is {right}")
    return right


def check_bytes(flips):
    run("construct", "projector:1", "--loss=mse", *model(3, 1, 2, 1, .05), "-o", POINT)
    certify("projector", 2)
    data, arrays = PROOF.read_bytes(), arrays_of(PROOF)
    check(holds(arrays, [.05, .05]), "the certificate is true")
    outcome = {0: 0, 1: 0, 3: 0}
    for name, values in arrays.items():
        for index in range(len(values)):
            for byte in range(8):
                for flip in flips if len(flips) > 1 else [1 << (index + byte) % 8]:
                    outcome[check_flip(data, arrays, name, index, byte, flip)] += 1
    check(all(outcome.values()), f"every outcome was met: {outcome}")
    print(f"bytes changed: {outcome[0]} still true, {outcome[1]} refused, {outcome[3]} unreadable")
    stored = struct.pack("<d", .05)
    places = [at for at in range(len(data)) if data.startswith(stored, at)]
    blocks = [data[data.rfind(b"lambda_", 0, at) + 7:][:1] for at in places]
    check(sorted(blocks) == [b"H", b"W"], f"ridges at {places}: {blocks}")
    for at, block in zip(places, blocks):
        for ridge in (.01, .03, .05, .07, .09):
            changed, ridges = bytearray(data), [.05, .05]
            changed[at:at + 8] = struct.pack("<d", ridge)
            ridges[b"WH".index(block)] = ridge
            verify(changed, arrays, ridges, f"ridge {ridges}")


def check_refusals():
    refused("certify", "--check", DATA / "ce-L1-K5-nc.npz", part="no certificate", code=3)
    refused("certify", "--check", FOLDER / "missing.h5", part="missing.h5", code=3)
    refused("certify", "--check", PROOF, "--lambda-W=.1", part="--lambda-W", code=2)
    for option in ("--tolerance=.1", "--max-products=9", "--max-iterations=1", "--dense-limit=9"):
        refused("certify", "--check", PROOF, option, part=option.split("=")[0], code=2)
    refused("certify", "--check", PROOF, "-o", POINT, part="--output", code=2)
    refused("certify", POINT, "-o", FOLDER / "proof.txt", part="extension", code=2)
    cut = FOLDER / "cut.h5"
    cut.write_bytes(PROOF.read_bytes()[:3000])
    run("certify", "--check", cut, expect=3)


try:
    if len(sys.argv) > 2:
        check_bytes([0x01, 0x10, 0x80, 0xff])
    else:
        check_partitions()
        check_padding()
        check_other_verdicts()
        check_bytes([0])
        check_refusals()
finally:
    shutil.rmtree(FOLDER)
finish()
