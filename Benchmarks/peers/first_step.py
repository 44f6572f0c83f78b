#!/usr/bin/env python3
"""Make one training step on Fashion-MNIST, to see how long a peer takes to get going.

    python3 first_step.py --peer pytorch [--data FOLDER] [--batch 128] [--threads N]

Imports the peer, reads and standardises all images, makes the network and a step, writes a JSON line `first_step`.
"""

import sys

import adapters
from harness import fashion_mnist, options, results, threads, workloads
from harness.numerics import numpy


def main():
  parser = options.parser(__doc__)
  options.add_learner(parser)
  options.add_data(parser)
  options.add_threads(parser)
  parser.add_argument("--batch", type=options.positive, default=128)
  chosen = parser.parse_args()
  threads.limit(chosen.threads)
  peer = adapters.load(chosen.peer)
  data = fashion_mnist.load(chosen.data)
  learner = peer.Learner(workloads.FASHION, 0.001, data, start_soon=True)
  learner.start(seed=7)
  learner.epoch(fashion_mnist.shuffled_order(numpy.random.default_rng(7), len(data.training[0]), chosen.batch)[:1])
  results.write("first_step", peer=chosen.peer, version=adapters.version(chosen.peer))


if __name__ == "__main__":
  try:
    main()
  except KeyboardInterrupt:
    sys.exit(130)
