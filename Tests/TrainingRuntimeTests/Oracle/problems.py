"""The numbers that go into PyTorch: networks, initial parameters and batches.

All are short binary fractions drawn by Python's own generator: exact in float32, in float64 and in decimal, and the
same whatever the version of PyTorch.
"""

import random

# Layers are (units, activation). Widths and batches avoid multiples of a vector; "wide" spans several 32-wide panels.
# `draw` picks the random numbers: one that keeps clear of kinks, found by trying a few.
NETWORKS = {
  "tanh-relu-classification": dict(
    inputs=7, layers=[(13, "tanh"), (9, "relu"), (5, "softmax")], loss="categorical_cross_entropy", batch=11, draw=8),
  "sigmoid-regression": dict(
    inputs=6, layers=[(17, "sigmoid"), (3, "linear")], loss="mean_squared_error", batch=33, draw=1),
  "leaky-relu-classification": dict(
    inputs=5, layers=[(12, "leaky_relu"), (8, "leaky_relu"), (4, "softmax")], loss="categorical_cross_entropy",
    batch=17, draw=1),
  "prelu-regression": dict(
    inputs=6, layers=[(10, "prelu"), (7, "prelu"), (2, "linear")], loss="mean_squared_error", batch=13, draw=7),
  "wide-regression": dict(
    inputs=6, layers=[(37, "tanh"), (34, "prelu"), (3, "linear")], loss="mean_squared_error", batch=35, draw=4),
}


def fractions(generator, count, scale, denominator):
  """Returns `count` multiples of 1/denominator, uniform within ±scale."""
  return [round(generator.uniform(-scale, scale) * denominator) / denominator for _ in range(count)]


def layer_descriptions(network):
  """Returns the network's layers as the files state them, each with its width of input."""
  widths = [network["inputs"]] + [units for units, _ in network["layers"]]
  described = [dict(inputs=inputs, units=units, activation=activation)
               for inputs, (units, activation) in zip(widths, network["layers"])]
  return [layer | dict(slope=0.01) if layer["activation"] == "leaky_relu" else layer for layer in described]


def initial_parameters(generator, layers):
  """Draws weights ([unit][input], row-major) and biases, and sets PReLU's slopes to PyTorch's 0.25."""
  parameters = []
  for layer in layers:
    inputs, units = layer["inputs"], layer["units"]
    drawn = dict(
      weights=fractions(generator, units * inputs, 1.5 / inputs ** 0.5, 1024),
      bias=fractions(generator, units, 0.25, 1024))
    parameters.append(drawn | dict(alpha=[0.25] * units) if layer["activation"] == "prelu" else drawn)
  return parameters


def example_batch(generator, teacher, network):
  """Draws inputs, and derives the labels or targets from a random linear map, so that there is something to learn."""
  width, batch, outputs = network["inputs"], network["batch"], network["layers"][-1][0]
  inputs = fractions(generator, batch * width, 2.0, 64)
  rows = [inputs[i * width:(i + 1) * width] for i in range(batch)]
  scores = [[sum(x * t for x, t in zip(row, teacher[o * width:(o + 1) * width])) for o in range(outputs)]
            for row in rows]
  if network["loss"] == "categorical_cross_entropy":
    return dict(inputs=inputs, labels=[row.index(max(row)) for row in scores])
  return dict(inputs=inputs, targets=[round(score * 64) / 64 for row in scores for score in row])


def problem(name, network, batches):
  """Returns a network with explicit initial parameters and batches, as the files hold it."""
  generator = random.Random(f"{name} {network['draw']}")
  layers = layer_descriptions(network)
  parameters = initial_parameters(generator, layers)
  teacher = fractions(generator, layers[-1]["units"] * network["inputs"], 1.0, 64)
  return dict(
    layers=layers, loss=network["loss"], batch=network["batch"], parameters=parameters,
    batches=[example_batch(generator, teacher, network) for _ in range(batches)])
