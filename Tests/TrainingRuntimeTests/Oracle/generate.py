#!/usr/bin/env python3
"""Write the oracle numbers: what PyTorch computes for small networks, steps and gradients.

    python3 generate.py [--output FOLDER]        needs torch==2.13.0 (CPU) and nothing else

trajectories.json  20 training steps per optimizer, in float32 and again in float64 from the same numbers.
gradients.json     loss, outputs and every parameter's gradient, float64, per activation and loss.

README.md beside this file describes the format; problems.py draws the numbers that go in. The script refuses to write
a trajectory on which a correct float32 implementation could fail: one that comes near a kink of ReLU, or one on which
PyTorch's own float32 run departs from its float64 run.
"""

import argparse
import pathlib

import torch

from problems import NETWORKS, problem

STEPS = 20
SMALLEST_KINK_DISTANCE = 5e-5  # of any pre-activation from zero, where the slope of a ReLU jumps
LARGEST_ROUNDING = 1e-6        # of a float32 tensor or loss, relative to its largest element

# Every run states every hyperparameter; zero (or false) means that the optimizer does not use it.
UNUSED = dict(momentum=0.0, nesterov=False, beta1=0.0, beta2=0.0, epsilon=0.0, weight_decay=0.0, clip_norm=0.0)
SGD = UNUSED | dict(family="sgd")
ADAM = UNUSED | dict(family="adam", learning_rate=0.01, beta1=0.9, beta2=0.999, epsilon=1e-8)

# Two Adam runs leave the defaults, so that a hard-wired beta or a misplaced epsilon shows.
OPTIMIZERS = {
  "sgd": SGD | dict(learning_rate=0.1),
  "momentum": SGD | dict(learning_rate=0.05, momentum=0.9),
  "nesterov": SGD | dict(learning_rate=0.05, momentum=0.9, nesterov=True),
  "adam": ADAM,
  "adam_l2": ADAM | dict(weight_decay=0.01, epsilon=1e-3),
  "adamw": ADAM | dict(family="adamw", learning_rate=0.02, weight_decay=0.01, beta1=0.85, beta2=0.98),
  "adam_clipped": ADAM | dict(clip_norm=0.5),
}

RUNS = [(optimizer, "tanh-relu-classification") for optimizer in OPTIMIZERS] + [
  ("sgd", "sigmoid-regression"),
  ("momentum", "leaky-relu-classification"),
  ("nesterov", "sigmoid-regression"),
  ("adam", "leaky-relu-classification"),
  ("adam_l2", "prelu-regression"),
  ("adamw", "prelu-regression"),
  ("adam_clipped", "leaky-relu-classification"),
  ("adam_clipped", "prelu-regression"),
  ("momentum", "wide-regression"),
]

ACTIVATIONS = {
  "linear": lambda units: torch.nn.Identity(),
  "sigmoid": lambda units: torch.nn.Sigmoid(),
  "tanh": lambda units: torch.nn.Tanh(),
  "relu": lambda units: torch.nn.ReLU(),
  "leaky_relu": lambda units: torch.nn.LeakyReLU(0.01),
  "prelu": lambda units: torch.nn.PReLU(num_parameters=units, init=0.25),
  "softmax": lambda units: torch.nn.Softmax(dim=1),
}
KINKED = (torch.nn.ReLU, torch.nn.LeakyReLU, torch.nn.PReLU)


# PyTorch.

class Perceptron(torch.nn.Module):
  """A stock PyTorch network that also notes how near its pre-activations came to a kink."""

  def __init__(self, layers, parameters, dtype):
    super().__init__()
    self.stages = torch.nn.ModuleList()
    for layer, values in zip(layers, parameters):
      dense = torch.nn.Linear(layer["inputs"], layer["units"], dtype=dtype)
      activation = ACTIVATIONS[layer["activation"]](layer["units"]).to(dtype)
      self.stages += [dense, activation]
      fill(dense.weight, values["weights"])
      fill(dense.bias, values["bias"])
      if "alpha" in values:
        fill(activation.weight, values["alpha"])
    self.kink_distance = float("inf")

  def logits(self, inputs):
    """Returns what the last layer's activation is applied to."""
    for stage in self.stages[:-1]:
      self.note_kinks(stage, inputs)
      inputs = stage(inputs)
    return inputs

  def outputs(self, logits):
    self.note_kinks(self.stages[-1], logits)
    return self.stages[-1](logits)

  def note_kinks(self, stage, inputs):
    if isinstance(stage, KINKED):
      self.kink_distance = min(self.kink_distance, inputs.detach().abs().min().item())

  def per_layer(self, read):
    """Collects `read` of every parameter, under the names that the files use."""
    collected = []
    for dense, activation in zip(self.stages[0::2], self.stages[1::2]):
      values = dict(weights=read(dense.weight), bias=read(dense.bias))
      slopes = list(activation.parameters())
      collected.append(values | dict(alpha=read(slopes[0])) if slopes else values)
    return collected


def fill(tensor, values):
  with torch.no_grad():
    tensor.copy_(torch.tensor(values, dtype=tensor.dtype).view_as(tensor))


def numbers(tensor):
  """Returns a tensor's elements, with the nine digits that identify a float32 or the full ones of a float64."""
  elements = tensor.detach().flatten().tolist()
  return elements if tensor.dtype == torch.float64 else [float(f"{element:.9g}") for element in elements]


def batch_loss(model, loss, batch):
  """Returns the loss of a batch and the network's outputs; softmax and cross-entropy are taken together, in logs."""
  dtype = next(model.parameters()).dtype
  inputs = torch.tensor(batch["inputs"], dtype=dtype).view(-1, model.stages[0].in_features)
  logits = model.logits(inputs)
  outputs = model.outputs(logits)
  if loss == "categorical_cross_entropy":
    return torch.nn.functional.cross_entropy(logits, torch.tensor(batch["labels"])), outputs
  targets = torch.tensor(batch["targets"], dtype=dtype).view_as(outputs)
  return torch.nn.functional.mse_loss(outputs, targets), outputs


def make_optimizer(parameters, settings):
  rate, decay = settings["learning_rate"], settings["weight_decay"]
  if settings["family"] == "sgd":
    return torch.optim.SGD(
      parameters, lr=rate, momentum=settings["momentum"], nesterov=settings["nesterov"], weight_decay=decay)
  family = torch.optim.Adam if settings["family"] == "adam" else torch.optim.AdamW
  betas = settings["beta1"], settings["beta2"]
  return family(parameters, lr=rate, betas=betas, eps=settings["epsilon"], weight_decay=decay)


# Trajectories.

def train(network, settings, dtype):
  """Trains over the network's batches; returns the record, and the smallest distance from a kink."""
  model = Perceptron(network["layers"], network["parameters"], dtype)
  optimizer = make_optimizer(model.parameters(), settings)
  losses, norms = [], []
  for batch in network["batches"]:
    optimizer.zero_grad()
    loss, _ = batch_loss(model, network["loss"], batch)
    loss.backward()
    limit = settings["clip_norm"] or float("inf")
    norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), limit))
    optimizer.step()
    losses.append(loss)
  record = dict(
    losses=numbers(torch.stack(losses)), gradient_norms=numbers(torch.stack(norms)),
    parameters=model.per_layer(numbers))
  return record, model.kink_distance


def rounding(single, double):
  """Returns the largest departure of a float32 run from its float64 run, relative to each tensor's largest element."""
  pairs = [(single["losses"], double["losses"])]
  for narrow, broad in zip(single["parameters"], double["parameters"]):
    pairs += [(narrow[key], broad[key]) for key in broad]
  return max(max(abs(n - b) for n, b in zip(narrow, broad)) / max(map(abs, broad)) for narrow, broad in pairs)


def trajectory(optimizer, name, network):
  settings = OPTIMIZERS[optimizer]
  single, narrow_distance = train(network, settings, torch.float32)
  double, broad_distance = train(network, settings, torch.float64)
  departure, distance = rounding(single, double), min(narrow_distance, broad_distance)
  clipped = sum(norm > settings["clip_norm"] > 0 for norm in double["gradient_norms"])
  print(f"{optimizer:13} {name:26} loss {double['losses'][0]:.4f} to {double['losses'][-1]:.4f}, clipped {clipped:2}, "
        f"float32 departs by {departure:.1e}, nearest kink {distance:.1e}")
  if distance < SMALLEST_KINK_DISTANCE or departure > LARGEST_ROUNDING:
    raise SystemExit(f"{optimizer} on {name} is no fair test of a float32 implementation: choose other numbers.")
  return dict(network=name, optimizer=dict(name=optimizer) | settings, float32=single, float64=double)


def trajectories():
  networks = {name: problem(name, network, batches=STEPS) for name, network in NETWORKS.items()}
  runs = [trajectory(optimizer, name, networks[name]) for optimizer, name in RUNS]
  return dict(torch=torch.__version__, networks=networks, runs=runs)


# Gradients.

def gradient_case(hidden, output, loss):
  """Differentiates one 5-7-4 network; the slopes of PReLU differ per unit, so that no two can be mistaken."""
  name = f"{hidden}-{output}-{loss}"
  network = dict(inputs=5, layers=[(7, hidden), (4, output)], loss=loss, batch=6, draw=1)
  case = problem(name, network, batches=1)
  for values in case["parameters"]:
    if "alpha" in values:
      values["alpha"] = [(unit + 1) / 16 for unit in range(len(values["alpha"]))]
  model = Perceptron(case["layers"], case["parameters"], torch.float64)
  batch = case.pop("batches")[0]
  value, outputs = batch_loss(model, loss, batch)
  value.backward()
  if model.kink_distance < 1e-3:
    raise SystemExit(f"{name} is too near a kink: choose other numbers.")
  return dict(name=name) | case | batch | dict(
    outputs=numbers(outputs), value=value.item(), gradients=model.per_layer(lambda tensor: numbers(tensor.grad)))


def gradients():
  """Covers every activation as the hidden layer of each pairing, and as the output layer under mean squared error."""
  pairings = [("softmax", "categorical_cross_entropy"), ("linear", "mean_squared_error"),
              ("softmax", "mean_squared_error")]
  cases = [(hidden, output, loss) for hidden in ACTIVATIONS for output, loss in pairings]
  cases += [("tanh", output, "mean_squared_error") for output in ACTIVATIONS if output not in ("linear", "softmax")]
  return dict(torch=torch.__version__, cases=[gradient_case(*case) for case in cases])


# The files.

def encode(value, indent=""):
  """Returns JSON with one line per object of scalars or list of numbers, so that a change can be read as a diff."""
  deeper = indent + "  "
  if isinstance(value, dict):
    fields = [f'"{key}": {encode(item, deeper)}' for key, item in value.items()]
    if not any(isinstance(item, (dict, list)) for item in value.values()):
      return "{" + ", ".join(fields) + "}"
    return "{\n" + ",\n".join(deeper + field for field in fields) + "\n" + indent + "}"
  if isinstance(value, list):
    items = [encode(item, deeper) for item in value]
    if value and isinstance(value[0], dict):
      return "[\n" + ",\n".join(deeper + item for item in items) + "\n" + indent + "]"
    return "[" + ", ".join(items) + "]"
  if isinstance(value, bool):
    return "true" if value else "false"
  return f'"{value}"' if isinstance(value, str) else repr(value)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  folder.mkdir(parents=True, exist_ok=True)
  torch.set_num_threads(1)
  print(f"torch {torch.__version__}")
  for name, content in [("trajectories.json", trajectories()), ("gradients.json", gradients())]:
    (folder / name).write_text(encode(content) + "\n")
    print(f"{name}: {(folder / name).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
  main()
