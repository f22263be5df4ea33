# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that lie, are broken, or are none: one sentence that names them, exit code 3, nothing
written. And what random damage does to good ones: never a crash."""

import io
import json
import os
import random
import re
import resource
import shutil
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path

from cli import PROGRAM, Served, check, finish

FOLDER = Path(tempfile.mkdtemp())
OUTPUT = FOLDER / "out"
MEMORY = 4 << 30  # address space a run may take
EXTENSIONS = (".h5", ".npz", ".safetensors")
FORMATS = {"F64": ("d", "<f8"), "F32": ("f", "<f4"), "I64": ("q", "<i8"), "I32": ("i", "<i4")}
METADATA = {"loss": "ce", "activation": "linear", "lambda_W": "0.1", "lambda_H": "0.1"}

# ---- Good files, with places to break them ----


def arrays():
    """{name: [element, shape, values]} of a model with d = 3, 4 and K = 2."""
    def ramp(*shape):
        count = 1
        for size in shape:
            count *= size
        return ["F64", list(shape), [0.125 * i - 0.5 for i in range(count)]]
    return {"H": ramp(3, 4), "W1": ramp(4, 3), "W2": ramp(2, 4),
            "labels": ["I64", [4], [0, 1, 1, 0]]}


def packed(element, values):
    return struct.pack(f"<{len(values)}{FORMATS[element][0]}", *values)


def safetensors(tensors, metadata=None, edit=None):
    """Bytes of a file; edit(header) may change the header before it is written."""
    header, data = {"__metadata__": METADATA if metadata is None else metadata}, b""
    for name, (element, shape, values) in tensors.items():
        raw = packed(element, values)
        header[name] = {"dtype": element, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    if edit:
        edit(header)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def npy(element, shape, values, header=None):
    text = header or repr({"descr": FORMATS[element][1], "fortran_order": False,
                           "shape": tuple(shape)})
    text = (text + "\n").encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + packed(element, values)


def npz(tensors, members=None):
    """Bytes of an archive; members: {name: bytes} in place of, or beside, the arrays' own."""
    content = {f"{name}.npy": npy(*tensor) for name, tensor in tensors.items()}
    content.update(members or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def write(name, data):
    path = FOLDER / name
    path.write_bytes(data)
    return path


def write_npz(name, data, beside=None):
    """The archive and its JSON file (bytes, or None for the good one)."""
    path = write(name, data)
    path.with_suffix(".json").write_bytes(
        json.dumps({"spec": METADATA}).encode() if beside is None else beside)
    return path


# ---- What is asked of every run ----

def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limits_in_force():
    """None where the program cannot even start with them: sanitizers reserve terabytes."""
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, check=False,
                          preexec_fn=limits)
    return limits if done.returncode == 0 else None


def check_sentence(name, done, parts):
    """One line without control characters."""
    text = done.stderr.decode("utf-8", "replace")
    check(re.fullmatch(r"thalweg: [^\x00-\x1f\x7f\ufffd]+\n", text),
          f"{name}: complained {text[:300]!r}")
    for part in parts:
        check(part in text, f"{name}: no {part!r} in {text[:300]!r}")


def expect(path, *parts, codes=(3,)):
    """info, convert and compare refuse the file with a sentence that names it."""
    before = sorted(FOLDER.iterdir())
    target = OUTPUT / f"a{random.Random(str(parts)).choice(EXTENSIONS)}"
    for words in (["info", path], ["compare", GOOD, path], ["convert", path, target]):
        done = start(*words)
        name = f"{words[0]} {str(path)[-60:]!r}"
        check(done.returncode in codes, f"{name}: exit {done.returncode}: {done.stderr[:200]!r}")
        check(done.stdout == b"", f"{name}: printed {done.stdout[:80]!r}")
        check_sentence(name, done, parts)
    check(sorted(FOLDER.iterdir()) == before, f"{path}: files came or went")
    left = list(OUTPUT.iterdir())
    check(not left, f"{path}: converting left {left}")
    for file in left:
        file.unlink()


# ---- The files ----

def damaged_safetensors():
    good = safetensors(arrays())
    length = struct.unpack("<Q", good[:8])[0]
    size = len(good)
    for name, data, *parts in [
            ("empty", b"", "0 bytes"),
            ("short", good[:7], "7 bytes"),
            ("only-length", good[:8], str(length)),
            ("cut-header", good[:8 + length // 2], str(length)),
            ("cut-data", good[:-1]),
            ("trailing", good + b"x"),
            ("beyond", struct.pack("<Q", size) + good[8:], str(size)),
            ("huge", struct.pack("<Q", 2**64 - 1) + good[8:], str(2**64 - 1)),
            ("negative", struct.pack("<Q", 2**63) + good[8:], str(2**63)),
            ("no-object", struct.pack("<Q", 2) + b"[]", "{"),
            ("bomb", struct.pack("<Q", 600000) + b'{"a":' * 120000),
            ("list-bomb", struct.pack("<Q", 500004) + b'{"a"' + b"[" * 500000),
            ("not-utf8", struct.pack("<Q", 9) + b'{"\xff\xfe":1}'),
            ("nul", struct.pack("<Q", 8) + b'{"\\u0000' + b'":1}'),
            ("no-tensors", safetensors({}), "'W1'")]:
        path = write(f"{name}.safetensors", data)
        expect(path, str(path), *parts)


def lying_headers():
    def change(name, key, value):
        return lambda header: header[name].__setitem__(key, value)
    edits = {
        "overlap": (change("W1", "data_offsets", [8, 104]), "'W1'"),
        "hole": (change("W2", "data_offsets", [1000, 1064]), "hole", "192"),
        "out-of-file": (change("H", "data_offsets", [0, 96000]), "'H'", "96000"),
        "reversed": (change("H", "data_offsets", [96, 0]), "'H'"),
        "negative-offset": (change("H", "data_offsets", [-96, 0]), "'H'"),
        "wide-offset": (change("H", "data_offsets", [0, 2**63]), str(2**63)),
        "no-offsets": (change("H", "data_offsets", None), "'H'"),
        "byte-count": (change("W1", "shape", [4, 4]), "'W1'", "16"),
        "overflow": (change("W1", "shape", [2**32, 2**32]), "'W1'"),
        "negative-shape": (change("W1", "shape", [-4, -3]), "'W1'"),
        "zero-size": (change("W1", "shape", [0, 3]), "'W1'"),
        "real-shape": (change("W1", "shape", [4.0, 3.0]), "'W1'"),
        "deep-shape": (change("W1", "shape", [1] * 9 + [12]), "'W1'"),
        "no-shape": (change("W1", "shape", "4x3"), "'W1'"),
        "dtype": (change("W1", "dtype", "F8_E4M3"), "'W1'", "F8_E4M3"),
        "dtype-escape": (change("W1", "dtype", "\x1b[31m\n"), "'W1'"),
        "no-dtype": (change("W1", "dtype", 64), "'W1'"),
        "no-object": (lambda header: header.__setitem__("W1", 5), "'W1'"),
        "metadata-list": (lambda header: header.__setitem__("__metadata__", []), "__metadata__"),
        "metadata-number": (lambda header: header["__metadata__"].__setitem__("loss", 3), "'loss'"),
    }
    for name, (edit, *parts) in edits.items():
        path = write(f"{name}.safetensors", safetensors(arrays(), dict(METADATA), edit))
        expect(path, str(path), *parts)


def broken_models():
    def with_array(name, *tensor):
        changed = arrays()
        changed[name] = list(tensor)
        return changed

    def without(name):
        return {key: value for key, value in arrays().items() if key != name}
    values = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
    cases = [(f"has-{word}", with_array("H", "F64", [3, 4], [0.0] * 7 + [bad] + [0.0] * 4), {},
              "'H'") for word, bad in values.items()]
    cases += [(f"without-{name}", without(name), {}, f"'{name}'") for name in ("H", "W1", "labels")]
    cases += [
        ("without-W2", without("W2"), {}, "class 2 of 4"),  # then W1 gives the logits
        ("gap", with_array("W4", "F32", [2, 2], [1.0] * 4), {}, "'W3'", "'W4'"),
        ("no-chain", with_array("W2", "F64", [2, 5], [1.0] * 10), {}, "'W2'", "5", "4"),
        ("transposed", with_array("H", "F64", [4, 3], [1.0] * 12), {}, "'W1'", "3", "4"),
        ("axes", with_array("H", "F64", [12], [1.0] * 12), {}, "'H'", "1"),
        ("label", with_array("labels", "I64", [4], [0, 1, 1, 2]), {}, "'labels'", "2", "3"),
        ("negative", with_array("labels", "I32", [4], [0, -1, 1, 1]), {}, "'labels'", "-1"),
        ("half", with_array("labels", "F32", [4], [0, 0.5, 1, 1]), {}, "'labels'", "0.5"),
        ("wide", with_array("labels", "I64", [4], [0, 2**62, 1, 1]), {}, "'labels'"),
        ("few-labels", with_array("labels", "I64", [2], [0, 1]), {}, "'labels'", "2", "4"),
        ("empty-class", with_array("labels", "I64", [4], [0] * 4), {}, "class 1"),
        ("bias", with_array("b", "F64", [3], [0.0] * 3), {}, "'b'", "3", "2"),
        ("one-class", {**arrays(), "W2": ["F64", [1, 4], [1.0] * 4],
                       "labels": ["I64", [4], [0] * 4]}, {}, "classes"),
    ]
    wrong = {"loss": ["hinge", ""], "activation": ["sigmoid"], "classes": ["3", "x"],
             "samples_per_class": ["1", "[2,3]", "[1,1,2]"], "widths": ["[3,5]", "[3]"],
             "lambda_W": ["-0.1", "NaN", "", "[1,2,3]", "[" * 100000, "0.1]", "1e999"],
             "lambda_H": ["-1", "null", "\x1b[2J"], "lambda_b": ["-1"]}
    cases += [(f"{key}-{i}", arrays(), {key: text}, f"'{key}'")
              for key, texts in wrong.items() for i, text in enumerate(texts)]
    for name, tensors, metadata, *parts in cases:
        path = write(f"model-{name}.safetensors", safetensors(tensors, {**METADATA, **metadata}))
        expect(path, str(path), *parts)
    for key in METADATA:
        rest = {k: v for k, v in METADATA.items() if k != key}
        path = write(f"no-{key}.safetensors", safetensors(arrays(), rest))
        expect(path, str(path), f"'{key}'")


def broken_archives():
    good = npz(arrays())
    cases = [("garbage", b"PK\x03\x04" + bytes(range(256)) * 4), ("empty", b""),
             ("cut", good[:len(good) // 2]), ("no-end", good[:-10]), ("text", b"not a zip\n" * 9)]
    for name, data in cases:
        path = write_npz(f"zip-{name}.npz", data)
        expect(path, str(path))
    headers = {
        "magic": b"\x93NUMPX\x01\x00v\x00", "version": b"\x93NUMPY\x09\x00\x02\x00{}",
        "empty": b"", "short": b"\x93NUMPY\x01\x00\xff\xff{",
        "code": npy("F64", [4, 3], [0.0] * 12, "__import__('os').abort()"),
        "object": npy("F64", [4, 3], [0.0] * 12,
                      "{'descr': '|O', 'fortran_order': False, 'shape': (4, 3)}"),
        "negative": npy("F64", [4, 3], [0.0] * 12,
                        "{'descr': '<f8', 'fortran_order': False, 'shape': (-4, 3)}"),
        "overflow": npy("F64", [4, 3], [0.0] * 12,
                        "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 3)}"),
        "nested": npy("F64", [4, 3], [0.0] * 12, "{'descr': " + "(" * 60000 + "}"),
        "few": npy("F64", [4, 3], [0.0] * 11), "many": npy("F64", [4, 3], [0.0] * 13),
        "nan": npy("F64", [4, 3], [float("nan")] * 12)}
    for name, data in headers.items():
        path = write_npz(f"npy-{name}.npz", npz(arrays(), {"W1.npy": data}))
        expect(path, str(path), "W1")
    beside = {
        "garbage": b"\x00\xff\x00", "cut": b'{"spec": {"loss": "ce"', "list": b"[]",
        "number": b'{"spec": 3}', "none": b"{}", "twice": b'{"spec": {"loss": 1, "loss": 2}}',
        "bomb": b"[" * 200000, "object-bomb": b'{"spec":' * 100000, "empty": b""}
    for name, text in beside.items():
        path = write_npz(f"json-{name}.npz", good, text)
        expect(path, f"json-{name}.")
    alone = write("alone.npz", good)
    expect(alone, str(alone), "'loss'")
    (FOLDER / "folder.json").mkdir()
    expect(write("folder.npz", good), "folder.json")


def broken_hdf5():
    good = GOOD_HDF5.read_bytes()
    cases = {"empty": b"", "signature": good[:8], "cut": good[:len(good) // 2],
             "cut-96": good[:96], "garbage": good[:8] + bytes(range(256)) * 16,
             "zeros": bytes(4096), "middle": good[:400] + b"\xff" * 400 + good[800:]}
    for name, data in cases.items():
        path = write(f"hdf5-{name}.h5", data)
        expect(path, str(path))


def no_files_at_all():
    noise = random.Random(5).randbytes(3000)
    for extension in EXTENSIONS:
        path = write(f"junk{extension}", noise)
        expect(path, str(path))
        expect(FOLDER / f"missing{extension}", f"missing{extension}")
        expect(FOLDER / "missing" / f"a{extension}", f"missing/a{extension}")
        expect(write(f"file-as-folder{extension}", b"") / f"a{extension}", f"a{extension}")
        folder = FOLDER / f"directory{extension}"
        folder.mkdir()
        expect(folder, str(folder))
        pipe = FOLDER / f"pipe{extension}"
        os.mkfifo(pipe)
        expect(pipe, str(pipe))
        loop = FOLDER / f"loop{extension}"
        loop.symlink_to(loop)
        expect(loop, str(loop))
        expect(FOLDER / ("n" * 300 + extension), "n" * 300)
    for name in ("a.csv", "noextension", ".", "a.safetensors.bak"):
        expect(write(name, b"x") if name != "." else FOLDER, str(FOLDER), codes=(2, 3))


def odd_names():
    """Names of files and of arrays: quotes, line breaks, escape codes, other scripts, long ones."""
    odd = ["it's \"quoted\" %s %n $(x)", "two\nlines", "\x1b[31mred\x07", "größe 大きさ",
           "e" * 200, "-", "back\\slash", "tab\there", "\u202eback"]
    for text in odd:
        printable = re.search(r"[^\x00-\x1f\\]{2,}", text)
        path = write(f"bad {text}.safetensors", b"")
        expect(path, "bad ", ".safetensors", *([printable[0]] if printable else []))
        path.unlink()
        path = write(f"{text}.safetensors", safetensors(arrays()))
        check(start("info", path).returncode == 0, f"{path}: refused")
        path.unlink()
        tensors = {**arrays(), text: ["F64", [1], [float("nan")]]}
        path = write("name.safetensors", safetensors(tensors))
        done = start("info", path)  # left out with a note, but for names that no array can have
        check(done.returncode in (0, 3), f"array {text!r}: exit {done.returncode}")
        check_sentence(f"array {text!r}", done, [str(path), "nan" if done.returncode == 0 else "array"])
        tensors[text] = ["F64", [1], [1.0]]
        write("name.safetensors", safetensors(tensors))
        for extension in EXTENSIONS:
            target = OUTPUT / f"a{extension}"
            done = start("convert", path, target)
            check(done.returncode in (0, 3), f"array {text!r} to {extension}: {done.stderr!r}")
            if done.returncode == 0:
                check(start("info", target).returncode == 0, f"array {text!r} in {extension}")
            else:
                check_sentence(f"array {text!r} to {extension}", done, ["array"])
            for file in OUTPUT.iterdir():
                file.unlink()


def a_target_is_kept():
    """Where reading or writing fails, what stood there before still does."""
    bad = write("bad.safetensors", b"")
    target = OUTPUT / "kept.h5"
    target.write_bytes(b"precious")
    check(start("convert", bad, target).returncode == 3, "convert of a bad file")
    check(target.read_bytes() == b"precious", "a bad input destroyed the target")
    target.unlink()
    for place, code in ((FOLDER / "no" / "a.h5", 3), (OUTPUT / "a.txt", 2)):
        done = start("convert", GOOD, place)
        check(done.returncode == code, f"convert to {place}: exit {done.returncode}")
        check_sentence(f"convert to {place}", done, [str(place)])
    for extension in EXTENSIONS:
        folder = OUTPUT / f"folder{extension}"
        folder.mkdir()
        done = start("convert", GOOD, folder)
        check(done.returncode == 3, f"convert to a folder: exit {done.returncode}")
        check_sentence(f"convert to {folder}", done, [str(folder)])
        folder.rmdir()
        check(not list(OUTPUT.iterdir()), f"convert to {folder}: {list(OUTPUT.iterdir())}")


# ---- Random damage ----

def flipped(data, stream):
    damaged = bytearray(data)
    for _ in range(stream.choice((1, 1, 2, 8))):
        damaged[stream.randrange(len(damaged))] ^= 1 << stream.randrange(8)
    return bytes(damaged)


def check_flips(extension, data, count):
    for seed in range(count):
        path = FOLDER / f"flip{extension}"
        path.write_bytes(flipped(data, random.Random(f"{extension} {seed}")))
        done = start("info", path)
        name = f"flip {seed} of {extension}"
        check(done.returncode in (0, 2, 3, 4), f"{name}: exit {done.returncode}: {done.stderr!r}")
        if done.returncode != 0:
            check(done.stdout == b"", f"{name}: printed {done.stdout[:80]!r}")
            check_sentence(name, done, [str(path)] if done.returncode == 3 else [])


try:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    start = Served(limits_in_force()).call
    OUTPUT.mkdir()
    GOOD = write("good.safetensors", safetensors(arrays()))
    GOOD_HDF5 = FOLDER / "good.h5"
    for file in (GOOD, write_npz("good.npz", npz(arrays()))):
        first = start("convert", file, GOOD_HDF5)
        check(first.returncode == 0, f"a good file: {first.stderr}")
    for group in (damaged_safetensors, lying_headers, broken_models, broken_archives, broken_hdf5,
                  no_files_at_all, odd_names, a_target_is_kept):
        group()
    write_npz("flip.npz", b"")  # its JSON file
    check_flips(".safetensors", GOOD.read_bytes(), 300)
    check_flips(".npz", npz(arrays()), 300)
    check_flips(".h5", GOOD_HDF5.read_bytes(), 100)
finally:
    shutil.rmtree(FOLDER)
finish()
