# SPDX-License-Identifier: GPL-3.0-or-later
"""One point in many people's files: each is read, and then the loss is that of an independent
computation here, or it is refused with the sentence shown. Never another model.

Files are made byte by byte; those of HDF5 stand in tests/data/dialects, with the script that made
them. The list is also a table of docs/formats/points.md, and has to be the same there."""
import io
import json
import math
import pathlib
import re
import shutil
import struct
import tempfile
import zipfile

from cli import DATA, PROGRAM, ROOT, check, finish, run

import subprocess

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="thalweg-dialects-"))
MADE = DATA / "dialects"
K, N, WIDTHS = 3, 6, (4, 5)

# ---- The point, and its loss by the formula ----


def entries(s, rows, columns):
    count = iter(range(rows * columns))
    return [[((7 * k + 3 * s) % 11 - 5) / 8 for k in (next(count) for _ in range(columns))]
            for _ in range(rows)]


POINT = {"H": entries(1, 4, N), "W1": entries(2, 5, 4), "W2": entries(3, K, 5),
         "labels": [0, 0, 1, 1, 2, 2]}
BIAS = [0.25, -0.5, 0.125]
FACTS = {"loss": "ce", "activation": "tanh", "lambda_W": [0.01, 0.02], "lambda_H": 0.005}
OPTIONS = ["--loss", "ce", "--activation", "tanh", "--lambda-W", "[.01,.02]", "--lambda-H", ".005"]


def times(A, x):
    return [math.fsum(a * b for a, b in zip(row, x)) for row in A]


def squares(A):
    return math.fsum(a * a for row in A for a in row)


def loss(bias=None, ridges=(0.01, 0.02, 0.005), point=POINT):
    H, W1, W2, labels = (point[name] for name in ("H", "W1", "W2", "labels"))
    terms = []
    for i, label in enumerate(labels):
        z = times(W2, [math.tanh(a) for a in times(W1, [row[i] for row in H])])
        z = [a + b for a, b in zip(z, bias or [0.0] * K)]
        terms.append(max(z) + math.log(math.fsum(math.exp(a - max(z)) for a in z)) - z[label])
    fit = math.fsum(terms) / len(labels)
    return fit + 0.5 * (ridges[0] * squares(W1) + ridges[1] * squares(W2) + ridges[2] * squares(H))


TRUE, BIASED = loss(), loss(BIAS)

# ---- Arrays as bytes ----


def transposed(A):
    return [list(row) for row in zip(*A)]


def half(value):
    return struct.pack("<e", value)


CODES = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "I32": "i", "I16": "h", "I8": "b",
         "U64": "Q", "U32": "I", "U16": "H", "U8": "B", "BOOL": "?"}
NPY = {"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1",
       "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "b1"}


def shape_of(values):
    return [len(values), *shape_of(values[0])] if isinstance(values, list) else []


def flat(values):
    return [x for row in values for x in flat(row)] if isinstance(values, list) else [values]


def packed(values, dtype, order="<"):
    """bfloat16 is the upper half of a float32."""
    if dtype == "BF16":
        return b"".join(struct.pack("<f", x)[2:] for x in flat(values))
    kind = float if dtype.startswith("F") else int
    return b"".join(struct.pack(order + CODES[dtype], kind(x)) for x in flat(values))


def dtype_of(name):
    return "I64" if name == "labels" else "F64"


def npy(values, dtype="F64", order="<", fortran=False):
    shape = tuple(shape_of(values))
    data = packed(transposed(values) if fortran else values, dtype, order)
    return npy_raw(f"{order}{NPY[dtype]}", shape, data, fortran)


def npy_raw(descr, shape, data, fortran=False):
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def arrays(**changes):
    """The point's arrays with others in their place or beside them; None takes one away."""
    return {name: values for name, values in {**POINT, **changes}.items() if values is not None}


def npz(made, facts=FACTS, spec=True, zip64=False, method=zipfile.ZIP_STORED):
    """made: name -> lists, or the bytes of an npy file. facts None: no JSON file."""
    path = FOLDER / f"point{len(list(FOLDER.iterdir()))}.npz"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, values in made.items():
            data = values if isinstance(values, bytes) else npy(values, dtype_of(name))
            with archive.open(f"{name}.npy", "w", force_zip64=zip64) as member:
                member.write(data)
    if facts is not None:
        path.with_suffix(".json").write_text(
            facts if isinstance(facts, str) else json.dumps({"spec": facts} if spec else facts))
    return path


def safetensors(made, facts=FACTS, dtypes={}):
    """made: name -> lists, or (dtype, shape, bytes)."""
    path = FOLDER / f"point{len(list(FOLDER.iterdir()))}.safetensors"
    header, data = {}, b""
    if facts is not None:
        header["__metadata__"] = {key: text if isinstance(text, str) else json.dumps(text)
                                  for key, text in facts.items()}
    for name, values in made.items():
        dtype = dtypes.get(name, dtype_of(name))
        if isinstance(values, tuple):
            dtype, shape, blob = values
        else:
            shape, blob = shape_of(values), packed(values, dtype)
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(blob)]}
        data += blob
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def with_member(name, data=b"text", method=zipfile.ZIP_STORED):
    """The point's npz file with one member more."""
    path = npz(POINT)
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr(name, data)
    return path


def hdf5(name, suffix):
    """A file of tests/data/dialects under a name that ends otherwise."""
    path = FOLDER / f"{name}-{len(list(FOLDER.iterdir()))}{suffix}"
    shutil.copy(MADE / f"{name}.h5", path)
    return path


def named(path, suffix):
    """The file under a name that ends otherwise."""
    return path.rename(path.with_suffix(suffix))


def text(suffix, content):
    path = FOLDER / f"text{len(list(FOLDER.iterdir()))}{suffix}"
    path.write_bytes(content)
    return path


ONE_HOT = [[float(k == label) for k in range(K)] for label in POINT["labels"]]
NO_H_NO_W = {"H": None, "W1": None, "W2": None}


def under(**names):
    """The point with arrays under other names: under(W1='fc.weight')."""
    return {names.get(name, name): values for name, values in POINT.items()}


ZERO_BASED = under(W1="W0", W2="W1")
MODULE = {f"module.{name}": values for name, values in POINT.items()}
TORCH = {**under(W1="fc1.weight", W2="fc2.weight"), "fc2.bias": BIAS}
SEQUENTIAL = {**under(W1="0.weight", W2="2.weight"), "0.bias": [0.0] * 5, "2.bias": BIAS}
KERAS = under(W1="dense/kernel:0", W2="dense_1/kernel:0", H="features", labels="y")
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 123456\n"
HTML = b"\n<!DOCTYPE html><html><body>404 Not Found</body></html>"
SQUARE_H = {"H": entries(4, 3, 3), "W1": entries(2, 5, 3), "W2": POINT["W2"]}
SYMMETRIC = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
CIRCLE = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
SQUARE = {**SQUARE_H, "labels": [1, 0, 2]}

HEADS = under(W2="classifier.weight", W1="hidden.weight")
ALL_SQUARE = {"H": entries(1, 3, N), "hidden.weight": entries(2, 3, 3),
              "classifier.weight": entries(3, 3, 3), "labels": POINT["labels"]}
TURNED = {**under(W1="hidden.kernel", W2="classifier.kernel"),
          "hidden.kernel": transposed(POINT["W1"]), "classifier.kernel": transposed(POINT["W2"])}
LOOKS = "looks like a parameter but is none of the model's H, W1 .. WL, b, labels"
RIDGED = BIASED + 0.5 * 5.0 * math.fsum(x * x for x in BIAS)

# ---- The table ----

# What the file is; a function that makes it; further words of the command line; then the loss, or
# (exit code, part of the sentence); and the note about what was left out, where there is one.
ROWS = [
    # names
    ("`W0`, `W1`: counted from 0", lambda: npz(ZERO_BASED), [],
     (3, "--map W0=W1 --map W1=W2 names them for the model")),
    ("the same with `--map W0=W1 --map W1=W2`", lambda: npz(ZERO_BASED),
     ["--map", "W0=W1", "--map", "W1=W2"], TRUE),
    ("the same with metadata `map`",
     lambda: safetensors(ZERO_BASED, {**FACTS, "map": {"W0": "W1", "W1": "W2"}}), [], TRUE),
    ("`module.` in front of every name", lambda: npz(MODULE), [],
     (3, "(all begin with 'module.'): --map module.W1=W1 --map module.W2=W2 --map module.H=H "
         "--map module.labels=labels names them for the model")),
    ("`fc1.weight`, `fc2.weight`, `fc2.bias`: PyTorch's names", lambda: safetensors(TORCH), [],
     (3, "--map fc1.weight=W1 --map fc2.weight=W2 --map fc2.bias=b names them for the model")),
    ("the same with the options of that sentence", lambda: safetensors(TORCH),
     ["--map=fc1.weight=W1", "--map=fc2.weight=W2", "--map=fc2.bias=b"], BIASED),
    ("`0.weight`, `2.weight`, `0.bias`, `2.bias`: nn.Sequential with a bias in a hidden layer",
     lambda: safetensors(SEQUENTIAL), [],
     (3, "the model has no bias in a hidden layer: '0.bias' can only be left out")),
    ("the same, the hidden bias with `--ignore 0.bias`", lambda: safetensors(SEQUENTIAL),
     ["--map", "0.weight=W1", "--map", "2.weight=W2", "--map", "2.bias=b", "--ignore", "0.bias"],
     BIASED),
    ("`dense/kernel:0`, `features`, `y`: other programs' words", lambda: npz(KERAS), [],
     (3, "--map dense/kernel:0=W1 --map dense_1/kernel:0=W2 --map features=H --map y=labels")),
    ("`bias` beside W1 .. WL", lambda: npz(arrays(bias=BIAS)), [],
     (3, "array 'bias' looks like a parameter but is none of the model's H, W1 .. WL, b, labels: "
         "--map bias=b")),
    ("the same with `--ignore bias`", lambda: npz(arrays(bias=BIAS)), ["--ignore", "bias"], TRUE),
    ("`b1`, `b2`: a bias a layer", lambda: npz(arrays(b1=[0.5] * 5, b2=BIAS)), [],
     (3, "--map b2=b names them for the model, --ignore NAME leaves one out; the model has no bias in a "
         "hidden layer: 'b1'")),
    ("`ema.W1` and `v_W1` beside `W1`: copies, carried along",
     lambda: npz(arrays(**{"ema.W1": POINT["W1"], "v_W1": POINT["W1"], "m": [1.0]})), [], TRUE),
    ("`--map` of an array that is not there", lambda: npz(POINT), ["--map", "W7=W1"],
     (3, "array 'W7' is missing")),
    ("`--map` to a name that the model has not", lambda: npz(POINT), ["--map", "W1=V1"],
     (2, "'W1' is to be read as 'V1', but the model has H, W1 .. WL, b and labels")),
    ("`--map` that would give two arrays one name", lambda: npz(ZERO_BASED), ["--map", "W0=W1"],
     (3, "arrays 'W0' and 'W1' would both be 'W1'")),
    ("features and labels under unknown names", lambda: npz(under(H="Q", labels="c")), [],
     (3, "array 'H' is missing: the file has 'Q', 'W1', 'W2', 'c'")),
    ("`classifier.weight` before `hidden.weight`: the shapes tell the order",
     lambda: npz({name: HEADS[name] for name in
                  ("H", "classifier.weight", "hidden.weight", "labels")}), [],
     (3, "labels: --map hidden.weight=W1 --map classifier.weight=W2 names them for the model, "
         "--ignore NAME leaves one out\n")),
    ("`hidden.weight`, `classifier.weight`, all square: the order of the file, and a guess",
     lambda: npz(ALL_SQUARE), [],
     (3, "--map hidden.weight=W1 --map classifier.weight=W2 names them for the model, --ignore NAME "
         "leaves one out; several orders of the weights fit the shapes, so this one is a guess: "
         "check it")),
    ("weights of other names with their inputs as rows", lambda: npz(TURNED), [],
     (3, "--map hidden.kernel=W1 --map classifier.kernel=W2 names them for the model, --ignore NAME "
         "leaves one out; every W has its inputs as rows, and is wanted with its outputs as rows: "
         "save the transpose of each")),
    ("`w1` beside `W2`", lambda: npz(under(W1="w1")), [], (3, f"{LOOKS}: --map w1=W1 names")),
    ("`H.weight` beside `H`, of no layer's shape",
     lambda: npz(arrays(**{"H.weight": transposed(POINT["H"])})), [],
     (3, "--map H.weight=MODEL_NAME names it, --ignore H.weight leaves it out")),
    *[(f"`{name}` beside W1 .. WL: the last bias", lambda name=name: npz(arrays(**{name: BIAS})), [],
       (3, f"array '{name}' {LOOKS}: --map {name}=b names"))
      for name in ("b_out", "bout", "bL", "W2_bias", "fc2_bias", "biases_1", "intercept_")],
    *[(f"`{name}` beside W1 .. WL: a layer more",
       lambda name=name: npz(arrays(**{name: entries(4, K, K)})), [],
       (3, f"array '{name}' {LOOKS}: --map {name}=W3 names"))
      for name in ("W_out", "WL", "W.3", "W{3}", "out_weight", "fc3", "layers.2", "coef_")],
    ("`W[3]` beside W1 .. WL: a name that a shell would not leave alone",
     lambda: npz(arrays(**{"W[3]": entries(4, K, K)})), [], (3, "--map 'W[3]=W3' names")),
    ("`W1.scale` beside `W1`, a number without dimensions",
     lambda: npz(arrays(**{"W1.scale": npy(0.5)})), [], (3, f"array 'W1.scale' {LOOKS}")),
    ("`b_history` and `weight_decay` beside the point",
     lambda: npz(arrays(b_history=[0.5, 0.25], weight_decay=npy(0.5))), [], TRUE),
    # shapes
    ("`H` with one row a sample", lambda: npz(arrays(H=transposed(POINT["H"]))), [],
     (3, "'H' has one row a sample, and is wanted with one column a sample: save its transpose")),
    ("every W with its inputs as rows",
     lambda: npz(arrays(W1=transposed(POINT["W1"]), W2=transposed(POINT["W2"]))), [],
     (3, "every W has its inputs as rows, and is wanted with its outputs as rows")),
    ("every matrix transposed (h5write of MATLAB or Julia)", lambda: hdf5("unmarked", ".h5"), [],
     (3, "all matrices are transposed, as MATLAB, Julia and Fortran leave them in HDF5")),
    ("MATLAB's `save -v7.3`, renamed to .h5", lambda: hdf5("matlab", ".h5"), OPTIONS, TRUE),
    ("bias of K x 1", lambda: npz(arrays(b=[[x] for x in BIAS])), [], BIASED),
    # labels
    ("labels as uint8", lambda: npz(arrays(labels=npy(POINT["labels"], "U8"))), [], TRUE),
    ("labels as float32", lambda: npz(arrays(labels=npy(POINT["labels"], "F32"))), [], TRUE),
    ("labels as int16, N x 1",
     lambda: npz(arrays(labels=npy([[x] for x in POINT["labels"]], "I16"))), [], TRUE),
    ("labels as uint64, 1 x N", lambda: npz(arrays(labels=npy([POINT["labels"]], "U64"))), [],
     TRUE),
    ("labels one-hot, N x K", lambda: npz(arrays(labels=npy(ONE_HOT, "F32"))), [], TRUE),
    ("labels one-hot, K x N, of truth values",
     lambda: npz(arrays(labels=npy(transposed(ONE_HOT), "BOOL"))), [], TRUE),
    ("labels one-hot, N = K, the same by rows and by columns",
     lambda: npz({**SQUARE, "labels": npy(SYMMETRIC, "F64")}), [], loss(point=SQUARE),
     "'H' is square (d_0 = N = 3): no shape tells whether a sample is a column"),
    ("labels one-hot, N = K, not the same by rows and by columns",
     lambda: npz({**SQUARE, "labels": npy(CIRCLE, "F64")}), [],
     (3, "array 'labels' is 3 x 3, and reads differently by rows and by columns: save the class of "
         "each sample, 0 .. 2")),
    ("labels of N x K that are not one-hot (soft targets)",
     lambda: npz(arrays(labels=npy([[0.9, 0.05, 0.05]] * N, "F64"))), [],
     (3, "sample 0 has not one 1 and zeros: save the class of each sample, 0 .. 2")),
    ("labels from 1 to K", lambda: npz(arrays(labels=[1, 1, 2, 2, 3, 3])), [],
     (3, "array 'labels' counts classes from 1 to 3, expected 0..2: save labels - 1")),
    # element types
    ("float16 and bfloat16",
     lambda: safetensors(POINT, dtypes={"H": "BF16", "W1": "F16", "W2": "F32"}), [], TRUE),
    ("big-endian numbers, Fortran order, compressed",
     lambda: npz({"H": npy(POINT["H"], fortran=True), "W1": npy(POINT["W1"], order=">"),
                  "W2": npy(POINT["W2"], "F32", ">", True), "labels": npy(POINT["labels"], "I32", ">")},
                 method=zipfile.ZIP_DEFLATED), [], TRUE),
    ("an archive with 64-bit sizes", lambda: npz(POINT, zip64=True), [], TRUE),
    ("texts, Python objects, truth values, numbers without dimensions beside the point",
     lambda: npz(arrays(names=npy_raw("<U3", (2,), b"a\0\0\0" * 6), objects=npy_raw("|O", (1,), b"."),
                        mask=npy([1, 0], "BOOL"), epoch=npy(7, "I64"))), [], TRUE,
     "left out: array 'objects': dtype |O (Python objects) is not supported"),
    ("a history with NaN beside the point",
     lambda: npz(arrays(history=npy([0.5, math.nan]))), [], TRUE,
     "left out: array 'history': element [1] is nan"),
    ("float8, an empty tensor and a complex one beside the point",
     lambda: safetensors(arrays(scale=("F8_E4M3", [2], b"\0\0"), none=("F32", [0, 3], b""),
                                phase=("C64", [1], b"\0" * 8))), [], TRUE,
     "left out: array 'scale': dtype F8_E4M3 is not supported"),
    ("a weight of complex numbers",
     lambda: npz(arrays(W1=npy_raw("<c16", (5, 4), b"\0" * 320))), [],
     (3, "array 'W1': dtype <c16 (complex numbers) is not supported: save it as float64")),
    ("a bias with NaN", lambda: npz(arrays(b=[0.0, math.nan, 0.0])), [],
     (3, "array 'b': element [1] is nan")),
    ("labels as Python objects", lambda: npz(arrays(labels=npy_raw("|O", (6,), b"."))), [],
     (3, "array 'labels': dtype |O (Python objects) is not supported")),
    # metadata
    ("npz without a JSON file", lambda: npz(POINT, None), [],
     (3, "metadata 'loss' is missing (one of ce, mse): --loss NAME gives it")),
    ("the same with the options `--loss`, `--activation`, `--lambda-W`, `--lambda-H`",
     lambda: npz(POINT, None), OPTIONS, TRUE),
    ("safetensors without metadata, with the same options", lambda: safetensors(POINT, None),
     OPTIONS, TRUE),
    ("a JSON file without `spec`, and no options", lambda: npz(POINT, FACTS, spec=False), [],
     (3, "holds no object 'spec', so it gives no metadata")),
    ("a JSON file without `spec`", lambda: npz(POINT, FACTS, spec=False), OPTIONS, TRUE,
     "holds no object 'spec', so it gives no metadata"),
    ("`.01`, `1.` and lists of texts as numbers",
     lambda: safetensors(POINT, {**FACTS, "lambda_W": '[".01", "2.e-2"]', "lambda_H": ".005"}), [],
     TRUE),
    ("a list of one number for every layer",
     lambda: npz(POINT, {**FACTS, "lambda_W": [0.01], "lambda_H": [0.005]}), [],
     loss(ridges=(0.01, 0.01, 0.005))),
    ("metadata that is null", lambda: npz(POINT, {**FACTS, "lambda_b": None, "classes": None}), [],
     TRUE),
    ("metadata of another model, `geometry: sphere`",
     lambda: npz(POINT, {**FACTS, "features": "free", "geometry": {"W1": "sphere", "W2": "flat"}}),
     [], (3, "metadata 'geometry' is")),
    ("metadata of this model, `geometry: flat`",
     lambda: npz(POINT, {**FACTS, "features": "free", "geometry": {"W1": "flat", "W2": "flat"},
                         "bias": [False, False], "outputs": 3}), [], TRUE),
    ("metadata that tells of a bias which is not there",
     lambda: npz(POINT, {**FACTS, "bias": [True, False]}), [],
     (3, "metadata 'bias' is \"[true,false]\", but the model that is read has no bias")),
    ("a ridge that is an array (`numpy.savez(lambda_b=5.)`)",
     lambda: npz(arrays(b=BIAS, lambda_b=npy(5.0))), [], RIDGED),
    ("ridges as arrays of one number and of L", lambda: npz(
        arrays(lambda_W=[0.01, 0.02], lambda_H=[0.005]), {"loss": "ce", "activation": "tanh"}), [],
     TRUE),
    ("the same with an option in their place",
     lambda: npz(arrays(lambda_W=[1.0, 2.0])), OPTIONS, TRUE),
    ("a ridge that is an array beside metadata that says something else",
     lambda: npz(arrays(lambda_H=npy(0.5))), [],
     (3, "metadata 'lambda_H' is \"0.005\", but array 'lambda_H' has 1 number from 0.5 on")),
    ("metadata that is nearly a ridge's, `lambda_W2`",
     lambda: npz(POINT, {**FACTS, "lambda_W2": 0.5}), [],
     (3, "metadata 'lambda_W2' looks like a ridge, but those of the model are lambda_W")),
    ("metadata of another loss, `label_smoothing: 0.1`",
     lambda: npz(POINT, {**FACTS, "label_smoothing": 0.1}), [],
     (3, "metadata 'label_smoothing' is")),
    ("metadata of another loss, `reduction: sum`",
     lambda: npz(POINT, {**FACTS, "reduction": "sum"}), [], (3, "metadata 'reduction' is \"sum\"")),
    ("metadata of another loss, `class_weights`",
     lambda: npz(POINT, {**FACTS, "class_weights": [1, 2, 3]}), [],
     (3, "metadata 'class_weights' is")),
    ("metadata of this loss, `label_smoothing: 0`, `reduction: mean`",
     lambda: npz(POINT, {**FACTS, "label_smoothing": 0.0, "reduction": "mean"}), [], TRUE),
    ("`bias` as a list of one, as a number and as Python writes it",
     lambda: npz(POINT, {**FACTS, "bias": [False]}), [], TRUE),
    ("the same, `0`", lambda: npz(POINT, {**FACTS, "bias": 0}), [], TRUE),
    ("the same, `False`",
     lambda: safetensors(POINT, {**FACTS, "bias": "False", "lambda_b": "None"}), [], TRUE),
    ("the same, `[true]` where there is one",
     lambda: npz(arrays(b=BIAS), {**FACTS, "bias": [True]}), [], BIASED),
    ("the same, `[true]` where there is none",
     lambda: npz(POINT, {**FACTS, "bias": [True]}), [],
     (3, "metadata 'bias' is \"[true]\", but the model that is read has no bias")),
    # metadata that would change the model
    *[(f"`{key}: {json.dumps(value)}` beside {activation}",
       lambda key=key, value=value, activation=activation: npz(
           POINT, {**FACTS, "activation": activation, key: value}), [],
       (3, f"metadata '{key}' is \"{value if isinstance(value, str) else json.dumps(value)}\", which "
           f"is another model than the one that is read: what is computed is {computed}"))
      for activation, key, value, computed in (
          ("leaky-relu", "negative_slope", 0.2, "leaky-relu with the slope 0.01"),
          ("leaky-relu", "slope", 0.2, "leaky-relu with the slope 0.01"),
          ("relu", "negative_slope", 0.01, "relu, of slope 0 below zero"),
          ("gelu", "approximate", "tanh", "gelu in its exact form (none)"),
          ("softplus", "beta", 5, "softplus with beta 1"),
          ("softplus", "threshold", 2, "softplus at every argument"),
          ("tanh", "temperature", 0.5, "the logits without a temperature (1)"),
          ("tanh", "dropout", 0.1, "the model without dropout (0)"),
          ("tanh", "batch_norm", True, "the model without normalization (false)"),
          ("tanh", "normalization", "layer", "the model without normalization (none)"),
          ("tanh", "residual", True, "the model without residual connections (false)"),
          ("tanh", "Layer-Norm", 1, "the model without normalization (false)"))],
    ("metadata that changes the model with `--ignore temperature`",
     lambda: npz(POINT, {**FACTS, "temperature": 0.5}), ["--ignore", "temperature"], TRUE),
    ("metadata that says what is computed anyway: temperature 1, dropout 0, batch_norm false, "
     "normalization none, class_weights of 1",
     lambda: safetensors(POINT, {**FACTS, "temperature": "1.0", "dropout": 0, "batch_norm": False,
                                 "normalization": "none", "residual": "False",
                                 "label_smoothing": None, "class_weights": [1, 1, 1.0]}), [], TRUE),
    ("`negative_slope` and `beta` beside tanh, which has none",
     lambda: npz(POINT, {**FACTS, "negative_slope": 0.2, "beta": 0.9}), [], TRUE),
    ("`dropout: \"0.0\"`, a text",
     lambda: npz(POINT, {**FACTS, "dropout": "0.0"}), [], TRUE),
    ("`temperature` as an array of one number", lambda: npz(arrays(temperature=npy(2.0))), [],
     (3, "array 'temperature' is \"2.0\", which is another model than the one that is read")),
    ("the same, 1", lambda: npz(arrays(temperature=npy(1.0))), [], TRUE),
    ("a key that is nearly another, `temprature: 2`",
     lambda: npz(POINT, {**FACTS, "temprature": 2}), [],
     (3, "metadata 'temprature' is \"2\" (did you mean 'temperature'?), which is another model")),
    *[(f"a key that is nearly another, `{key}`",
       lambda key=key: npz(POINT, {**FACTS, key: 0.5}), [],
       (3, f"metadata '{key}' is none that is read, did you mean '{known}'? --ignore '{key}' passes "
           "it over"))
      for key, known in (("lamda_H", "lambda_H"), ("lambda_V", "lambda_W"),
                         ("actvation", "activation"), ("Activation", "activation"),
                         ("lambda", "lambda_W"))],
    ("the first of them with `--ignore lamda_H`",
     lambda: npz(POINT, {**FACTS, "lamda_H": 0.5}), ["--ignore", "lamda_H"], TRUE),
    ("an array that is nearly a ridge, `lamda_H`", lambda: npz(arrays(lamda_H=npy(0.5))), [],
     (3, "array 'lamda_H' is none that is read, did you mean 'lambda_H'?")),
    ("metadata that is like none, carried along: `loss1`, `betas`, `epochs`",
     lambda: npz(POINT, {**FACTS, "loss1": 0.5, "betas": [0.9, 0.999], "epochs": 3}), [],
     TRUE),
    *[(f"`{name}` beside the point, of a layer's shape",
       lambda name=name, values=values: npz(arrays(**{name: values})), [],
       (3, f"array '{name}' has the shape of something in a layer ({len(flat(values))} numbers) but "
           f"is none of the model's H, W1 .. WL, b, labels: --map '{name}'=MODEL_NAME names it, "
           f"--ignore '{name}' leaves it out"))
      for name, values in (("gamma1", [2.0] * 5), ("beta1", [0.5] * 5), ("running_mean", [0.5] * 5),
                           ("ln_scale", [[2.0]] * 4), ("offset", BIAS), ("c", [BIAS]),
                           ("mixing", entries(4, 5, 5)))],
    ("`c` with `--map c=b`", lambda: npz(arrays(c=BIAS)), ["--map", "c=b"], BIASED),
    ("`gamma1` with `--ignore gamma1`", lambda: npz(arrays(gamma1=[2.0] * 5)),
     ["--ignore", "gamma1"], TRUE),
    ("arrays that fit no layer: one number a sample, of two and of seven entries",
     lambda: npz(arrays(order=[1.0] * N, pair=[1.0, 2.0], curve=[1.0] * 7)), [],
     TRUE),
    ("`--lambda-b` without a bias", lambda: npz(POINT), ["--lambda-b", "0.5"],
     (2, "--lambda-b is 0.5, but the point in ")),
    ("`--lambda-b` with one", lambda: npz(arrays(b=BIAS)), ["--lambda-b", "5"], RIDGED),
    ("an integer of 20 digits and a number beyond the doubles in the JSON file",
     lambda: npz(POINT, json.dumps({"spec": {"quote": '\\"', **FACTS, "id": 12345678901234567890}})
                 .replace('"id"', '"huge": [1e309, -1e309], "id"')), [], TRUE),
    ("the same where a number is expected",
     lambda: npz(POINT, {**FACTS, "lambda_H": 123456789012345678901}), [],
     loss(ridges=(0.01, 0.02, 123456789012345678901.0))),
    # members of an archive
    ("a README.txt in the archive", lambda: with_member("README.txt"), [], TRUE,
     "left out: member 'README.txt' is no .npy file"),
    ("what macOS adds to an archive", lambda: with_member("__MACOSX/._W1.npy"), [], TRUE,
     "left out: member '__MACOSX/._W1.npy' is no .npy file"),
    ("an archive packed with bzip2",
     lambda: with_member("more.npy", npy([1.0]), zipfile.ZIP_BZIP2), [],
     (3, "compression method 12 is not supported: save it with numpy.savez or "
         "numpy.savez_compressed")),
    # HDF5
    ("HDF5 of h5py", lambda: hdf5("plain", ".h5"), [], TRUE),
    ("HDF5 named .hdf5", lambda: hdf5("plain", ".hdf5"), [], TRUE),
    ("HDF5 named .hdf", lambda: hdf5("plain", ".HDF"), [], TRUE),
    ("attributes as bytes, numpy scalars and arrays of length 1", lambda: hdf5("bytes", ".h5"), [],
     TRUE),
    ("a file of groups", lambda: hdf5("groups", ".h5"), [],
     (3, "holds no array outside its groups 'run3', 'run4': name the group behind a colon")),
    ("the same with a group behind a colon",
     lambda: f"{hdf5('groups', '.h5')}:/run3/epoch100", [], TRUE),
    ("a group that is not there", lambda: f"{hdf5('groups', '.h5')}:/run3/epoch300", [],
     (3, "there is no group '/run3/epoch300' in the file")),
    ("a file whose own name has a colon", lambda: hdf5("plain", ".h5:run.h5"), [], TRUE),
    ("a group of an npz file", lambda: f"{npz(POINT)}:/run3", [],
     (2, "a npz file has no groups, but '/run3' is asked for")),
    ("lzf-compressed datasets", lambda: hdf5("lzf", ".h5"), [],
     (3, "array 'H': is compressed with the filter 'lzf' (32000), which is not available here: save "
         "it again with compression='gzip' or with none, or pass the file through h5repack")),
    ("gzip and shuffle, float32, big-endian float16, uint8 labels", lambda: hdf5("small", ".h5"),
     [], TRUE),
    ("texts, pairs, truth values, links and empty datasets beside the point",
     lambda: hdf5("extras", ".h5"), [], TRUE,
     "left out: array 'elsewhere': is a link elsewhere"),
    ("a row of ridges; beside the point attributes that are NaN, tables, texts with NUL, a dataset "
     "never written, a link to another file", lambda: hdf5("odd-attributes", ".h5"), [], TRUE,
     "left out: array 'later': was never written: the file has its shape alone"),
    ("a ridge that is NaN", lambda: hdf5("nan-ridge", ".h5"), [],
     (3, "metadata 'lambda_b': number 0 is nan, and no finite number")),
    ("a table of ridges", lambda: hdf5("table-ridge", ".h5"), [],
     (3, "metadata 'lambda_W': has 2 dimensions, a list has one")),
    ("the name of the loss with a NUL within", lambda: hdf5("nul-loss", ".h5"), [],
     (3, "metadata 'loss': has a text with a NUL within")),
    ("a bias that was never written", lambda: hdf5("never-written", ".h5"), [],
     (3, "array 'b': was never written: the file has its shape alone; --ignore b leaves it out")),
    ("that bias with `--ignore b`", lambda: hdf5("never-written", ".h5"), ["--ignore", "b"], TRUE),
    ("a group behind a soft link", lambda: f"{hdf5('linked', '.h5')}:/latest", [],
     (3, "'/latest' in the file leads over a link elsewhere: name the group that it points to")),
    ("a weight of complex numbers in HDF5", lambda: hdf5("complex", ".h5"), [],
     (3, "array 'W1': dtype compound of 16 bytes is not supported: save it as float64")),
    # other contents
    ("`b` of no entries", lambda: npz(arrays(b=npy_raw("<f8", (0,), b""))), [],
     (3, "array 'b': dimension 0 is 0; --ignore b leaves it out")),
    ("the same with `--ignore b`", lambda: npz(arrays(b=npy_raw("<f8", (0,), b""))),
     ["--ignore", "b"], TRUE),
    ("labels as texts", lambda: npz(arrays(labels=npy_raw("<U1", (6,), b"a\0\0\0" * 6))), [],
     (3, "array 'labels': dtype <U1 (text) is not supported: save it as numbers; the class of each "
         "sample is wanted, 0 .. K - 1")),
    ("the loss as an array of text",
     lambda: npz(arrays(loss=npy_raw("<U2", (), b"c\0\0\0e\0\0\0")),
                 {key: text for key, text in FACTS.items() if key != "loss"}), [],
     (3, "metadata 'loss' is missing (one of ce, mse): --loss NAME gives it; the array of that name "
         "is no metadata, which stands in the JSON file beside an npz file and in the attributes of "
         "an HDF5 group")),
    ("metadata `depth` of another number of layers", lambda: npz(POINT, {**FACTS, "depth": 5}), [],
     (3, "metadata 'depth' says 5 at index 0, the arrays say 2")),
    ("a JSON file with a byte order mark",
     lambda: npz(POINT, "\ufeff" + json.dumps({"spec": FACTS})), [], TRUE),
    ("a JSON file with Python's NaN",
     lambda: npz(POINT, json.dumps({"spec": {**FACTS, "best": math.nan}})), [],
     (3, "JSON: invalid token near 'NaN', which Python writes but JSON has not: write null")),
    ("an npz file under the name of an HDF5 file",
     lambda: named(npz(POINT), ".h5"), [],
     (3, "is a npz file under the name of a hdf5 file: give it the extension .npz")),
    ("an HDF5 file under the name of a safetensors file",
     lambda: hdf5("plain", ".safetensors"), [],
     (3, "is a hdf5 file under the name of a safetensors file: give it the extension .h5")),
    ("a safetensors file under the name of an npz file",
     lambda: named(safetensors(POINT), ".npz"), [],
     (3, "is a safetensors file under the name of a npz file: give it the extension .safetensors")),
    # no such files
    ("a Git LFS pointer in place of the file", lambda: text(".h5", LFS), [],
     (3, "is a Git LFS pointer and not the file itself: 'git lfs pull' fetches it")),
    ("the same in a JSON file beside an npz",
     lambda: npz(POINT, LFS.decode()), [], (3, "is a Git LFS pointer")),
    ("an HTML error page under the name of a safetensors file", lambda: text(".safetensors", HTML),
     [], (3, "is an HTML page, perhaps an error page of a download: fetch the file again")),
    ("a PyTorch file", lambda: text(".pt", b"PK\3\4"), [],
     (2, "from PyTorch, safetensors.torch.save_file writes a file that is read")),
    ("one array as .npy", lambda: text(".npy", npy(POINT["H"])), [],
     (2, "one array is no point, numpy.savez writes several into one file")),
    ("MATLAB's own extension", lambda: text(".mat", b"MATLAB 5.0 MAT-file"), [],
     (2, "what MATLAB saved with '-v7.3' is HDF5 and is read under a name with .h5")),
]


def outcome(answer):
    """The second column of the table in the documentation."""
    return "read" if isinstance(answer, float) else f"refused: \"{answer[1]}\""


def read(what, path, words, expected, note=None):
    done = run("info", path, *words, "--json", "-")
    if done.returncode != 0:
        return
    found = json.loads(done.stdout)["result"]["loss"]
    check(abs(found - expected) <= 1e-12 * expected, f"{what}: loss {found!r}, not {expected!r}")
    lines = done.stderr.splitlines()
    check(all(line.startswith(f"thalweg: note: {path}: ") for line in lines),
          f"{what}: said {done.stderr!r}")
    check(bool(lines) == bool(note) and (note or "") in done.stderr,
          f"{what}: noted {done.stderr!r} without {note!r}")
    # and what was read is written in the model's own terms
    out = FOLDER / "out.npz"
    run("convert", path, out, *words)
    again = run("info", out, "--json", "-")
    found = json.loads(again.stdout)["result"]["loss"] if again.stdout else math.nan
    check(abs(found - expected) <= 1e-12 * expected, f"{what}: {found!r} after convert")


def refuse(what, path, words, code, sentence):
    done = run("info", path, *words, expect=code)
    check(done.stdout == "", f"{what}: printed {done.stdout[:80]!r}")
    good = re.fullmatch(r"thalweg: [^\n]*\n", done.stderr) and sentence in done.stderr
    check(good, f"{what}: said {done.stderr!r} without {sentence!r}")
    check(len(done.stderr) < 900, f"{what}: {len(done.stderr)} bytes are no sentence")


def documented():
    page = (ROOT / "docs" / "formats" / "points.md").read_text()
    for what, _, _, answer, *_ in ROWS:
        row = f"| {what} | {'read' if isinstance(answer, float) else 'refused'} |"
        check(row in page, f"docs/formats/points.md lacks {row!r}")


def metadata_survives():
    """Truth values, null, numbers, lists and texts, from each format to each other."""
    facts = {**FACTS, "finished": True, "failed": False, "nothing": None, "epochs": 12,
             "rates": [0.5, 0.25], "steps": [1, 2], "one": [3.5], "nested": {"a": [None, True, "x"]},
             "note": "plain", "empty": "",
             # texts that would be something else without their quotation marks
             "torch": "2.10", "padded": " 12 ", "small": "1e-3", "digits": "12", "truth": "true",
             "nothing said": "null", "list": '["a", 1]', "quoted": '"12"', "quotes": '"',
             "texts": ["12", "2.10", "x"]}
    start = npz(POINT, facts)
    for name in ("a.h5", "b.npz", "c.safetensors", "d.h5", "e.npz", "f.safetensors", "g.npz"):
        run("convert", start, FOLDER / name)
        start = FOLDER / name
        if name.endswith(".npz"):
            spec = json.loads((FOLDER / name).with_suffix(".json").read_text())["spec"]
            check(spec == facts, f"{name}: {spec} are not the metadata that were written")


def groups_are_kept():
    """The rest of a file of which one group is rewritten would be lost."""
    path = hdf5("groups", ".h5")
    before = path.read_bytes()
    for words in (["convert", f"{path}:/run3/epoch100", path],
                  ["info", f"{path}:/run3/epoch100", "--json", path]):
        done = run(*words, expect=2)
        check("is the input" in done.stderr, f"{words[0]}: {done.stderr!r}")
    check(path.read_bytes() == before, "the input was changed")


def options_reach_every_command():
    """The subcommands of points know --map and --ignore; the words of one check are the
    file's alone."""
    path = npz({**ZERO_BASED, "bias": BIAS})
    words = ["--map", "W0=W1", "--map", "W1=W2", "--ignore", "bias"]
    for name in ("info", "polish", "spectrum", "degeneracy", "density", "trace", "flatness",
                 "free-energy", "certify", "compare", "slice", "convert"):
        done = subprocess.run([PROGRAM, name, "--help"], capture_output=True, text=True)
        check("--map" in done.stdout and "--ignore" in done.stdout, f"{name} --help lacks --map")
    for words_of in (["trace", path], ["compare", path, path], ["polish", path, "--max-iterations", "1"],
                     ["slice", path, "--grid", "3"]):
        done = subprocess.run([PROGRAM, *map(str, words_of), *words], capture_output=True, text=True)
        check(done.returncode in (0, 4) and done.stdout, f"{words_of[0]}: {done.stderr!r}")
    done = run("info", path, "--map", "W0", expect=2)
    check("--map: 'W0' is not FILE_NAME=MODEL_NAME" in done.stderr, f"--map W0: {done.stderr!r}")
    done = run("info", path, "--map", "W0=W1", "--map", "W0=W2", expect=2)
    check("array 'W0' is mapped or ignored twice" in done.stderr, f"twice: {done.stderr!r}")
    done = run("construct", f"padded:{path}", "--width", "8", "-o", FOLDER / "wide.h5", *words)
    check(done.returncode == 0, f"construct padded: {done.stderr!r}")


def campaigns_map():
    """A plan that starts around a point: `map` of the setting."""
    path = npz(ZERO_BASED)
    plan = {"around": str(path), "radius": ".01", "direction": "whole", "method": "gd", "lr": 0.1,
            "steps": 3, "restarts": 2}
    for name, map_, code in (("without", None, 3), ("with", {"W0": "W1", "W1": "W2"}, 0)):
        file = FOLDER / f"{name}.json"
        file.write_text(json.dumps({**plan, "map": map_} if map_ else plan))
        done = run("basins", file, "--output", FOLDER / f"{name}.db", "--csv", "-", expect=code)
        if map_:
            lines = done.stdout.splitlines()
            check(len(lines) == 3 and lines[0].endswith(",reason"), f"--csv -: {done.stdout!r}")
            check(not (pathlib.Path.cwd() / "-").exists(), "--csv - wrote a file named -")
        else:
            check("--map W0=W1" in done.stderr, f"plan: {done.stderr!r}")


try:
    check(len(ROWS) >= 40, f"{len(ROWS)} dialects")
    check(len({row[0] for row in ROWS}) == len(ROWS), "two rows have one name")
    for what, make, words, answer, *note in ROWS:
        path = make()
        if isinstance(answer, float):
            read(what, path, words, answer, *note)
        else:
            refuse(what, path, words, *answer)
    metadata_survives()
    groups_are_kept()
    options_reach_every_command()
    campaigns_map()
    documented()
finally:
    shutil.rmtree(FOLDER)
finish()
