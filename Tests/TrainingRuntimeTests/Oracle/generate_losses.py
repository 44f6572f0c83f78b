#!/usr/bin/env python3
"""Write losses.json: every loss's values, gradients and ten training steps, from PyTorch and Keras.

    python3 generate_losses.py [--output FOLDER]     needs torch==2.13.0 (CPU), keras==3.15.1 with torch behind it

Each row names its source: a function of PyTorch or Keras, differentiated by autograd. All in float64, from numbers that are
exact in float32. The last row is broken on purpose: a comparison that accepts it compares nothing. README.md beside this
file describes the format.
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
SMALLEST_KINK_DISTANCE = 2e-4
F = torch.nn.functional
K = keras.losses
keras.config.set_floatx("float64")


def single(number):
  """A number as float32 has it, since that is what parameters are."""
  return torch.tensor(number, dtype=torch.float32).item()


def one_hot(labels, outputs):
  return F.one_hot(torch.tensor(labels), outputs).to(torch.float64)


def mean_of(loss):
  """Keras' loss of each sample, averaged over the samples."""
  return lambda y, t: loss(t, y).mean()


def pinball(tau):
  return lambda y, t: torch.maximum(tau * (t - y), (tau - 1) * (t - y)).mean()


def categorical_focal(gamma):
  loss = K.CategoricalFocalCrossentropy(alpha=1.0, gamma=gamma, from_logits=True)
  return lambda z, t: loss(t, z)


def binary_focal(gamma):
  loss = K.BinaryFocalCrossentropy(gamma=gamma, from_logits=True)
  return lambda z, t: loss(t, z)


def gaussian(y, t):
  """The second half of the outputs are logarithms of variances."""
  means, logarithms = y[:, :t.shape[1]], y[:, t.shape[1]:]
  return F.gaussian_nll_loss(means, t, torch.exp(logarithms), eps=1e-12)


def soft_kl(z, t):
  return F.kl_div(torch.log_softmax(z, -1), t, reduction="batchmean")


SMOOTH, TAU, DELTA = single(0.1), 0.25, 0.5

# (name, parameters, last activation, kind of targets, source, loss of z or y and t, kinks of e = y − t or of y)
# Kinds: "values" of either sign, "positive", "counts", "shares" (rows that add up to 1), "units" (from 0 to 1), "bits" (0 or
# 1), "labels" (one-hot here, class numbers in the file), "binary" (labels of a single output).
ROWS = [
  ("categorical_cross_entropy", {}, "softmax", "labels", "torch", lambda z, t: F.cross_entropy(z, t), []),
  ("categorical_cross_entropy", {"labelSmoothing": 0.1}, "softmax", "labels", "torch",
   lambda z, t: F.cross_entropy(z, t.argmax(-1), label_smoothing=SMOOTH), []),
  ("categorical_cross_entropy", {}, "softmax", "shares", "torch", lambda z, t: F.cross_entropy(z, t), []),
  ("categorical_cross_entropy", {"labelSmoothing": 0.1, "from": "logits"}, "linear", "shares", "torch",
   lambda z, t: F.cross_entropy(z, t, label_smoothing=SMOOTH), []),
  ("categorical_cross_entropy", {"from": "logits"}, "linear", "labels", "torch", lambda z, t: F.cross_entropy(z, t), []),
  ("binary_cross_entropy", {}, "sigmoid", "bits", "torch", F.binary_cross_entropy_with_logits, []),
  ("binary_cross_entropy", {}, "sigmoid", "units", "torch", F.binary_cross_entropy_with_logits, []),
  ("binary_cross_entropy", {}, "sigmoid", "labels", "torch", F.binary_cross_entropy_with_logits, []),
  ("binary_cross_entropy", {}, "sigmoid", "binary", "torch", F.binary_cross_entropy_with_logits, []),
  ("binary_cross_entropy", {"from": "logits"}, "linear", "binary", "torch", F.binary_cross_entropy_with_logits, []),
  ("binary_cross_entropy", {"labelSmoothing": 0.1, "from": "logits"}, "linear", "bits", "keras",
   lambda z, t: K.BinaryCrossentropy(from_logits=True, label_smoothing=SMOOTH)(t, z), []),
  ("focal", {}, "softmax", "labels", "keras", categorical_focal(2.0), []),
  ("focal", {"gamma": 0.5, "from": "logits"}, "linear", "labels", "keras", categorical_focal(0.5), []),
  ("binary_focal", {}, "sigmoid", "bits", "keras", binary_focal(2.0), []),
  ("binary_focal", {"gamma": 1.5, "from": "logits"}, "linear", "binary", "keras", binary_focal(1.5), []),
  ("kl_divergence", {}, "softmax", "shares", "torch", soft_kl, []),
  ("kl_divergence", {"from": "logits"}, "linear", "shares", "torch", soft_kl, []),
  ("mean_squared_error", {}, "linear", "values", "torch", F.mse_loss, []),
  ("mean_absolute_error", {}, "linear", "values", "torch", F.l1_loss, [0]),
  ("mean_absolute_percentage_error", {}, "linear", "values", "keras", mean_of(K.mean_absolute_percentage_error), [0]),
  ("mean_squared_logarithmic_error", {}, "softplus", "positive", "keras", mean_of(K.mean_squared_logarithmic_error), []),
  ("huber", {}, "linear", "values", "torch", F.huber_loss, []),
  ("huber", {"delta": DELTA}, "linear", "values", "torch", lambda y, t: F.huber_loss(y, t, delta=DELTA), []),
  ("log_cosh", {}, "linear", "values", "keras", mean_of(K.log_cosh), []),
  ("quantile", {"tau": TAU}, "linear", "values", "formula", pinball(TAU), [0]),
  ("quantile", {}, "linear", "values", "formula", pinball(0.5), [0]),
  ("poisson", {}, "exponential", "counts", "torch",
   lambda y, t: F.poisson_nll_loss(y, t, log_input=False, eps=single(1e-7)), []),
  ("poisson", {"from": "logarithms"}, "linear", "counts", "torch", F.poisson_nll_loss, []),
  ("gaussian_nll", {}, "linear", "values", "torch", gaussian, []),
  ("hinge", {}, "linear", "bits", "keras", mean_of(K.hinge), None),
  ("squared_hinge", {}, "tanh", "binary", "keras", mean_of(K.squared_hinge), None),
  ("categorical_hinge", {}, "linear", "labels", "keras", mean_of(K.categorical_hinge), None),
  ("cosine_similarity", {}, "linear", "values", "keras", mean_of(K.cosine_similarity), []),
]
BROKEN = ("huber", {}, "linear", "values", "broken on purpose", lambda y, t: 1.01 * F.huber_loss(y, t), [])

ACTIVATIONS = {
  # The loss takes z where it is fused with these.
  "softmax": lambda z: z, "sigmoid": lambda z: z, "linear": lambda z: z,
  "softplus": lambda z: F.softplus(z, threshold=1000), "exponential": torch.exp, "tanh": torch.tanh,
}


def draw_targets(generator, kind, samples, outputs):
  """Targets as the loss above takes them, and as the file has them."""
  count = samples * outputs
  if kind == "labels":
    labels = [generator.randrange(outputs) for _ in range(samples)]
    return one_hot(labels, outputs), dict(labels=labels)
  if kind == "binary":
    labels = [generator.randrange(2) for _ in range(samples)]
    return torch.tensor(labels, dtype=torch.float64).view(samples, 1), dict(labels=labels)
  if kind == "shares":
    rows = []
    for _ in range(samples):
      cuts = sorted(generator.randrange(1, 64) for _ in range(outputs - 1))
      rows += [(b - a) / 64 for a, b in zip([0] + cuts, cuts + [64])]
    values = rows
  elif kind == "bits":
    values = [float(generator.randrange(2)) for _ in range(count)]
  elif kind == "counts":
    values = [float(generator.randrange(4)) for _ in range(count)]
  else:
    values = fractions(generator, count, 1, 64)
    if kind == "positive":
      values = [abs(value) for value in values]
    if kind == "units":
      values = [abs(value) for value in values]
    values = [value if value != 0 else 1 / 64 for value in values]
  return torch.tensor(values, dtype=torch.float64).view(samples, outputs), dict(targets=values)


def kink_distance(row, y, t):
  """How near a value comes to a place where the loss's slope jumps."""
  kinks = row[6]
  if kinks is None:  # the hinges: at a margin of 1, and where another class takes the lead
    margins = [(y.detach() - 1).abs().min().item(), (y.detach() + 1).abs().min().item()]
    if row[0] == "categorical_hinge":
      others = torch.sort((1 - t) * y.detach(), -1).values
      margins = [(others[:, -1] - others[:, -2]).abs().min().item(),
                 (1 + others[:, -1] - (t * y.detach()).sum(-1)).abs().min().item()]
    return min(margins)
  return min([((y.detach() - t) - kink).abs().min().item() for kink in kinks] + [math.inf])


def widths_of(row):
  targets = 1 if row[3] == "binary" else 4
  return targets, 2 * targets if row[0] == "gaussian_nll" else targets


def values_and_gradients(row, draw):
  """The loss of five samples and its gradient by what the head is given: z where it is fused, else y."""
  generator = random.Random(f"loss values {row[0]} {sorted(row[1].items())} {row[3]} {draw}")
  targets, outputs = widths_of(row)
  values = fractions(generator, 5 * outputs, 2.5, 64)
  if row[2] in ("softplus", "exponential"):
    values = [abs(value) + 1 / 128 for value in values]
  wanted, written = draw_targets(generator, row[3], 5, targets)
  y = torch.tensor(values, dtype=torch.float64).view(5, outputs).requires_grad_()
  loss = row[5](y, wanted)
  loss.backward()
  if kink_distance(row, y, wanted) < SMALLEST_KINK_DISTANCE:
    return None
  return dict(outputs=values, value=loss.item(), gradients=numbers(y.grad)) | written


def trajectory(row, draw):
  """Ten steps of gradient descent on a 5-7-outputs network with tanh between; None when a kink came too near."""
  generator = random.Random(f"loss {row[0]} {sorted(row[1].items())} {row[3]} {draw}")
  targets, outputs = widths_of(row)
  widths = [5, 7, outputs]
  layers, parameters = [], []
  for inputs, units in zip(widths, widths[1:]):
    weights, bias = fractions(generator, units * inputs, 1.5 / inputs ** 0.5, 1024), fractions(generator, units, 0.25, 1024)
    parameters.append(dict(weights=weights, bias=bias))
    layers.append([torch.tensor(weights, dtype=torch.float64).view(units, inputs).requires_grad_(),
                   torch.tensor(bias, dtype=torch.float64).requires_grad_()])
  learned = [tensor for layer in layers for tensor in layer]
  rate = RATE / 64 if row[0] == "mean_absolute_percentage_error" else RATE
  batches, losses, distance = [], [], math.inf
  for _ in range(STEPS):
    inputs = fractions(generator, 45, 2, 64)
    wanted, written = draw_targets(generator, row[3], 9, targets)
    batches.append(dict(inputs=inputs) | written)
    hidden = torch.tanh(torch.tensor(inputs, dtype=torch.float64).view(9, 5) @ layers[0][0].T + layers[0][1])
    y = ACTIVATIONS[row[2]](hidden @ layers[1][0].T + layers[1][1])
    distance = min(distance, kink_distance(row, y, wanted))
    loss = row[5](y, wanted)
    losses.append(loss)
    with torch.no_grad():
      for tensor, gradient in zip(learned, torch.autograd.grad(loss, learned)):
        tensor -= rate * gradient
  if distance < SMALLEST_KINK_DISTANCE:
    return None
  final = [dict(weights=numbers(weights), bias=numbers(bias)) for weights, bias in layers]
  return dict(widths=widths, activation=row[2], rate=rate, seed=SEED, parameters=parameters, batches=batches,
              losses=numbers(torch.stack(losses)), final=final)


def case(row):
  head = next(head for draw in range(1000) if (head := values_and_gradients(row, draw)))
  run = next(run for draw in range(1000) if (run := trajectory(row, draw)))
  print(f"{row[0]:30} {row[1]} of {row[3]} from {row[4]}: loss {run['losses'][0]:.4f} to {run['losses'][-1]:.4f}")
  parameters = {key: dict(word=value) if isinstance(value, str) else dict(number=value) for key, value in row[1].items()}
  return dict(name=row[0], source=row[4], activation=row[2], parameters=parameters, head=head, trajectory=run)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  torch.set_num_threads(1)
  content = dict(torch=torch.__version__, keras=keras.__version__, cases=[case(row) for row in ROWS], broken=case(BROKEN))
  (folder / "losses.json").write_text(encode(content) + "\n")


if __name__ == "__main__":
  main()
