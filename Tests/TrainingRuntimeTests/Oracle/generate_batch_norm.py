#!/usr/bin/env python3
"""Write batch_norm.json: gradients and ten training steps of batch normalization, from PyTorch.

    python3 generate_batch_norm.py [--output FOLDER]     needs what generate_layers.py needs

Rows are those of generate_layers.py, with running means and variances behind the tensors of `final`, and with the loss of
the first minibatch by them. Where a norm would take a bias or a shift out again there is none: its gradient is zero, and what is left
of it rounding. The minibatches are those that layers.json has under the same names.
"""

import argparse
import pathlib

import torch

from generate import encode
from generate_activations import single
from generate_layers import dense, row


def norm(momentum=0.1, epsilon=1e-5, **options):
  return dict(kind="batch_norm", momentum=single(momentum), epsilon=single(epsilon), **options)


def rows():
  yield row("batch norm", 6, [dense(37, bias=False), norm(), dense(9, "tanh"), dense(3)])
  yield row("batch norm first", 6, [norm(), dense(9, "tanh"), dense(3)])
  yield row("batch norm last", 6, [dense(9, "tanh"), dense(35, bias=False), norm()])
  yield row("batch norm of a softmax", 6, [dense(37, "tanh"), norm(), dense(4)], loss="categorical_cross_entropy")
  yield row("batch norm that learns nothing", 6, [dense(33, bias=False), norm(gain=False, shift=False), dense(3)])
  yield row("batch norm with a gain", 6, [dense(17, "tanh"), norm(0.25, 0.01, shift=False), dense(3)])
  yield row("batch norm with a shift", 6, [dense(17, "tanh"), norm(1, 0.5, gain=False), dense(3)])
  yield row("batch norms in a residual", 6, [
    dense(17, bias=False), norm(), dense(33, "tanh"), norm(shift=False), dense(17, bias=False), dict(kind="residual", source=0), norm(), dense(3)])


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  value = dict(
    torch=torch.__version__, cases=list(rows()), data={},
    broken=row("batch norm", 6, [dense(37, bias=False), norm(), dense(9, "tanh"), dense(3)], broken=True))
  (parser.parse_args().output / "batch_norm.json").write_text(encode(value))


if __name__ == "__main__":
  main()
