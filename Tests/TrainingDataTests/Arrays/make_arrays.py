"""Writes arrays with NumPy in the types and orders that it has, and their elements as JSON. Run it in this folder."""

import gzip
import json

import numpy as np
from numpy.lib import format as npy

random = np.random.default_rng(7)
elements = {}


def keep(name, array, version=None, opener=open):
    with opener(f"{name}.npy", "wb") as file:
        npy.write_array(file, array, version=version, allow_pickle=True)
    if array.dtype.kind in "biuf":
        elements[name] = {"shape": array.shape, "values": [float(value) for value in array.astype(np.float32).ravel()]}


for code in ["|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", ">i2", ">i4", ">i8", ">f2", ">f4", ">f8"]:
    dtype = np.dtype(code)
    if dtype.kind == "f":
        array = random.normal(size=(5, 3)) * 10.0 ** random.integers(-4, 4, size=(5, 3))
    elif dtype.kind == "b":
        array = random.integers(0, 2, size=(5, 3))
    else:
        limits = np.iinfo(dtype)
        array = random.integers(limits.min, limits.max, size=(5, 3), dtype=dtype.newbyteorder("="), endpoint=True)
    keep(code.replace("|", "").replace("<", "").replace(">", "big_"), array.astype(dtype))

small = np.arange(2 * 3 * 4, dtype="<f4").reshape(2, 3, 4)
keep("fortran", np.asfortranarray(small))
keep("fortran_bytes", np.asfortranarray(small.astype("u1")))
keep("version2", small, version=(2, 0))
keep("version3", small, version=(3, 0))
keep("half_range", np.array([0, -0.0, 2**-24, -(2**-15), 65504, 1 / 3], dtype="<f2"))
keep("compressed", small, opener=gzip.open)
keep("labels", np.array([2, 0], dtype="<i8"))
keep("targets", np.array([[0.5, -1], [3, 4]], dtype="<f8"))
keep("objects", np.array([1, "a", None], dtype=object))
keep("texts", np.array(["a", "bc"]))
keep("records", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
keep("complex", np.zeros(2, dtype="<c8"))
keep("nothing", np.zeros((0, 3), dtype="<f4"))
keep("scalar", np.float32(7))
json.dump(elements, open("arrays.json", "w"))
