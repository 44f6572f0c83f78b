#!/usr/bin/env python3
"""Write the oracle of Muon: PyTorch's torch.optim.Muon for the matrices and its AdamW for the rest, in float64.

    python3 generate_muon.py [--output FOLDER]        needs torch==2.13.0 (CPU)

muon.json  for each row the hyperparameters and the parameters after ten steps on a network of trajectories.json.

PyTorch orthogonalises in bfloat16, of whose 8 bits nothing could be learned about float32: here the one call that
rounds to it returns what it is given.
"""

import argparse
import json
import pathlib

import torch

import generate
from problems import NETWORKS, problem

STEPS = 10
ROWS = [
  dict(label="hidden", network="wide-regression", matrices="hidden"),
  dict(label="all, no look-ahead, decay", network="tanh-relu-classification", matrices="all", nesterov=False,
       momentum=0.8, weight_decay=0.2, learning_rate=0.03),
  dict(label="all but the last", network="leaky-relu-classification", matrices="butLast", adam_learning_rate=0.01,
       beta1=0.8, beta2=0.9, epsilon=1e-4),
]
DEFAULTS = dict(learning_rate=0.02, momentum=0.95, nesterov=True, weight_decay=0.0, adam_learning_rate=0.003, beta1=0.9,
                beta2=0.95, epsilon=1e-8)


def chosen(model, matrices):
  weights = [stage.weight for stage in model.stages if isinstance(stage, torch.nn.Linear)]
  return {"hidden": weights[1:-1], "butLast": weights[:-1], "all": weights}[matrices]


def train(row, network):
  model = generate.Perceptron(network["layers"], network["parameters"], torch.float64)
  matrices = chosen(model, row["matrices"])
  others = [tensor for tensor in model.parameters() if not any(tensor is matrix for matrix in matrices)]
  optimizers = [
    torch.optim.Muon(matrices, lr=row["learning_rate"], weight_decay=row["weight_decay"], momentum=row["momentum"],
                     nesterov=row["nesterov"]),
    torch.optim.AdamW(others, lr=row["adam_learning_rate"], betas=(row["beta1"], row["beta2"]), eps=row["epsilon"],
                      weight_decay=row["weight_decay"])]
  for batch in network["batches"]:
    model.zero_grad()
    loss, _ = generate.batch_loss(model, network["loss"], batch)
    loss.backward()
    for optimizer in optimizers:
      optimizer.step()
  print(f"{row['label']}: nearest kink {model.kink_distance:.1e}, loss {loss.item():.4f}")
  if model.kink_distance < generate.SMALLEST_KINK_DISTANCE:
    raise SystemExit("a pre-activation comes near a kink: choose other numbers")
  return model.per_layer(generate.numbers)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  torch.Tensor.bfloat16 = lambda tensor: tensor.clone()
  rows = []
  for row in (DEFAULTS | row for row in ROWS):
    network = problem(row["network"], NETWORKS[row["network"]], batches=generate.STEPS)
    network["batches"] = network["batches"][:STEPS]
    rows.append(row | dict(parameters=train(row, network)))
  value = dict(torch=torch.__version__, steps=STEPS, rows=rows)
  (parser.parse_args().output / "muon.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
