#!/usr/bin/env python3
"""Write layers.json: gradients and ten training steps of every layer and every option of one, from PyTorch.

    python3 generate_layers.py [--output FOLDER]     needs torch==2.13.0 (CPU) and keras==3.15.1, as generate_activations.py

A row is a network as a list of stages, its loss, and what gradient descent makes of it in ten steps, in float64. Masks and
noise come from a Philox of the script's own. The last row is broken on purpose: a comparison that accepts it compares
nothing. README.md beside this file describes the format.
"""

import argparse
import pathlib
import random
import statistics

import torch

from generate import encode, numbers
from generate_activations import philox, single
from problems import fractions

STEPS, SEED = 10, 11
F = torch.nn.functional
NORMAL = statistics.NormalDist()
ACTIVATIONS = dict(linear=lambda z: z, tanh=torch.tanh, sigmoid=torch.sigmoid, selu=F.selu)


def dense(units, activation="linear", bias=True, **options):
  return dict(kind="dense", units=units, activation=activation, bias=bias, **options)


def words(step, stage, samples, units):
  """The random word of each sample and unit in a step."""
  return [[philox(SEED, (unit // 4, sample, step, 5 << 16 | stage))[unit % 4] for unit in range(units)]
          for sample in range(samples)]


def uniform(drawn):
  return torch.tensor([[(word >> 8) / 2 ** 24 for word in row] for row in drawn], dtype=torch.float64)


def normal(word):
  value = NORMAL.inv_cdf(((word & 0x7FFFFFFF) + 0.5) / 2 ** 32)
  return value if word < 2 ** 31 else -value


class Network:
  """Stages in order, each with its tensors under the names that the package has for them."""

  def __init__(self, inputs, stages, generator):
    self.stages, width = stages, inputs
    for stage in stages:
      stage["inputs"] = width
      kind, tensors = stage["kind"], {}
      if kind == "dense":
        units = stage["units"]
        tensors["weights"] = fractions(generator, units * width, 1.5 / width ** 0.5, 1024)
        tensors["bias"] = fractions(generator, units, 0.25, 1024) if stage["bias"] else []
        tensors["slopes"] = [0.25] * units if stage["activation"] == "prelu" else []
        width = units
      elif kind in ("layer_norm", "rms_norm", "batch_norm"):
        tensors["bias"] = fractions(generator, width, 0.25, 1024) if kind != "rms_norm" and stage.get("shift", True) else []
        tensors["slopes"] = [1 + x for x in fractions(generator, width, 0.25, 1024)] if stage.get("gain", True) else []
        if kind == "batch_norm":
          stage["buffers"] = dict(running_mean=torch.zeros(width, dtype=torch.float64),
                                  running_var=torch.ones(width, dtype=torch.float64))
      elif kind == "embedding":
        tensors["weights"] = fractions(generator, stage["categories"] * stage["width"], 1.0, 1024)
        width += stage["width"] - 1
      elif kind == "glu":
        width //= 2
      rows = stage.get("categories")
      shapes = dict(weights=(rows, -1) if rows else (stage.get("units", 0), stage["inputs"]), bias=(-1,), slopes=(-1,))
      stage["tensors"] = {name: torch.tensor(values, dtype=torch.float64).reshape(shapes[name]).requires_grad_()
                          for name, values in tensors.items() if values}
    self.outputs = width

  def forward(self, x, step, training=True):
    """Outputs, and the penalties on what layers put out."""
    outputs, penalty = [x], 0.0
    for index, stage in enumerate(self.stages):
      x, tensors = outputs[-1], stage["tensors"]
      kind, draw = stage["kind"], lambda: words(step, index, *x.shape)
      if kind == "dense":
        x = F.linear(x, tensors["weights"], tensors.get("bias"))
        x = F.prelu(x, tensors["slopes"]) if stage["activation"] == "prelu" else ACTIVATIONS[stage["activation"]](x)
        l1, l2 = stage.get("activity", (0, 0))
        penalty = penalty + (l1 * x.abs() + l2 * x * x).sum() / x.shape[0]
      elif kind == "layer_norm":
        x = F.layer_norm(x, x.shape[1:], tensors["slopes"], tensors["bias"], stage["epsilon"])
      elif kind == "embedding":
        # Columns count those of the data, of which earlier embeddings have taken some.
        at = stage["column"] - sum(s["column"] < stage["column"] for s in self.stages[:index])
        vectors = F.embedding(x[:, at].long(), tensors["weights"])
        x = torch.cat([x[:, :at], x[:, at + 1:], vectors], dim=1)
      elif kind == "batch_norm":
        x = F.batch_norm(x, stage["buffers"]["running_mean"], stage["buffers"]["running_var"], tensors.get("slopes"),
                         tensors.get("bias"), training, stage["momentum"], stage["epsilon"])
      elif kind == "rms_norm":
        x = F.rms_norm(x, x.shape[1:], tensors["slopes"], stage["epsilon"])
      elif kind == "glu":
        x = F.glu(x, dim=1)
      elif kind == "residual":
        x = x + outputs[stage["source"] + 1]
      elif kind == "dropout":
        x = torch.where(uniform(draw()) < stage["rate"], torch.zeros_like(x), x / (1 - stage["rate"]))
      elif kind == "alpha_dropout":
        rate, low = stage["rate"], -1.7580993408473766
        a = ((1 - rate) * (1 + rate * low ** 2)) ** -0.5
        x = a * torch.where(uniform(draw()) < rate, torch.full_like(x, low), x) - a * low * rate
      elif kind == "noise":
        drawn = [[normal(word) for word in row] for row in draw()]
        x = x + stage["deviation"] * torch.tensor(drawn, dtype=torch.float64)
      outputs.append(x)
    return x, penalty

  def penalties(self):
    """Those on parameters."""
    total = torch.zeros((), dtype=torch.float64)
    for stage in self.stages:
      for option, tensor in dict(weight="weights", bias_penalty="bias", slope="slopes").items():
        if option in stage:
          l1, l2 = stage[option]
          total = total + l1 * stage["tensors"][tensor].abs().sum() + l2 * (stage["tensors"][tensor] ** 2).sum()
      if "orthogonal" in stage:
        weights = stage["tensors"]["weights"]
        angles = weights @ weights.T - torch.eye(len(weights), dtype=torch.float64)
        total = total + stage["orthogonal"] * torch.linalg.matrix_norm(angles) ** 2
    return total

  @torch.no_grad()
  def constrain(self):
    for stage in self.stages:
      weights = stage["tensors"].get("weights")
      kind = stage.get("constraint")
      if kind == "unit_norm":
        weights.copy_(F.normalize(weights, dim=1))
      elif kind == "non_negative":
        weights.clamp_(min=0)
      elif kind is not None:
        weights.copy_(torch.renorm(weights, 2, 0, kind))

  def snapshot(self, value):
    """Every stage's tensors, or what `value` makes of them, with ten digits."""
    return [dict(weights=[], bias=[], alpha=[]) | {
      ("alpha" if name == "slopes" else name): rounded(numbers(value(tensor)))
      for name, tensor in stage["tensors"].items()} for stage in self.stages]


def rounded(values):
  return [float(f"{value:.10g}") for value in values]


def loss_of(name, outputs, batch):
  if name == "categorical_cross_entropy":
    return F.cross_entropy(outputs, torch.tensor(batch["labels"]))
  return F.mse_loss(outputs, torch.tensor(batch["targets"], dtype=torch.float64).reshape(outputs.shape))


DATA = {}


def batches_of(name, loss, inputs, outputs, samples, categories={}):
  """The minibatches that the rows of one shape share, with numbers of categories in some columns."""
  generator, batches = random.Random(name), []
  for _ in range(STEPS):
    batch = dict(inputs=fractions(generator, samples * inputs, 2.0, 64))
    for column, count in categories.items():
      for sample in range(samples):
        batch["inputs"][sample * inputs + column] = generator.randrange(count)
    if loss == "mean_squared_error":
      batch["targets"] = fractions(generator, samples * outputs, 1.0, 64)
    else:
      batch["labels"] = [generator.randrange(outputs) for _ in range(samples)]
    batches.append(batch)
  return batches


def row(name, inputs, stages, loss="mean_squared_error", samples=37, rate=0.05, clip=None, broken=False):
  generator = random.Random(name)
  network = Network(inputs, stages, generator)
  categories = {stage["column"]: stage["categories"] for stage in stages if stage["kind"] == "embedding"}
  data = f"{loss} {inputs} to {network.outputs}" + "".join(f", {n} in {c}" for c, n in sorted(categories.items()))
  batches = DATA.setdefault(data, batches_of(data, loss, inputs, network.outputs, samples, categories))
  initial, losses, gradients = network.snapshot(lambda t: t), [], None
  for step, batch in enumerate(batches):
    x = torch.tensor(batch["inputs"], dtype=torch.float64).reshape(samples, inputs)
    outputs, penalty = network.forward(x, step)
    value = loss_of(loss, outputs, batch)
    tensors = [(stage, tensor) for stage in network.stages for tensor in stage["tensors"].values()]
    for _, tensor in tensors:
      tensor.grad = None
    (value + penalty + network.penalties()).backward()
    losses.append(value.item())
    gradients = gradients or network.snapshot(lambda t: t.grad)
    if clip is not None:
      torch.nn.utils.clip_grad_norm_([tensor for _, tensor in tensors], clip)
    with torch.no_grad():
      for stage, tensor in tensors:
        if not stage.get("frozen"):
          tensor -= rate * stage.get("factor", 1) * tensor.grad
    network.constrain()
  if broken:
    gradients = [{key: [-1.01 * number for number in numbers] for key, numbers in stage.items()} for stage in gradients]
    losses = losses[::-1]
  final, more = network.snapshot(lambda t: t), {}
  if any("buffers" in stage for stage in stages):
    for values, stage in zip(final, stages):
      values |= {key: rounded(numbers(buffer)) for key, buffer in stage.get("buffers", {}).items()}
    with torch.no_grad():
      x = torch.tensor(batches[0]["inputs"], dtype=torch.float64).reshape(samples, inputs)
      more["evaluation"] = loss_of(loss, network.forward(x, 0, training=False)[0], batches[0]).item()
  return dict(
    name=name, inputs=inputs, loss=loss, batch=samples, rate=rate, clip=clip or 0, seed=SEED, parameters=initial,
    data=data, gradients=gradients, losses=losses, final=final, **more)


L1, L2 = single(0.02), single(0.05)
EPSILON, RMS_EPSILON = single(1e-5), single(1e-6)


def rows():
  norm = lambda kind: dict(kind=kind, epsilon=EPSILON if kind == "layer_norm" else RMS_EPSILON)
  yield row("plain", 6, [dense(35, "tanh"), dense(3)])
  yield row("l1 and l2 of weights", 6, [dense(35, "tanh", weight=(L1, L2)), dense(3, weight=(0, L2))])
  yield row("l1 and l2 of biases", 6, [dense(35, "tanh", bias_penalty=(L1, L2)), dense(3)])
  yield row("l1 and l2 of slopes", 6, [dense(35, "prelu", slope=(L1, L2)), dense(3)])
  yield row("l1 and l2 of outputs", 6, [dense(35, "tanh", activity=(L1, L2)), dense(3, activity=(L1, L2))])
  yield row("outputs below softmax", 6, [dense(35, "sigmoid", activity=(L1, L2)), dense(4)],
            loss="categorical_cross_entropy")
  yield row("penalties under a clipped norm", 6, [dense(35, "tanh", weight=(L1, L2)), dense(3)], clip=0.25)
  yield row("max norm", 40, [dense(35, "tanh", constraint=0.75), dense(3)])
  yield row("unit norm", 40, [dense(35, "tanh", constraint="unit_norm"), dense(3)])
  yield row("non-negative", 6, [dense(35, "tanh", constraint="non_negative"), dense(3)])
  yield row("frozen below", 6, [dense(35, "tanh", frozen=True), dense(3)])
  yield row("frozen between", 6, [dense(9, "tanh"), dense(35, "tanh", frozen=True), dense(3)])
  yield row("own rate", 6, [dense(35, "tanh", factor=0.25), dense(3)])
  yield row("orthogonal", 40, [dense(35, "tanh", orthogonal=single(0.01)), dense(3)])
  yield row("layer norm", 6, [dense(37), norm("layer_norm"), dense(9, "tanh"), dense(3)])
  yield row("layer norm first", 6, [norm("layer_norm"), dense(9, "tanh"), dense(3)])
  yield row("layer norm last", 6, [dense(9, "tanh"), dense(35), norm("layer_norm")])
  yield row("layer norm of a softmax", 6, [dense(37, "tanh"), norm("layer_norm"), dense(4)],
            loss="categorical_cross_entropy")
  yield row("rms norm", 6, [dense(37, "tanh"), norm("rms_norm"), dense(3)])
  yield row("glu", 6, [dense(34), dict(kind="glu"), dense(9, "tanh"), dense(3)])
  yield row("glu behind tanh", 6, [dense(34, "tanh"), dict(kind="glu"), dense(3)])
  yield row("residual", 6, [dense(33, "tanh"), dense(9, "tanh"), dense(33, "sigmoid"),
                            dict(kind="residual", source=0), dense(3)])
  yield row("residual from the input", 6, [dense(9, "tanh"), dense(6, "tanh"), dict(kind="residual", source=-1), dense(3)])
  yield row("residual in a residual", 6, [
    dense(17, "tanh"), dense(33, "tanh"), norm("layer_norm"), dense(33, "tanh"), dict(kind="residual", source=1),
    dense(17), dict(kind="residual", source=0), dense(3)])
  yield row("residual before a norm", 6, [dense(17, "tanh"), norm("layer_norm"), dense(17, "sigmoid"),
                                          dict(kind="residual", source=0), norm("layer_norm"), dense(3)])
  yield row("dropout", 6, [dense(37, "tanh"), dict(kind="dropout", rate=0.25), dense(3)])
  yield row("dropout of inputs", 6, [dict(kind="dropout", rate=0.25), dense(37, "tanh"), dense(3)])
  yield row("alpha dropout", 6, [dense(37, "selu"), dict(kind="alpha_dropout", rate=0.125), dense(3)])
  yield row("gaussian noise", 6, [dense(37, "tanh"), dict(kind="noise", deviation=0.5), dense(3)])


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  norm = dict(kind="layer_norm", epsilon=EPSILON)
  value = dict(
    torch=torch.__version__, cases=list(rows()), data=DATA,
    broken=row("layer norm", 6, [dense(37), norm, dense(9, "tanh"), dense(3)], broken=True))
  (parser.parse_args().output / "layers.json").write_text(encode(value))


if __name__ == "__main__":
  main()
