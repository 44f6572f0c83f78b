#!/usr/bin/env python3
"""Write the oracle of what looks at whole tensors around updates: PyTorch's clipping, averages and Adafactor, optax'
lookahead, trust ratios and Adafactor, in float64.

    python3 generate_transforms.py [--output FOLDER]        needs torch==2.13.0 (CPU), jax==0.10.2, optax==0.2.8

transforms.json  for each transform the parameters to evaluate after 20 steps on "sigmoid-regression" of
                 trajectories.json, whose networks and batches it shares.
"""

import argparse
import json
import pathlib

import jax
import jax.numpy as jnp
import numpy
import optax
import torch

import generate
from problems import NETWORKS, problem

jax.config.update("jax_enable_x64", True)
NETWORK = "sigmoid-regression"
swa_utils = torch.optim.swa_utils


def train(network, make=None, clip=None, average=None, first_average=1):
  """Trains and returns the parameters, or their average from step `first_average` on."""
  model = generate.Perceptron(network["layers"], network["parameters"], torch.float64)
  optimizer = make(model) if make else torch.optim.SGD(model.parameters(), lr=0.1)
  averaged = swa_utils.AveragedModel(model, multi_avg_fn=average) if average else None
  for step, batch in enumerate(network["batches"], 1):
    optimizer.zero_grad()
    loss, _ = generate.batch_loss(model, network["loss"], batch)
    loss.backward()
    if clip:
      clip(model)
    optimizer.step()
    if averaged and step >= first_average:
      averaged.update_parameters(model)
  if model.kink_distance < generate.SMALLEST_KINK_DISTANCE:
    raise SystemExit("a pre-activation comes near a kink: choose other numbers")
  return (averaged.module if averaged else model).per_layer(generate.numbers)


def lookahead(network, steps, share):
  """optax' lookahead around its SGD; returns the slow weights."""
  return descend(network, optax.lookahead(optax.sgd(0.1), steps, share), optax.LookaheadParams.init_synced,
                 fast=lambda values: values.fast, evaluated=lambda values: values.slow)


def descend(network, transformation, begin=list, fast=list, evaluated=list):
  """PyTorch's gradients at what `fast` makes of optax' values; returns what `evaluated` makes of them."""
  model = generate.Perceptron(network["layers"], network["parameters"], torch.float64)
  tensors = list(model.parameters())
  values = begin([jnp.asarray(tensor.detach().numpy()) for tensor in tensors])
  state = transformation.init(values)
  for batch in network["batches"]:
    model.zero_grad()
    loss, _ = generate.batch_loss(model, network["loss"], batch)
    loss.backward()
    gradients = [jnp.asarray(tensor.grad.numpy()) for tensor in tensors]
    updates, state = transformation.update(gradients, state, values)
    values = optax.apply_updates(values, updates)
    with torch.no_grad():
      for tensor, value in zip(tensors, fast(values)):
        tensor.copy_(torch.tensor(numpy.array(value)))
  with torch.no_grad():
    for tensor, value in zip(tensors, evaluated(values)):
      tensor.copy_(torch.tensor(numpy.array(value)))
  return model.per_layer(generate.numbers)


def masked_adamw(model):
  """Decays matrices alone."""
  tensors = list(model.parameters())
  return torch.optim.AdamW([
    dict(params=[tensor for tensor in tensors if tensor.dim() > 1], weight_decay=0.5),
    dict(params=[tensor for tensor in tensors if tensor.dim() == 1], weight_decay=0.0)], lr=0.02)


def clip_tensors(model):
  for tensor in model.parameters():
    torch.nn.utils.clip_grad_norm_([tensor], 0.05)


def matrices(tensors):
  return [tensor.ndim > 1 for tensor in tensors]


def clip_by_global_norm(limit):
  """As PyTorch's `clip_grad_norm_`, whose divisor is 1e-6 larger than optax'."""
  def update(gradients, state, _=None):
    norm = jnp.sqrt(sum(jnp.sum(gradient ** 2) for gradient in gradients))
    return [gradient * jnp.minimum(1, limit / (norm + 1e-6)) for gradient in gradients], state
  return optax.GradientTransformation(lambda _: optax.EmptyState(), update)


def adaptive_clip(limit):
  """optax' adaptive_grad_clip; PyTorch's matrices have a unit in every row, optax' in every column."""
  matrix, vector = optax.adaptive_grad_clip(limit, axis=1), optax.adaptive_grad_clip(limit)

  def update(gradients, state, values):
    clipped = [(matrix if value.ndim > 1 else vector).update([gradient], optax.EmptyState(), [value])[0][0]
               for gradient, value in zip(gradients, values)]
    print("adaptive clip", [f"{float(jnp.mean(c != g)):.2f}" for c, g in zip(clipped, gradients)])
    return clipped, state
  return optax.GradientTransformation(lambda _: optax.EmptyState(), update)


def torch_adafactor(**options):
  """PyTorch's Adafactor with the paper's addend as its bound, which 64 bits never reach."""
  return lambda model: torch.optim.Adafactor(model.parameters(), eps=(1e-30, options.pop("scale", 1e-3)), **options)


def optax_adafactor(network, **options):
  """optax' Adafactor, which decays by weight_decay_rate alone; factored whatever the size unless told otherwise."""
  return descend(network, optax.adafactor(**(dict(min_dim_size_to_factor=1) | options)))


def rows(network):
  return {
    "value": train(network, clip=lambda model: torch.nn.utils.clip_grad_value_(model.parameters(), 0.02)),
    "tensor norm": train(network, clip=clip_tensors),
    "global norm": train(network, clip=lambda model: torch.nn.utils.clip_grad_norm_(model.parameters(), 0.05)),
    "adaptive": descend(network, optax.chain(adaptive_clip(0.15), optax.sgd(0.1))),
    "decay of weights alone": train(network, make=masked_adamw),
    "exponential average": train(network, average=swa_utils.get_ema_multi_avg_fn(0.9)),
    "stochastic average": train(network, average=swa_utils.get_swa_multi_avg_fn(), first_average=6),
    "lookahead": lookahead(network, 3, 0.5),
    "LAMB": descend(network, optax.lamb(0.02)),
    "LAMB, decay of weights, global norm": descend(network, optax.chain(
      clip_by_global_norm(0.05), optax.lamb(0.02, b1=0.8, b2=0.99, eps=1e-4, weight_decay=0.3, mask=matrices))),
    "LARS": descend(network, optax.lars(1.0, trust_coefficient=0.02)),
    "LARS, decay": descend(network, optax.lars(2.0, weight_decay=0.1, trust_coefficient=0.01, momentum=0.8)),
    "Adafactor of PyTorch": train(network, make=torch_adafactor(lr=0.1)),
    "Adafactor of PyTorch, decay, threshold": train(network, make=torch_adafactor(
      lr=0.25, beta2_decay=-0.6, d=1.5, weight_decay=0.1, scale=0.1)),
    "Adafactor of optax": optax_adafactor(network, learning_rate=0.1, clipping_threshold=0.8, decay_rate=0.7),
    "Adafactor of optax, plain scale": optax_adafactor(network, learning_rate=0.05, multiply_by_parameter_scale=False),
    "Adafactor of optax, large epsilon": optax_adafactor(network, learning_rate=0.1, eps=1e-4),
    "Adafactor of optax, not factored": optax_adafactor(network, learning_rate=0.1, min_dim_size_to_factor=4),
  }


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  network = problem(NETWORK, NETWORKS[NETWORK], batches=generate.STEPS)
  value = dict(network=NETWORK, rows=rows(network))
  (parser.parse_args().output / "transforms.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
