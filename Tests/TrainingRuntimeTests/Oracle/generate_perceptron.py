#!/usr/bin/env python3
"""Write the oracle of the perceptron rule: scikit-learn's Perceptron, sample after sample, float64.

    python3 generate_perceptron.py [--output FOLDER]        needs scikit-learn==1.9.1 and numpy

perceptron.json  points of three classes, the first weights, and the weights after one and after five passes over the points
                 in their order: of one unit that tells class 0 from the others, and of a unit for each class.
"""

import argparse
import json
import pathlib
import random

import numpy
import sklearn
from sklearn.linear_model import Perceptron

RATE, COUNT, FEATURES, CLASSES = 0.25, 30, 5, 3


def fraction(generator, reach):
  return round(generator.uniform(-reach, reach) * 64) / 64


def points():
  generator = random.Random("perceptron")
  teacher = [[fraction(generator, 1) for _ in range(FEATURES)] for _ in range(CLASSES)]
  rows = [[fraction(generator, 2) for _ in range(FEATURES)] for _ in range(COUNT)]
  labels = [max(range(CLASSES), key=lambda c: sum(t * x for t, x in zip(teacher[c], row))) for row in rows]
  # Odd multiples of 1/4096, so that no weighted sum is ever exactly zero, where the two would differ.
  weights = [[fraction(generator, 0.5) + 1 / 4096 for _ in range(FEATURES)] for _ in range(CLASSES)]
  return rows, labels, weights, [fraction(generator, 0.5) + 1 / 4096 for _ in range(CLASSES)]


def unit(rows, wanted, weights, bias, passes):
  """A unit that should fire where `wanted` is 1."""
  rule = Perceptron(eta0=RATE, shuffle=False, max_iter=passes, tol=None)
  rule.fit(numpy.array(rows), numpy.array(wanted), coef_init=numpy.array([weights]), intercept_init=numpy.array([bias]))
  return rule.coef_[0].tolist(), float(rule.intercept_[0])


def trained(rows, labels, weights, biases, classes, passes):
  units = [unit(rows, [int(label == c) for label in labels], weights[c], biases[c], passes) for c in classes]
  return dict(weights=[w for unit_weights, _ in units for w in unit_weights], bias=[b for _, b in units])


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  rows, labels, weights, biases = points()
  cases = []
  for classes in ([0], list(range(CLASSES))):
    start = dict(weights=[w for c in classes for w in weights[c]], bias=[biases[c] for c in classes])
    for passes in (1, 5):
      cases.append(dict(units=len(classes), passes=passes, start=start,
                        end=trained(rows, labels, weights, biases, classes, passes)))
  value = dict(sklearn=sklearn.__version__, rate=RATE, features=FEATURES, inputs=[x for row in rows for x in row],
               labels=labels, cases=cases)
  (parser.parse_args().output / "perceptron.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
  main()
