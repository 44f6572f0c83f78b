#!/usr/bin/env python3
"""Write the oracle of the optimizers: rules and schedules as PyTorch, optax and Keras compute them, in double precision.

    python3 generate.py [--output FOLDER]      needs torch==2.13.0 (CPU), jax==0.10.2, optax==0.2.8, keras==3.15.1

rules.json        parameters and gradients of ten steps, and for each row the parameters after the tenth
schedules.json    for each row the factor of every step, and for a plateau of every epoch

The numbers that go in are short binary fractions from Python's own generator: exact in float32 and in decimal.
"""

import argparse
import json
import pathlib
import random

import schedules  # first: it chooses Keras' backend

import rules

STEPS, COUNT = 10, 24


def fraction(generator, reach):
  """A multiple of 1/256 that is not 0."""
  return (round(generator.uniform(0, reach) * 255) + 1) / 256 * generator.choice([-1, 1])


def inputs():
  """Parameters, and gradients of which some keep their sign, some change it and some are large or small."""
  generator = random.Random("optimizers")
  parameters = [fraction(generator, 2) for _ in range(COUNT)]
  means = [fraction(generator, 1) for _ in range(COUNT)]
  sizes = [2.0 ** (i % 4 - 2) for i in range(COUNT)]
  gradients = [[size * (mean + fraction(generator, 1)) or size / 256 for mean, size in zip(means, sizes)]
               for _ in range(STEPS)]
  return parameters, gradients


def rows(parameters, gradients):
  points = rules.evaluation_points()
  for label, name, framework, run, rate, hyperparameters in rules.rules():
    row = dict(label=label, optimizer=name, source=framework, hyperparameters=dict(learningRate=rate) | hyperparameters,
               result=run(parameters, gradients, [rate] * STEPS).tolist())
    if label in points:
      row["evaluation"] = points[label](parameters, gradients, [rate] * STEPS).tolist()
    yield row


def write(folder, name, value):
  lines = json.dumps(value, indent=1, separators=(",", ": "))
  (folder / name).write_text(lines + "\n")


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  parameters, gradients = inputs()
  write(folder, "rules.json", dict(parameters=parameters, gradients=gradients, rows=list(rows(parameters, gradients))))
  write(folder, "schedules.json", dict(
    stepsPerEpoch=schedules.STEPS_PER_EPOCH, totalSteps=schedules.STEPS,
    rows=[dict(schedule=schedule, source=source, factors=factors) for schedule, source, factors in schedules.rows()],
    plateaus=[dict(schedule=schedule, metrics=[metric if metric < 1e30 else 1e30 for metric in metrics], factors=factors)
              for schedule, metrics, factors in schedules.plateaus()]))


if __name__ == "__main__":
  main()
