"""Writes archives of arrays with NumPy, and their elements as JSON. Run it in this folder."""

import json

import numpy as np

random = np.random.default_rng(11)
arrays = {
    "x_train": random.normal(size=(6, 2, 2)).astype("<f4"),
    "y_train": np.array([0, 1, 2, 0, 1, 2], dtype="<i8"),
    "x_test": random.integers(0, 256, size=(3, 2, 2), dtype="u1"),
    "y_test": np.array([2, 1, 0], dtype="<i4"),
    "coefs_0": np.asfortranarray(random.normal(size=(4, 3))),
    "half": random.normal(size=(5,)).astype(">f2"),
    "layer/kernel": np.array([[0.0, -0.0], [np.inf, np.nan]], dtype="<f4"),
    "steps": np.int64(7),
    "nothing": np.zeros((0, 3), dtype="<f4"),
}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
np.savez("unnamed.npz", np.arange(6, dtype="<f4").reshape(3, 2), np.array([0.5, 1, 2]))
np.savez("single.npz", anything=np.ones((2, 5), dtype="<f8"))
np.savez("objects.npz", x=np.array([1, "a", None], dtype=object), y=np.array([0, 1, 2]))
json.dump(
    {
        name: {"shape": array.shape, "bits": array.astype("<f4").ravel().view("<u4").tolist()}
        for name, array in arrays.items()
    },
    open("archives.json", "w"),
)
