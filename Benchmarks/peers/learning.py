#!/usr/bin/env python3
"""Train a peer on Fashion-MNIST (784-256-128-10, Adam, a constant learning rate) until the test accuracy is reached.

    python3 learning.py --peer jax [--data FOLDER] [--batch 128] [--rate 0.001] [--seeds 1,2,3] [--target 0.88]
                        [--epochs 15] [--threads N]

Writes a JSON line `ready` when everything is compiled, and an `epoch` line after each epoch of each seed: the training
seconds so far, without evaluation, those of evaluation, and the accuracy on the test images.
"""

import sys
import time

import adapters
from harness import fashion_mnist, options, results, threads, workloads
from harness.numerics import numpy


def learn(learner, chosen, seed, samples):
  """Trains from the seed's weights, in the seed's order, until the target or the last epoch."""
  generator = numpy.random.default_rng(seed)
  learner.start(seed)
  training = evaluation = 0.0
  for epoch in range(1, chosen.epochs + 1):
    order = fashion_mnist.shuffled_order(generator, samples, chosen.batch)
    seconds, _ = timed(learner.epoch, order)
    training += seconds
    seconds, accuracy = timed(learner.accuracy)
    evaluation += seconds
    results.write("epoch", peer=chosen.peer, batch=chosen.batch, rate=chosen.rate, seed=seed, epoch=epoch,
                  training_seconds=training, evaluation_seconds=evaluation, test_accuracy=accuracy)
    if accuracy >= chosen.target:
      break


def timed(function, *arguments):
  start = time.perf_counter()
  value = function(*arguments)
  return time.perf_counter() - start, value


def rehearse(learner, chosen, samples):
  """Makes one epoch and one evaluation, so that everything is compiled; what was learned is forgotten."""
  learner.start(0)
  order = fashion_mnist.shuffled_order(numpy.random.default_rng(0), samples, chosen.batch)
  learner.epoch(order)
  learner.accuracy()


def parse_options():
  parser = options.parser(__doc__)
  options.add_learner(parser)
  options.add_data(parser)
  options.add_threads(parser)
  parser.add_argument("--batch", type=options.positive, default=128)
  parser.add_argument("--rate", type=float, default=0.001, help="learning rate (default: 0.001)")
  parser.add_argument("--seeds", type=options.numbers(int), default=[1, 2, 3])
  parser.add_argument("--target", type=float, default=0.88, help="test accuracy (default: 0.88)")
  parser.add_argument("--epochs", type=options.positive, default=15, help="the most (default: 15)")
  return parser.parse_args()


def main():
  chosen = parse_options()
  threads.limit(chosen.threads)
  peer = adapters.load(chosen.peer)
  data = fashion_mnist.load(chosen.data)
  learner = peer.Learner(workloads.FASHION, chosen.rate, data)
  samples = len(data.training[0])
  rehearse(learner, chosen, samples)
  results.write("ready", peer=chosen.peer)
  for seed in chosen.seeds:
    learn(learner, chosen, seed, samples)


if __name__ == "__main__":
  try:
    main()
  except KeyboardInterrupt:
    sys.exit(130)
