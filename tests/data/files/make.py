#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the files of this folder with the programs that users have: numpy and h5py.

In the files named good-* the element [i, j, ...] of an array is its number in C order, minus 2.5
for floats (minus 2 for integers)."""
import io
import struct
import zipfile

import h5py
import numpy as np


def numbers(dtype, *shape):
    count = int(np.prod(shape, dtype=int))
    values = np.arange(count) - (2 if np.dtype(dtype).kind == "i" else 2.5)
    return values.reshape(shape).astype(dtype)


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def write_npz():
    kinds = {"f4": "<f4", "f8": "<f8", "i4": "<i4", "i8": "<i8", "f2": "<f2", "big_f4": ">f4",
             "big_f8": ">f8", "big_i4": ">i4", "big_i8": ">i8"}
    np.savez_compressed("good-kinds.npz", **{k: numbers(v, 3, 2) for k, v in kinds.items()})
    np.savez("good-orders.npz", c=numbers("f8", 3, 4), f=np.asfortranarray(numbers("f8", 3, 4)),
             f3=np.asfortranarray(numbers("<f4", 2, 3, 4)), scalar=numbers("f8"),
             vector=numbers("f8", 5), column=np.asfortranarray(numbers(">i4", 7, 1)))
    with zipfile.ZipFile("good-versions.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for version in (1, 2, 3):
            archive.writestr(f"v{version}.npy", npy(numbers("f8", 2, 2), (version, 0)))
    np.savez("bad-dtype.npz", W1=np.zeros((2, 2), "c16"))


def write_good_h5():
    with h5py.File("good-kinds.h5", "w", track_order=True, libver="latest") as f:
        f.attrs["loss"] = "ce"
        f.attrs["activation"] = np.bytes_("linear")
        f.attrs["lambda_W"] = [0.001, 0.25]
        f.attrs["lambda_H"] = 0.004
        f.attrs["classes"] = 4
        f.attrs["single"] = np.float32(0.5)
        f.attrs["umlaut"] = "\u00fc"
        f.attrs["empty"] = ""
        for name in ("f4", "f8", "i4", "i8", "f2", ">f4", ">f8", ">i4", ">i8"):
            f[name] = numbers(name, 3, 2)
        f["scalar"] = numbers("f8")
        f.create_dataset("packed", data=numbers("f4", 8, 9), chunks=(3, 4), compression="gzip",
                         shuffle=True)
        f.create_group("group")["inner"] = numbers("f8", 2)
    with h5py.File("good-by-name.h5", "w") as f:
        f["b"] = numbers("f8", 2)
        f["a"] = numbers("f8", 2)


def write_bad_h5():
    def one(name, fill):
        with h5py.File(f"bad-{name}.h5", "w", libver=("earliest", "v110")) as f:
            fill(f)

    one("dtype", lambda f: f.create_dataset("W1", data=np.zeros(2, "c16")))
    one("never-written", lambda f: f.create_dataset("W1", (1 << 30,), "f8"))
    one("bomb", lambda f: f.create_dataset("W1", (1 << 30,), "f8", chunks=(64,),
                                           maxshape=(None,), compression="gzip").__setitem__(0, 1.0))
    one("nan", lambda f: f.create_dataset("W1", data=[[0, 1], [np.nan, 2]]))
    one("wide", lambda f: f.create_dataset("labels", data=np.array([0, (1 << 53) + 1])))
    one("zero", lambda f: f.create_dataset("W1", (3, 0), "f8"))
    one("null", lambda f: f.create_dataset("W1", data=h5py.Empty("f8")))
    one("soft-link", lambda f: f.__setitem__("W1", h5py.SoftLink("/elsewhere")))
    one("external-link", lambda f: f.__setitem__("W1", h5py.ExternalLink("good-by-name.h5", "/a")))
    one("external-data", lambda f: f.create_dataset("W1", (2,), "f8",
                                                    external=[("make.py", 0, 16)]))
    one("attribute", lambda f: f.attrs.__setitem__("names", np.zeros(2, "c16")))
    one("attribute-wide", lambda f: f.attrs.__setitem__("seed", np.uint64(1 << 63)))


def write_claim_h5():
    """A dataset in one piece that claims more bytes than the file has."""
    with h5py.File("bad-claim.h5", "w") as f:
        f["W1"] = numbers("f8", 3, 5)
    with open("bad-claim.h5", "rb") as f:
        image = f.read()
    for was, now in ((struct.pack("<QQ", 3, 5), struct.pack("<QQ", 3 << 24, 5)),
                     (struct.pack("<Q", 120), struct.pack("<Q", 120 << 24))):
        assert was in image
        image = image.replace(was, now)
    with open("bad-claim.h5", "wb") as f:
        f.write(image)


write_npz()
write_good_h5()
write_claim_h5()
write_bad_h5()
