# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a point for thalweg from Python; numpy is all it needs.

From PyTorch with the safetensors package, five lines do (layers: the nn.Linear modules without
bias, in order; features: N x d_0, one row a sample; labels: N integers):

    from safetensors.torch import save_file
    arrays = {f"W{l}": layer.weight.detach() for l, layer in enumerate(layers, start=1)}
    arrays["H"], arrays["labels"] = features.detach().T.contiguous(), labels.long()
    facts = {"loss": "ce", "activation": "linear", "lambda_W": "5e-4", "lambda_H": "5e-4"}
    save_file(arrays, "point.safetensors", metadata=facts)

As a program this file writes a critical point with known counts, to try things on:

    python3 examples/python/export.py point.safetensors [--layers L] [--rank R] [--help]

It is the squared-error point Z = q Pi (x) 1^T of docs/mathematics.md, section 5: with rank K the
collapsed minimum; with a smaller rank a strict saddle for L = 1, and for L > 1 a point with
R (K - R) zero modes that no symmetry explains.
"""
import argparse
import json
import math
import struct

import numpy as np

DTYPES = {"float32": ("F32", "<f4"), "float64": ("F64", "<f8"), "int64": ("I64", "<i8")}


def write_safetensors(path, arrays, metadata):
    """Write named arrays (float32, float64 or int64) with metadata strings as a safetensors file."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    # Eight-byte types first: every array is aligned to its own type.
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].itemsize):
        code, layout = DTYPES[str(array.dtype)]
        blob = np.ascontiguousarray(array, dtype=layout).tobytes()
        header[name] = {"dtype": code, "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def check_shapes(features, weights, labels, bias):
    below, width = "features", features.shape[0]
    for l, W in enumerate(weights, start=1):
        if W.ndim != 2 or W.shape[1] != width:
            raise ValueError(f"W{l} has shape {W.shape}, but {below} has {width} rows")
        below, width = f"W{l}", W.shape[0]
    if labels.shape != (features.shape[1],):
        raise ValueError(f"labels has shape {labels.shape}, but features has "
                         f"{features.shape[1]} columns: one column a sample")
    if labels.min() < 0 or labels.max() >= width:
        raise ValueError(f"labels run from {labels.min()} to {labels.max()}, "
                         f"but {below} has {width} rows: classes are 0 .. {width - 1}")
    if bias is not None and bias.shape != (width,):
        raise ValueError(f"bias has shape {bias.shape}, but there are {width} classes")


def export_safetensors(path, features, weights, labels, *, lambda_W, lambda_H, loss="ce",
                       activation="linear", bias=None, lambda_b=0.0, dtype="float64", **notes):
    """Write one point of a deep unconstrained feature model.

    features: d_0 x N, one column a sample. weights: [W1, .., WL], W_l of shape d_l x d_{l-1}, the
    last one with a row a class. labels: N integers 0 .. K-1. bias: K, or None.
    loss: "ce" or "mse". activation: of layers 1 .. L-1; "linear", "relu", "leaky-relu", "tanh",
    "softplus" or "gelu". lambda_W: ridge of the weights, one number or one a layer; lambda_H of the
    features; lambda_b of the bias: (lambda/2) ||.||^2 beside the mean loss over the samples.
    dtype: "float32" or "float64". notes: further metadata, kept as strings.
    """
    features, labels = np.asarray(features), np.asarray(labels).astype(np.int64)
    weights = [np.asarray(W) for W in weights]
    bias = None if bias is None else np.asarray(bias)
    check_shapes(features, weights, labels, bias)
    arrays = {"H": features.astype(dtype), "labels": labels}
    arrays.update({f"W{l}": W.astype(dtype) for l, W in enumerate(weights, start=1)})
    facts = {"loss": loss, "activation": activation, "lambda_W": lambda_W, "lambda_H": lambda_H}
    if bias is not None:
        arrays["b"] = bias.astype(dtype)
        facts["lambda_b"] = lambda_b
    facts.update(notes)
    texts = {key: value if isinstance(value, str) else json.dumps(value)
             for key, value in facts.items()}
    write_safetensors(path, arrays, texts)


def strength(classes, per_class, layers, ridge):
    """Larger root q of (1 - q) q^((L-1)/(L+1)) = lambda K n^(1/(L+1))."""
    power = (layers - 1) / (layers + 1)
    goal = ridge * classes * per_class ** (1 / (layers + 1))
    low, high = power / (1 + power), 1.0  # the left side falls from its maximum to 0 here
    if (1 - low) * low ** power < goal:
        raise SystemExit(f"lambda = {ridge:g} is too large: there is no such critical point")
    for _ in range(100):
        middle = 0.5 * (low + high)
        above = (1 - middle) * middle ** power > goal
        low, high = (middle, high) if above else (low, middle)
    return low


def squared_error_point(classes, per_class, layers, width, rank, ridge, seed=1):
    """(H, [W1, .., WL], labels) of the critical point Z = q Pi (x) 1^T, Pi of the given rank."""
    random = np.random.default_rng(seed)

    def frame(rows):
        return np.linalg.qr(random.standard_normal((rows, rank)))[0]

    q = strength(classes, per_class, layers, ridge)
    s = (q * math.sqrt(per_class)) ** (1 / (layers + 1))
    bases, top = [frame(width) for _ in range(layers)], frame(classes)
    labels = np.repeat(np.arange(classes), per_class)
    features = s * bases[0] @ top[labels].T / math.sqrt(per_class)
    chain = bases + [top]
    weights = [s * chain[l] @ chain[l - 1].T for l in range(1, layers + 1)]
    return features, weights, labels


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", help="file to write, NAME.safetensors")
    parser.add_argument("--classes", type=int, default=4, metavar="K")
    parser.add_argument("--per-class", type=int, default=5, metavar="N")
    parser.add_argument("--layers", type=int, default=2, metavar="L")
    parser.add_argument("--width", type=int, default=8, metavar="D", help="of every hidden space")
    parser.add_argument("--rank", type=int, metavar="R", help="of the logits (default K)")
    parser.add_argument("--ridge", type=float, default=0.002, metavar="X", help="every lambda")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    given = parser.parse_args()
    rank = given.classes if given.rank is None else given.rank
    if not 1 <= rank <= min(given.classes, given.width):
        parser.error(f"--rank {rank} is not between 1 and the smaller of K and the width")
    features, weights, labels = squared_error_point(
        given.classes, given.per_class, given.layers, given.width, rank, given.ridge)
    export_safetensors(given.output, features, weights, labels, loss="mse", lambda_W=given.ridge,
                       lambda_H=given.ridge, dtype=given.dtype)


if __name__ == "__main__":
    main()
