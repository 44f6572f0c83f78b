#!/usr/bin/env python3
"""Writes the models of this folder with the safetensors library, and NumPy's answers for some samples.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 safetensors==0.8.0
    venv/bin/python generate.py          # Python 3.11

Everything is drawn from fixed seeds; run again, it writes the same bytes.
"""

import hashlib
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent

MODELS = {
    # Every activation, a layer without bias, an activation as a layer of its own, one scaling for all features.
    "classifier": {
        "loss": "categorical_cross_entropy",
        "inputs": 7,
        "layers": [
            {"activation": "tanh"},
            {"dense": 19, "activation": "leaky_relu", "slope": 0.125, "bias": True},
            {"dense": 16, "activation": "prelu", "slope": 0.25, "bias": False},
            {"dense": 33, "activation": "sigmoid", "bias": True},
            {"dense": 5, "activation": "softmax", "bias": True},
        ],
        "names": ["eins", "zwei", "drei", "vier", "fünf"],
    },
    # A scaling of each feature, and no classes.
    "regression": {
        "loss": "mean_squared_error",
        "inputs": 3,
        "layers": [
            {"dense": 40, "activation": "relu", "bias": True},
            {"dense": 2, "activation": "linear", "bias": True},
        ],
    },
}


def draw(model, random):
    """The tensors of a model, by name, in the order of the digest."""
    tensors, width = {}, model["inputs"]
    for number, layer in enumerate(model["layers"]):
        if "dense" in layer:
            outputs = layer["dense"]
            tensors[f"layers.{number}.weight"] = random.normal(0, width**-0.5, (outputs, width))
            if layer["bias"]:
                tensors[f"layers.{number}.bias"] = random.normal(0, 0.5, outputs)
            width = outputs
        if layer["activation"] == "prelu":
            tensors[f"layers.{number}.slopes"] = random.uniform(-0.5, 0.5, width)
    return {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in tensors.items()}


def activate(layer, z, slopes):
    match layer["activation"]:
        case "linear":
            return z
        case "relu":
            return np.maximum(z, 0)
        case "leaky_relu":
            return np.where(z < 0, z * np.float32(layer["slope"]), z)
        case "prelu":
            return np.where(z < 0, z * slopes, z)
        case "tanh":
            return np.tanh(z)
        case "sigmoid":
            return 1 / (1 + np.exp(-z))
        case "softmax":
            powers = np.exp(z - z.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)


def forward(model, tensors, scale, shift, samples):
    values = samples.astype(np.float64) * scale + shift
    for number, layer in enumerate(model["layers"]):
        if "dense" in layer:
            values = values @ tensors[f"layers.{number}.weight"].astype(np.float64).T
            if layer["bias"]:
                values = values + tensors[f"layers.{number}.bias"]
        values = activate(layer, values, tensors.get(f"layers.{number}.slopes"))
    return values


def main():
    for number, (name, model) in enumerate(MODELS.items()):
        random = np.random.Generator(np.random.PCG64(number))
        tensors = draw(model, random)
        inputs = model["inputs"]
        one = name == "classifier"
        scale = np.float32([0.3]) if one else random.uniform(0.5, 2, inputs).astype(np.float32)
        shift = np.float32([-0.1]) if one else random.uniform(-1, 1, inputs).astype(np.float32)
        samples = random.uniform(-3, 3, (12, inputs)).astype(np.float32)
        digest = hashlib.sha256(b"".join(values.tobytes() for values in tensors.values())).hexdigest()

        folder = HERE / name
        folder.mkdir(exist_ok=True)
        save_file(tensors, folder / "model.safetensors", metadata={"made_by": "generate.py"})
        description = {
            "format": "fascicle.model",
            "version": 1,
            "network": {"inputs": inputs, "layers": model["layers"]},
            "loss": model["loss"],
            "features": {
                "scale": float(scale[0]) if one else [float(value) for value in scale],
                "shift": float(shift[0]) if one else [float(value) for value in shift],
            },
            "weights_sha256": digest,
        }
        if "names" in model:
            description["classes"] = {"count": len(model["names"]), "names": model["names"]}
        # Escapes beyond ASCII and an order of keys of Python's own, as others write them.
        (folder / "model.json").write_text(json.dumps(description, indent=1, sort_keys=True) + "\n")
        expected = {
            "samples": [float(value) for value in samples.reshape(-1)],
            "answers": [float(value) for value in forward(model, tensors, scale, shift, samples).reshape(-1)],
        }
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
