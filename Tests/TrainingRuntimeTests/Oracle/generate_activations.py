#!/usr/bin/env python3
"""Write activations.json: every activation's values, derivatives and ten training steps, from PyTorch and Keras.

    python3 generate_activations.py [--output FOLDER]     needs torch==2.13.0 (CPU), keras==3.15.1 with torch behind it

Each row names its source: a function of PyTorch or Keras where there is one, else the formula in PyTorch's operations,
differentiated by autograd. All in float64, from numbers that are exact in float32. The last row is broken on purpose: a
comparison that accepts it compares nothing. README.md beside this file describes the format.
"""

import argparse
import math
import os
import pathlib
import random

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

from generate import encode, numbers
from problems import fractions

STEPS, RATE, SEED = 10, 0.05, 11
SMALLEST_KINK_DISTANCE = 2e-4  # of any pre-activation of a trajectory
F = torch.nn.functional


class ReplacedGradient(torch.autograd.Function):
  """The step function with another gradient in its derivative's stead."""

  @staticmethod
  def forward(context, z, straight_through):
    context.save_for_backward(z)
    context.straight_through = straight_through
    return (z > 0).to(z.dtype)

  @staticmethod
  def backward(context, gradient):
    z, = context.saved_tensors
    return (gradient * (z.abs() <= 1) if context.straight_through else gradient), None


def philox(key, counter):
  """One block of Philox4x32-10 (Salmon et al., 2011)."""
  words, keys, mask = list(counter), [key & 0xFFFFFFFF, key >> 32], 0xFFFFFFFF
  for _ in range(10):
    first, second = words[0] * 0xD2511F53, words[2] * 0xCD9E8D57
    words = [(second >> 32) ^ words[1] ^ keys[0], second & mask, (first >> 32) ^ words[3] ^ keys[1], first & mask]
    keys = [(keys[0] + 0x9E3779B9) & mask, (keys[1] + 0xBB67AE85) & mask]
  return words


def random_slopes(step, samples, units, lower, upper):
  """The slopes of the first stage: each from the seed, the step, the sample and the unit."""
  def slope(sample, unit):
    word = philox(SEED, (unit // 4, sample, step, 4 << 16))[unit % 4]
    return lower + (upper - lower) * ((word >> 8) / 2 ** 24)
  return torch.tensor([[slope(sample, unit) for unit in range(units)] for sample in range(samples)], dtype=torch.float64)


def single(number):
  """A number as float32 has it, since that is what parameters are."""
  return torch.tensor(number, dtype=torch.float32).item()


def rrelu(z, step, lower, upper):
  if step is None:
    return F.rrelu(z, lower, upper, training=False)
  return torch.where(z < 0, z * random_slopes(step, *z.shape, lower, upper), z)


A, B, THIRD, EIGHTH = single(1.7159), single(2 / 3), single(1 / 3), 0.125

# (name, parameters, source, f(z, step), kinks); `alpha` stands for learned slopes.
ROWS = [
  ("linear", {}, "torch", lambda z: z, []),
  ("linear", dict(slope=-1.5), "torch", lambda z: -1.5 * z, []),
  ("step", dict(gradient="straight_through"), "formula", lambda z: ReplacedGradient.apply(z, True), [-1, 0, 1]),
  ("sigmoid", {}, "torch", torch.sigmoid, []),
  ("hard_sigmoid", {}, "torch", F.hardsigmoid, [-3, 3]),
  ("log_sigmoid", {}, "torch", F.logsigmoid, []),
  ("tanh", {}, "torch", torch.tanh, []),
  ("hard_tanh", {}, "torch", F.hardtanh, [-1, 1]),
  ("scaled_tanh", {}, "formula", lambda z: A * torch.tanh(B * z), []),
  ("tanh_shrink", {}, "torch", F.tanhshrink, []),
  ("relu", {}, "torch", F.relu, [0]),
  ("relu6", {}, "torch", F.relu6, [0, 6]),
  ("leaky_relu", {}, "torch", lambda z: F.leaky_relu(z, single(0.01)), [0]),
  ("leaky_relu", dict(slope=-0.375), "torch", lambda z: F.leaky_relu(z, -0.375), [0]),
  ("prelu", {}, "torch", None, [0]),
  ("prelu", dict(slope=0.125, slopes="per_layer"), "torch", None, [0]),
  ("rrelu", {}, "torch", rrelu, [0]),
  ("elu", {}, "torch", F.elu, [0]),
  ("elu", dict(alpha=0.5), "torch", lambda z: F.elu(z, 0.5), [0]),
  ("selu", {}, "torch", F.selu, [0]),
  ("celu", {}, "torch", F.celu, []),
  ("celu", dict(alpha=2.0), "torch", lambda z: F.celu(z, 2.0), []),
  ("gelu", {}, "torch", F.gelu, []),
  ("gelu", dict(form="tanh"), "torch", lambda z: F.gelu(z, approximate="tanh"), []),
  ("silu", {}, "torch", F.silu, []),
  ("hard_silu", {}, "torch", F.hardswish, [-3, 3]),
  ("mish", {}, "torch", F.mish, []),
  ("softplus", {}, "torch", lambda z: F.softplus(z, threshold=1000), []),
  ("squareplus", {}, "keras", keras.activations.squareplus, []),
  ("squareplus", dict(b=0.25), "keras", lambda z: keras.activations.squareplus(z, b=0.25), []),
  ("softsign", {}, "torch", F.softsign, []),
  ("elliot", {}, "formula", lambda z: 0.5 + 0.5 * z / (1 + z.abs()), []),
  ("exponential", {}, "keras", keras.activations.exponential, []),
  ("gaussian", {}, "formula", lambda z: torch.exp(-z * z), []),
  ("threshold", dict(threshold=0.25, value=1.5), "torch", lambda z: F.threshold(z, 0.25, 1.5), [0.25]),
  ("soft_shrink", {}, "torch", F.softshrink, [-0.5, 0.5]),
  ("hard_shrink", {}, "torch", F.hardshrink, [-0.5, 0.5]),
  ("softmax", {}, "torch", lambda z: torch.softmax(z, -1), []),
  ("log_softmax", {}, "torch", lambda z: torch.log_softmax(z, -1), []),
  ("step", dict(gradient="perceptron"), "formula", lambda z: ReplacedGradient.apply(z, False), [0]),
]
BROKEN = ("mish", {}, "broken on purpose", lambda z: z * torch.tanh(F.softplus(1.01 * z)), [])


class Activation:
  """A row's function, with its learned slopes where it has some."""

  def __init__(self, row, units):
    self.name, self.parameters, _, self.function, self.kinks = row
    self.alpha = None
    if self.name == "prelu":
      count = 1 if self.parameters.get("slopes") == "per_layer" else units
      self.alpha = torch.full((count,), self.parameters.get("slope", 0.25), dtype=torch.float64, requires_grad=True)

  def __call__(self, z, step=None):
    if self.alpha is not None:
      return F.prelu(z, self.alpha)
    if self.name == "rrelu":
      return rrelu(z, step, EIGHTH, THIRD)
    return self.function(z)

  def kink_distance(self, z):
    return min([(z.detach() - kink).abs().min().item() for kink in self.kinks] + [math.inf])


def values_and_derivatives(row):
  """Two samples of sixteen units, none at a kink; the derivative is that of Σ wᵢ·yᵢ with weights that differ."""
  generator = random.Random("values")
  inputs = [round(generator.uniform(-1, 1) * scale * 64 + 0.5) / 64 + 1 / 256 for scale in (1, 2, 4, 9) for _ in range(8)]
  weights = fractions(generator, 32, 2, 64)
  z = torch.tensor(inputs, dtype=torch.float64).view(2, 16).requires_grad_()
  y = Activation(row, 16)(z)
  (y * torch.tensor(weights, dtype=torch.float64).view(2, 16)).sum().backward()
  return dict(inputs=inputs, weights=weights, values=numbers(y), gradients=numbers(z.grad))


def trajectory(row, draw):
  """Ten steps of gradient descent on 5-7-3 networks (5-3 for the perceptron rule); None when a kink came too near or the loss grew too large."""
  generator = random.Random(f"activation {row[0]} {sorted(row[1].items())} {draw}")
  widths = [5, 3] if row[1].get("gradient") == "perceptron" else [5, 7, 3]
  activation = Activation(row, widths[1])
  layers, parameters = [], []
  for inputs, units in zip(widths, widths[1:]):
    weights, bias = fractions(generator, units * inputs, 1.5 / inputs ** 0.5, 1024), fractions(generator, units, 0.25, 1024)
    parameters.append(dict(weights=weights, bias=bias))
    layers.append([torch.tensor(weights, dtype=torch.float64).view(units, inputs).requires_grad_(),
                   torch.tensor(bias, dtype=torch.float64).requires_grad_()])
  if activation.alpha is not None:
    parameters[0]["alpha"] = numbers(activation.alpha)
  learned = [tensor for layer in layers for tensor in layer] + ([] if activation.alpha is None else [activation.alpha])
  batches, losses, distance = [], [], math.inf
  for step in range(STEPS):
    inputs, targets = fractions(generator, 45, 2, 64), fractions(generator, 27, 1, 64)
    batches.append(dict(inputs=inputs, targets=targets))
    z = torch.tensor(inputs, dtype=torch.float64).view(9, 5) @ layers[0][0].T + layers[0][1]
    distance = min(distance, activation.kink_distance(z))
    outputs = activation(z, step)
    for weights, bias in layers[1:]:
      outputs = outputs @ weights.T + bias
    loss = F.mse_loss(outputs, torch.tensor(targets, dtype=torch.float64).view(9, 3))
    losses.append(loss)
    gradients = torch.autograd.grad(loss, learned, allow_unused=True)
    with torch.no_grad():
      for tensor, gradient in zip(learned, gradients):
        if gradient is not None:
          tensor -= RATE * gradient
  if distance < SMALLEST_KINK_DISTANCE or not all(loss.item() < 6 for loss in losses):
    return None
  final = [dict(weights=numbers(weights), bias=numbers(bias)) for weights, bias in layers]
  if activation.alpha is not None:
    final[0]["alpha"] = numbers(activation.alpha)
  return dict(widths=widths, rate=RATE, seed=SEED, parameters=parameters, batches=batches,
              losses=numbers(torch.stack(losses)), final=final)


def case(row):
  run = next(run for draw in range(1000) if (run := trajectory(row, draw)))
  print(f"{row[0]:14} {row[1]} from {row[2]}: loss {run['losses'][0]:.4f} to {run['losses'][-1]:.4f}")
  parameters = {key: dict(word=value) if isinstance(value, str) else dict(number=value) for key, value in row[1].items()}
  return dict(name=row[0], source=row[2], parameters=parameters) | values_and_derivatives(row) | dict(trajectory=run)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  torch.set_num_threads(1)
  content = dict(torch=torch.__version__, keras=keras.__version__, cases=[case(row) for row in ROWS], broken=case(BROKEN))
  (folder / "activations.json").write_text(encode(content) + "\n")


if __name__ == "__main__":
  main()
