#!/usr/bin/env python3
"""Reads a model that Fascicle wrote with the safetensors library, and compares `fascicle predict` with NumPy.

    fascicle train --output run
    fascicle predict run images > answers.csv          # images: an IDX file of bytes, not compressed
    venv/bin/python check_written.py run images answers.csv
"""

import csv
import hashlib
import json
import pathlib
import sys

import numpy as np
from safetensors import safe_open

from generate import forward


def main(folder, images, answers):
    description = json.loads((pathlib.Path(folder) / "model.json").read_text())
    with safe_open(pathlib.Path(folder) / "model.safetensors", "numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        print("metadata", file.metadata())
    order = [
        f"layers.{number}.{part}"
        for number in range(len(description["network"]["layers"]))
        for part in ("weight", "bias", "slopes")
    ]
    parts = [tensors[name].tobytes() for name in order if name in tensors]
    assert hashlib.sha256(b"".join(parts)).hexdigest() == description["weights_sha256"], "the digest differs"

    data = np.fromfile(images, dtype=np.uint8)
    samples = data[4 + 4 * int(data[3]) :].reshape(-1, description["network"]["inputs"])
    scale, shift = (np.float32(description["features"][key]) for key in ("scale", "shift"))
    expected = forward(description["network"], tensors, scale, shift, samples)
    rows = list(csv.reader(open(answers)))[1:]
    first = 1 if description["loss"] == "categorical_cross_entropy" else 0
    written = np.array([[float(value) for value in row[first:]] for row in rows])
    difference = np.abs(written - expected).max()
    print(f"{len(rows)} answers, at most {difference:.2e} apart")
    assert written.shape == expected.shape and difference < 1e-5


if __name__ == "__main__":
    main(*sys.argv[1:])
