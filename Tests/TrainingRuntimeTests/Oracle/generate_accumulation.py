#!/usr/bin/env python3
"""Write the oracle of gradient accumulation: PyTorch's steps from gradients that several minibatches have added up, float64.

    python3 generate_accumulation.py [--output FOLDER]        needs torch==2.13.0 (CPU)

accumulation.json  for each optimizer the parameters after one epoch over the minibatches of "sigmoid-regression" of
                   trajectories.json, the last of them cut short, three minibatches a step: the last step has two.
"""

import argparse
import json
import pathlib

import torch

import generate
from problems import NETWORKS, problem

NETWORK, GROUP, LAST = "sigmoid-regression", 3, 20


def cut(batches, network):
  """The minibatches with `LAST` samples in the last."""
  widths = dict(inputs=network["layers"][0]["inputs"], targets=network["layers"][-1]["units"])
  last = {key: values[:LAST * widths[key]] for key, values in batches[-1].items()}
  return batches[:-1] + [last]


def train(network, settings):
  model = generate.Perceptron(network["layers"], network["parameters"], torch.float64)
  optimizer = generate.make_optimizer(model.parameters(), settings)
  batches = cut(network["batches"], network)
  sizes = [len(batch["inputs"]) // network["layers"][0]["inputs"] for batch in batches]
  for first in range(0, len(batches), GROUP):
    optimizer.zero_grad()
    total = sum(sizes[first:first + GROUP])
    for batch, size in zip(batches[first:first + GROUP], sizes[first:first + GROUP]):
      loss, _ = generate.batch_loss(model, network["loss"], batch)
      (loss * (size / total)).backward()
    optimizer.step()
  return model.per_layer(generate.numbers)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  network = problem(NETWORK, NETWORKS[NETWORK], batches=generate.STEPS)
  rows = {name: train(network, generate.OPTIMIZERS[name]) for name in ("sgd", "nesterov", "adam")}
  value = dict(network=NETWORK, accumulation=GROUP, last=LAST, rows=rows)
  (parser.parse_args().output / "accumulation.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
