"""Random networks between fascicle and onnx, onnxruntime, safetensors, NumPy, PyTorch and scikit-learn, both ways.

Run it by `make exchange-check NETWORKS=300`. Every network is drawn from a seed that its failure tells.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

LIMIT = 1e-5
PLAIN = [
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "hard_sigmoid", "log_sigmoid", "hard_tanh", "scaled_tanh",
    "tanh_shrink", "relu6", "rrelu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish", "softplus", "squareplus",
    "softsign", "elliot", "gaussian", "soft_shrink", "hard_shrink", "softmax", "log_softmax", "exponential", "threshold",
]
PARAMETERS = {
    "leaky_relu": {"slope": 0.2}, "elu": {"alpha": 0.7}, "celu": {"alpha": 1.3}, "gelu": {"form": "tanh"},
    "prelu": {"slopes": "per_layer"}, "threshold": {"threshold": 0.1, "value": -0.3}, "soft_shrink": {"lambda": 0.2},
    "hard_shrink": {"lambda": 0.2}, "squareplus": {"b": 2.0},
}


class Fascicle:
    """The command, in a folder of its own."""

    def __init__(self, command, folder):
        self.command, self.folder = Path(command).resolve(), folder

    def run(self, *arguments, status=0):
        done = subprocess.run(
            [self.command, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=120
        )
        if done.returncode != status:
            raise RuntimeError(f"{' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def predict(self, model, data, kind):
        """What the model answers with: values, or the probabilities of all classes."""
        lines = [json.loads(line) for line in self.run("predict", model, data, "--json", "--workers", "1").splitlines()]
        return np.array([line[kind] for line in lines], dtype=np.float32)


def largest_error(found, expected):
    """The largest difference, as a share of the largest value."""
    if found.shape != expected.shape:
        raise RuntimeError(f"shapes differ: {found.shape} and {expected.shape}")
    if not np.isfinite(expected).all():
        return float("nan")
    return float(np.abs(found.astype(np.float64) - expected).max() / max(np.abs(expected).max(), 1e-30))


# --- networks of fascicle ---------------------------------------------------------------------------------------------


def draw_layers(random, width, depth=0):
    """Layers whose first sees `width` values, and how many the last puts out."""
    layers = []
    for _ in range(random.integers(1, 4)):
        kind = random.choice(["dense", "dense", "dense", "activation", "norm", "drop", "residual", "glu"])
        name = str(random.choice(PLAIN))
        activation = {"activation": name} | (PARAMETERS.get(name, {}) if random.random() < 0.5 else {})
        if kind == "dense":
            width = int(random.integers(2, 40))
            layers.append({"dense": width} | activation | ({"bias": False} if random.random() < 0.2 else {}))
        elif kind == "activation":
            layers.append(activation)
        elif kind == "norm":
            norm = str(random.choice(["layer", "rms", "batch"]))
            layers.append({"norm": norm} | ({"epsilon": 1e-3} if random.random() < 0.3 else {}))
        elif kind == "drop":
            layers.append(dict([[("dropout", 0.3), ("alpha_dropout", 0.1), ("gaussian_noise", 0.2)][random.integers(3)]]))
        elif kind == "glu" and width % 2 == 0:
            layers.append({"activation": "glu"})
            width //= 2
        elif kind == "residual" and depth < 2:
            inner, out = draw_layers(random, width, depth + 1)
            if inner:
                layers.append({"residual": inner + ([] if out == width else [{"dense": width}])})
    return layers, width


def draw_network(random):
    """A configuration's network and loss, features, and targets."""
    features, samples = int(random.integers(1, 20)), 96
    x = (random.normal(size=(samples, features)) * random.choice([0.1, 1, 5])).astype("<f4")
    layers, width = [], features
    if features > 2 and random.random() < 0.25:
        column, categories = int(random.integers(features)), int(random.integers(2, 9))
        x[:, column] = random.integers(0, categories, size=samples)
        vector = int(random.integers(1, 6))
        layers.append({"embedding": vector, "column": column, "categories": categories})
        width += vector - 1
    drawn, width = draw_layers(random, width)
    layers += drawn
    head = str(random.choice(["values", "classes", "logits", "binary"]))
    outputs = {"values": int(random.integers(1, 6)), "binary": 1}.get(head, int(random.integers(2, 8)))
    last = {"values": "linear", "classes": "softmax", "logits": "linear", "binary": "sigmoid"}[head]
    layers.append({"dense": outputs, "activation": last})
    loss = {
        "values": "mean_squared_error", "classes": "categorical_cross_entropy",
        "logits": {"name": "categorical_cross_entropy", "from": "logits"}, "binary": "binary_cross_entropy",
    }[head]
    y = random.normal(size=(samples, outputs)).astype("<f4")
    if head != "values":
        y = np.arange(samples).astype("<i4") % max(2, outputs)
    return layers, loss, x, y, head


def train(fascicle, random):
    """A network that has seen a few steps, so that no parameter is what it began as."""
    layers, loss, x, y, head = draw_network(random)
    np.savez(fascicle.folder / "data.npz", x=x, y=y)
    configuration = {
        "data": {"format": "npz", "file": "data.npz", "test": {"fraction": 0}}, "network": {"layers": layers}, "loss": loss,
        "optimizer": {"name": "adam", "learningRate": 1e-3},
        "training": {
            "epochs": 2, "batchSize": 32, "validation": 0, "seed": int(random.integers(1000)),
            "normalize": str(random.choice(["none", "standardize", "standardizeFeatures"])),
        },
    }
    if head == "values" and random.random() < 0.5:
        configuration["data"]["labelScale"] = str(random.choice(["standardize", "range", "robust"]))
    (fascicle.folder / "c.yaml").write_text(json.dumps(configuration))
    fascicle.run("train", "c.yaml", "--quiet", "--workers", "1", "--output", "m")
    return x, head


def check_onnx(fascicle, seed):
    """ONNX passes its checker, and onnxruntime and fascicle answer alike."""
    x, head = train(fascicle, np.random.default_rng(seed))
    fascicle.run("export", "m", "--to", "onnx", "--output", "m.onnx")
    model = onnx.load(fascicle.folder / "m.onnx")
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(fascicle.folder / "m.onnx", providers=["CPUExecutionProvider"])
    answers = dict(zip([output.name for output in session.get_outputs()], session.run(None, {"features": x})))
    found = answers.get("scores", answers["outputs"])
    np.save(fascicle.folder / "x.npy", x)
    expected = fascicle.predict("m", "x.npy", "values" if head == "values" else "probabilities")
    if head == "binary":
        found = np.concatenate([1 - found, found], axis=1)
    return largest_error(found, expected)


def exported(fascicle, kind):
    path = fascicle.folder / f"w.{kind}"
    fascicle.run("export", "m", "--to", kind, "--output", path.name)
    return safetensors.numpy.load_file(path) if kind == "safetensors" else dict(np.load(path))


def require_equal(found, expected):
    if found.keys() != expected.keys():
        raise RuntimeError(f"tensors differ: {sorted(found)} and {sorted(expected)}")
    for name, value in expected.items():
        if found[name].shape != value.shape or found[name].tobytes() != value.tobytes():
            raise RuntimeError(f"{name} differs")


def check_weights(fascicle, seed, kind):
    """Weights go out, are saved by others, come in and go out again with the same bits."""
    train(fascicle, np.random.default_rng(seed))
    own = safetensors.numpy.load_file(fascicle.folder / "m/model.safetensors")
    tensors = exported(fascicle, kind)
    require_equal(tensors, own)
    path = fascicle.folder / f"others.{kind}"
    safetensors.numpy.save_file(tensors, path) if kind == "safetensors" else np.savez(path, **tensors)
    fascicle.run("import", path.name, "--config", "c.yaml", "--output", "n")
    require_equal(safetensors.numpy.load_file(fascicle.folder / "n/model.safetensors"), own)
    other = "npz" if kind == "safetensors" else "safetensors"
    fascicle.run("convert", path.name, f"converted.{other}")
    path = fascicle.folder / f"converted.{other}"
    require_equal(safetensors.numpy.load_file(path) if other == "safetensors" else dict(np.load(path)), own)
    return 0.0


# --- networks of others -----------------------------------------------------------------------------------------------

TORCH = {
    "linear": None, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU, "elu": torch.nn.ELU, "selu": torch.nn.SELU, "softplus": torch.nn.Softplus, "mish": torch.nn.Mish,
    "prelu": torch.nn.PReLU, "leaky_relu": torch.nn.LeakyReLU, "relu6": torch.nn.ReLU6, "softsign": torch.nn.Softsign,
    "hard_silu": torch.nn.Hardswish, "log_sigmoid": torch.nn.LogSigmoid,
}


def check_torch(fascicle, seed):
    """A Sequential of PyTorch, trained a little, answers as its import does; the weights come back bit by bit."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    features, width, modules, layers = int(random.integers(1, 20)), 0, [], []
    width = features
    for _ in range(random.integers(1, 5)):
        out, name, bias = int(random.integers(1, 30)), str(random.choice(list(TORCH))), bool(random.random() < 0.8)
        modules.append(torch.nn.Linear(width, out, bias=bias))
        layers.append({"dense": out, "activation": name, "bias": bias})
        width = out
        if TORCH[name]:
            per_unit = bool(random.random() < 0.5)
            modules.append(torch.nn.PReLU(width if per_unit else 1) if name == "prelu" else TORCH[name]())
            if name == "prelu" and not per_unit:
                layers[-1]["slopes"] = "per_layer"
        norm = str(random.choice(["none", "none", "batch", "layer"]))
        if norm != "none":
            modules.append(torch.nn.BatchNorm1d(width) if norm == "batch" else torch.nn.LayerNorm(width))
            layers.append({"norm": norm, "epsilon": 1e-5})
        if random.random() < 0.3:
            modules.append(torch.nn.Dropout(0.1))
            layers.append({"dropout": 0.1})
    modules.append(torch.nn.Linear(width, 3))
    layers.append({"dense": 3})
    network = torch.nn.Sequential(*modules)
    x = torch.from_numpy(random.normal(size=(64, features)).astype("<f4"))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(5):
        optimizer.zero_grad()
        ((network(x) - 1) ** 2).mean().backward()
        optimizer.step()
    network.eval()
    measured, scaling = x.numpy(), []
    if random.random() < 0.5:
        mean, deviation = draw_scale(random, features)
        measured, scaling = (measured * deviation + mean).astype("<f4"), ["--scale", "mean.npy,deviation.npy"]
        x = torch.from_numpy(((measured.astype(float) - mean) / deviation).astype("<f4"))
        np.save(fascicle.folder / "mean.npy", mean)
        np.save(fascicle.folder / "deviation.npy", deviation)
    with torch.no_grad():
        expected = network(x).numpy()
    state = {name: value.contiguous().numpy() for name, value in network.state_dict().items()}
    kind = str(random.choice(["safetensors", "npz"]))
    path = fascicle.folder / f"state.{kind}"
    safetensors.numpy.save_file(state, path) if kind == "safetensors" else np.savez(path, **state)
    (fascicle.folder / "c.yaml").write_text(json.dumps({"network": {"layers": layers}, "loss": "mean_squared_error"}))
    fascicle.run("import", path.name, "--config", "c.yaml", "--output", "m", *scaling)
    back = sorted(value.tobytes() for value in exported(fascicle, "safetensors").values())
    if back != sorted(value.tobytes() for name, value in state.items() if "num_batches" not in name):
        raise RuntimeError("the weights came back with other bits")
    np.save(fascicle.folder / "x.npy", measured)
    return largest_error(fascicle.predict("m", "x.npy", "values"), expected)


def draw_scale(random, features):
    """Means and deviations of features, in another unit each."""
    deviation = 10.0 ** random.uniform(-2, 3, size=features)
    return random.uniform(-1, 1, size=features) * deviation, deviation


def draw_scaler(random):
    """A scaler of scikit-learn, or none, and what of it is saved beside the weights."""
    with_mean, with_std = bool(random.random() < 0.8), bool(random.random() < 0.8)
    # A StandardScaler that leaves the mean knows it all the same.
    standard = (["mean_"] if with_mean else []) + ["scale_", "var_", "n_samples_seen_"]
    return [
        (None, []), (StandardScaler(with_mean=with_mean, with_std=with_std), standard),
        (RobustScaler(), ["center_", "scale_"]), (MinMaxScaler((-1, 1)), ["min_", "scale_", "data_min_", "data_max_"]),
    ][random.integers(4)]


def check_sklearn(fascicle, seed):
    """A perceptron of scikit-learn behind a scaler, or alone, answers as its import does."""
    random = np.random.default_rng(seed)
    x, activation = random.normal(size=(80, int(random.integers(1, 12)))), str(random.choice(["relu", "tanh", "logistic"]))
    scaler, saved = draw_scaler(random)
    measured = x.astype("<f4")
    if scaler is not None:
        mean, deviation = draw_scale(random, x.shape[1])
        measured = (x * deviation + mean).astype("<f4")
        x = scaler.fit_transform(measured.astype(float))
    hidden = tuple(int(n) for n in random.integers(1, 25, size=random.integers(1, 4)))
    options = {"hidden_layer_sizes": hidden, "activation": activation, "max_iter": 15, "random_state": seed}
    kind = str(random.choice(["regressor", "two", "many"]))
    classes = 2 if kind == "two" else int(random.integers(3, 6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if kind == "regressor":
            model = MLPRegressor(**options).fit(x, random.normal(size=(80, 2)))
        else:
            model = MLPClassifier(**options).fit(x, np.arange(80) % classes)
    last = {"regressor": "linear", "two": "sigmoid", "many": "softmax"}[kind]
    loss = {"regressor": "mean_squared_error", "two": "binary_cross_entropy", "many": "categorical_cross_entropy"}[kind]
    inner = {"logistic": "sigmoid"}.get(activation, activation)
    layers = [{"dense": n, "activation": inner} for n in hidden]
    layers.append({"dense": model.coefs_[-1].shape[1], "activation": last})
    arrays = {f"coefs_{i}": value for i, value in enumerate(model.coefs_)}
    arrays |= {f"intercepts_{i}": value for i, value in enumerate(model.intercepts_)}
    arrays |= {f"scaler.{name}": value for name in saved if (value := getattr(scaler, name)) is not None}
    np.savez(fascicle.folder / "w.npz", **arrays)
    (fascicle.folder / "c.yaml").write_text(json.dumps({"network": {"layers": layers}, "loss": loss}))
    fascicle.run("import", "w.npz", "--config", "c.yaml", "--output", "m")
    back = exported(fascicle, "npz")
    for index, value in enumerate(model.coefs_):
        if back[f"layers.{index}.weight"].tobytes() != np.ascontiguousarray(value.T.astype("<f4")).tobytes():
            raise RuntimeError(f"coefs_{index} came back with other bits")
    np.save(fascicle.folder / "x.npy", measured)
    regressor = kind == "regressor"
    expected = model.predict(x) if regressor else model.predict_proba(x)
    return largest_error(fascicle.predict("m", "x.npy", "values" if regressor else "probabilities"), expected)


def check_table(fascicle, seed):
    """A model of a table, with its missing values and categories, answers alike in onnxruntime."""
    random = np.random.default_rng(seed)
    rows, colours = 120, ["red", "green", "blue, or so", "größer"]
    data = []
    for row in range(rows):
        age = "" if random.random() < 0.1 else f"{random.normal(40, 12):.3f}"
        colour = "NA" if random.random() < 0.1 else str(random.choice(colours))
        data.append([age, f"{random.exponential(30):.4f}", colour, str(random.choice(["a", "b", "c"])), "yn"[row % 2]])
    names = ["Age", "Fare paid", "Colour", "Size", "label"]
    with open(fascicle.folder / "t.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names] + data)
    columns = {
        "Age": {"impute": "median", "scale": str(random.choice(["standardize", "range", "robust", "none"]))},
        "Fare paid": {"log": bool(random.random() < 0.5)}, "Colour": {"impute": "most_frequent"},
        "Size": {"kind": "ordinal", "order": ["c", "a", "b"]} if random.random() < 0.5 else {"kind": "categorical"},
    }
    configuration = {
        "data": {"format": "csv", "file": "t.csv", "label": "label", "columns": columns},
        "network": {"layers": [{"dense": 8, "activation": "tanh"}, {"dense": 2, "activation": "softmax"}]},
        "training": {"epochs": 2, "seed": int(random.integers(1000))},
    }
    (fascicle.folder / "c.yaml").write_text(json.dumps(configuration))
    fascicle.run("train", "c.yaml", "--quiet", "--workers", "1", "--output", "m")
    fascicle.run("export", "m", "--output", "m.onnx")
    onnx.checker.check_model(onnx.load(fascicle.folder / "m.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(fascicle.folder / "m.onnx", providers=["CPUExecutionProvider"])
    data.append(["41", "7", "violet", "a", "y"])  # a colour that no training row has
    with open(fascicle.folder / "t.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names] + data)
    inputs = {}
    for place, name in enumerate(names[:4]):
        values = [row[place] for row in data]
        if place < 2:
            values = np.array([float(value or "nan") for value in values], dtype=np.float32)
        inputs[name] = np.array(values, dtype=None if place < 2 else object).reshape(-1, 1)
    return largest_error(session.run(["outputs"], inputs)[0], fascicle.predict("m", "t.csv", "probabilities"))


CHECKS = {
    "onnx": check_onnx, "table": check_table,
    "safetensors": lambda fascicle, seed: check_weights(fascicle, seed, "safetensors"),
    "npz": lambda fascicle, seed: check_weights(fascicle, seed, "npz"), "torch": check_torch, "sklearn": check_sklearn,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", help="the fascicle command")
    parser.add_argument("--networks", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", choices=CHECKS, action="append")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    failures = 0
    for name in arguments.only or CHECKS:
        errors, without = [], 0
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.networks):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    error = CHECKS[name](Fascicle(arguments.command, Path(folder)), seed)
                except Exception as exception:  # the next seed may tell more
                    failures += 1
                    print(f"{name}, seed {seed}: {exception}")
                    continue
            if np.isnan(error):
                without += 1
            elif error > LIMIT:
                failures += 1
                print(f"{name}, seed {seed}: answers differ by {error:.1e} of the largest")
            errors.append(error)
        finite = [error for error in errors if not np.isnan(error)]
        beyond = f", {without} with answers that are not finite" if without else ""
        print(f"{name}: {len(errors)} networks, largest error {max(finite, default=0):.1e}{beyond}", flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
