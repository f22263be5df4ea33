# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that tests write by themselves, and the memory that a run takes."""

import array
import json
import os
import struct
import subprocess
import sys
import tempfile

from cli import PROGRAM, check


def packed(kind, values):
    data = array.array(kind, values)
    if sys.byteorder == "big":
        data.byteswap()
    return data.tobytes()


def write(path, tensors, labels, metadata):
    """A safetensors file; tensors: {name: (rows, columns, row by row)}."""
    header, parts, at = {"__metadata__": metadata}, [], 0
    stored = [(name, "F64", [rows, columns], packed("d", values))
              for name, (rows, columns, values) in tensors.items()]
    for name, kind, shape, raw in stored + [("labels", "I64", [len(labels)], packed("q", labels))]:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def peak(*words, expect=0):
    """Largest resident memory of a run, in MB. Where this process is larger than the program, its
    own size is the least that can be seen."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen([PROGRAM, *map(str, words)], stdout=said, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        check(child.returncode == expect, f"{words}: exit {child.returncode}: {said.read()[-300:]}")
    return usage.ru_maxrss / 1024
