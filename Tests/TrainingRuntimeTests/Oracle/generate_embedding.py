#!/usr/bin/env python3
"""Write embedding.json: gradients and ten training steps of embeddings, from PyTorch.

    python3 generate_embedding.py [--output FOLDER]     needs what generate_layers.py needs

Rows are those of generate_layers.py; the minibatches have numbers of categories in the columns that are embedded.
"""

import argparse
import pathlib

import torch

from generate import encode
from generate_activations import single
from generate_layers import DATA, dense, row


def embedding(column, categories, width, **options):
  return dict(kind="embedding", column=column, categories=categories, width=width, **options)


def rows():
  yield row("embedding", 6, [embedding(3, 12, 4), dense(9, "tanh"), dense(3)])
  yield row("embeddings", 6, [embedding(5, 3, 2), embedding(0, 40, 33), embedding(2, 7, 1), dense(9, "tanh"), dense(3)])
  yield row("embedding of all columns", 1, [embedding(0, 50, 17), dense(3)])
  yield row("embedding of a softmax", 6, [embedding(3, 12, 4), dense(9, "tanh"), dense(4)],
            loss="categorical_cross_entropy")
  yield row("embedding with a penalty", 6, [embedding(3, 12, 4, weight=(single(0.02), single(0.05)), factor=0.5),
                                            dense(9, "tanh"), dense(3)])
  yield row("embedding that is frozen", 6, [embedding(3, 12, 4, frozen=True), dense(9, "tanh"), dense(3)])


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  value = dict(
    torch=torch.__version__, cases=list(rows()), data=DATA,
    broken=row("embedding", 6, [embedding(3, 12, 4), dense(9, "tanh"), dense(3)], broken=True))
  (parser.parse_args().output / "embedding.json").write_text(encode(value))


if __name__ == "__main__":
  main()
