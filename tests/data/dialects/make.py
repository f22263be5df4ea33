#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the HDF5 files of this folder with h5py. All hold the point of tests/cli/dialects.py (POINT
there): entry number k of the array number s is ((7 k + 3 s) mod 11 - 5)/8, a float16 too."""
import h5py
import numpy as np


def entries(s, *shape):
    count = int(np.prod(shape))
    return (((7 * np.arange(count) + 3 * s) % 11 - 5) / 8).reshape(shape)


ARRAYS = {"H": entries(1, 4, 6), "W1": entries(2, 5, 4), "W2": entries(3, 3, 5),
          "labels": np.array([0, 0, 1, 1, 2, 2])}
FACTS = {"loss": "ce", "activation": "tanh", "lambda_W": [0.01, 0.02], "lambda_H": 0.005}


def write(name, fill, **more):
    with h5py.File(f"{name}.h5", "w", **more) as file:
        fill(file)


def put(group, arrays=ARRAYS, facts=FACTS, **more):
    for name, array in arrays.items():
        group.create_dataset(name, data=array, **more)
    group.attrs.update(facts)


def bytes_and_scalars(file):
    put(file, facts={"loss": np.bytes_("ce"), "activation": np.array(["tanh"], dtype="S8"),
                     "lambda_W": np.array([0.01, 0.02]), "lambda_H": np.array([0.005]),
                     "lambda_b": np.float32(0)})


def groups(file):
    put(file.create_group("run3/epoch100"))
    put(file.create_group("run3/epoch200"), {name: 2 * array if name == "H" else array
                                             for name, array in ARRAYS.items()})
    file.create_group("run4")


def extras(file):
    put(file)
    file.attrs.update(finished=True, note=h5py.Empty("f8"), tags=["a", "b"], nothing="",
                      odd=np.zeros(2, "c16"))
    file["names"] = ["one", "two"]
    file["mask"] = np.array([True, False])
    file["pairs"] = np.zeros(3, [("a", "f8"), ("b", "i4")])
    file["empty"] = h5py.Empty("f8")
    file["none"] = np.zeros((3, 0))
    file["history"] = [0.5, np.nan]
    file["elsewhere"] = h5py.SoftLink("/H")
    file.create_dataset("packed", data=np.arange(8.0), chunks=(8,), compression="lzf")


def needed_complex(file):
    put(file, {**ARRAYS, "W1": ARRAYS["W1"].astype("c16")})


def small_types(file):
    put(file, {"H": ARRAYS["H"].astype("f4"), "W1": ARRAYS["W1"].astype(">f2"),
               "W2": ARRAYS["W2"], "labels": ARRAYS["labels"].astype("u1")},
        chunks=True, compression="gzip", shuffle=True)


def matlab(file):
    """As MATLAB's save -v7.3 leaves it: matrices turned round, and marked."""
    for name, array in ARRAYS.items():
        kept = np.atleast_2d(array) if name == "labels" else array
        dataset = file.create_dataset(name, data=np.asfortranarray(kept.T).astype("f8"))
        dataset.attrs["MATLAB_class"] = np.bytes_("double")


def unmarked(file):
    put(file, {name: array.T for name, array in ARRAYS.items()})


def odd_attributes(file):
    """Beside the point; its own list of ridges is a table of one row."""
    put(file, facts={**FACTS, "lambda_W": [[0.01, 0.02]]})
    file.attrs.update(best=np.nan, losses=[0.5, -np.inf], table=np.ones((2, 2)))
    file.attrs["code"] = np.array(b"a\0b", dtype="S3")
    file.create_dataset("later", (3,), "f8", fillvalue=7)
    file["there"] = h5py.ExternalLink("plain.h5", "/H")


def linked(file):
    put(file.create_group("run3"))
    file["latest"] = h5py.SoftLink("/run3")


def never_written(file):
    put(file)
    file.create_dataset("b", (3,), "f8")


write("plain", put)
write("odd-attributes", odd_attributes, track_order=True)
write("linked", linked)
write("never-written", never_written)
write("nan-ridge", lambda file: put(file, facts={**FACTS, "lambda_b": np.nan}))
write("table-ridge", lambda file: put(file, facts={**FACTS, "lambda_W": np.full((2, 2), 0.01)}))
write("nul-loss", lambda file: put(file, facts={**FACTS, "loss": np.array(b"ce\0x", dtype="S4")}))
write("bytes", bytes_and_scalars)
write("groups", groups)
write("extras", extras, track_order=True)
write("complex", needed_complex)
write("lzf", lambda file: put(file, chunks=True, compression="lzf"))
write("small", small_types)
write("matlab", matlab, userblock_size=512)
write("unmarked", unmarked)
