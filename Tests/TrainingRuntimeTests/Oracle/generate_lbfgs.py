#!/usr/bin/env python3
"""Write the oracle of L-BFGS: PyTorch's LBFGS with its strong Wolfe line search over a whole data set, float64.

    python3 generate_lbfgs.py [--output FOLDER]        needs torch==2.13.0 (CPU)

lbfgs.json  for each row the hyperparameters and the mean loss before each of twelve steps, over all minibatches of
            "sigmoid-regression" of trajectories.json as one.
"""

import argparse
import json
import pathlib

import torch

import generate
from problems import NETWORKS, problem

NETWORK, STEPS = "sigmoid-regression", 12
ROWS = [
  dict(label="usual", history=10, weight_decay=0.0),
  dict(label="short history, decay", history=3, weight_decay=0.01),
]


def train(row, network):
  model = generate.Perceptron(network["layers"], network["parameters"], torch.float64)
  whole = {key: [x for batch in network["batches"] for x in batch[key]] for key in network["batches"][0]}
  optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=1, max_eval=26, history_size=row["history"],
                                line_search_fn="strong_wolfe")

  def closure():
    optimizer.zero_grad()
    loss, _ = generate.batch_loss(model, network["loss"], whole)
    total = loss + 0.5 * row["weight_decay"] * sum((tensor ** 2).sum() for tensor in model.parameters())
    total.backward()
    return total

  losses = []
  for _ in range(STEPS):
    with torch.no_grad():
      losses.append(generate.batch_loss(model, network["loss"], whole)[0].item())
    optimizer.step(closure)
  print(row["label"], [f"{loss:.4f}" for loss in losses], optimizer.state_dict()["state"][0]["func_evals"])
  return losses


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  network = problem(NETWORK, NETWORKS[NETWORK], batches=generate.STEPS)
  value = dict(torch=torch.__version__, network=NETWORK, rows=[row | dict(losses=train(row, network)) for row in ROWS])
  (parser.parse_args().output / "lbfgs.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
