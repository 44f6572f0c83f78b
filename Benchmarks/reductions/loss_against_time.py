#!/usr/bin/env python3
"""Train the same network on the same data with each reduction, and write the loss against the seconds of training.

    python3 loss_against_time.py --fascicle ../../.build/release/fascicle [--config FILE] [--workers 2] [--lanes 2]
        [--rounds 3] [--output FILE] [key=value ...]

The reductions take turns, round by round. README.md beside this file explains the columns.
"""

import argparse
import csv
import json
import statistics
import subprocess
import sys

COLUMNS = ["reduction", "lanes", "workers", "round", "epoch", "seconds", "train_loss", "validation_loss",
           "validation_accuracy"]


def train(arguments, reduction, seed):
  """The events of one run."""
  command = [arguments.fascicle, "train", "--json", "--quiet", "--seed", str(seed), "--workers", str(arguments.workers)]
  command += [arguments.config] if arguments.config else []
  command += arguments.overrides + [f"runtime.reduction={reduction}"]
  command += [f"runtime.lanes={arguments.lanes}"] if reduction == "segmented" else []
  print(" ".join(command), file=sys.stderr)
  text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
  return [json.loads(line) for line in text.splitlines()]


def rows(events, round_number):
  """A row an epoch, with the seconds of training so far."""
  start, end = events[0], events[-1]
  if end["staleness"]:
    print(f"staleness: mean {end['staleness']['mean']:.2f}, largest {end['staleness']['largest']}", file=sys.stderr)
  seconds = 0.0
  for event in events:
    if event["event"] != "epoch":
      continue
    seconds += event["seconds"]
    yield {"reduction": start["reduction"], "lanes": start["lanes"], "workers": start["workers"],
           "round": round_number, "seconds": round(seconds, 6),
           **{name: event[name] for name in ("epoch", "train_loss", "validation_loss", "validation_accuracy")}}


def losses(table, reduction, round_number):
  return [(row["seconds"], row["validation_loss"]) for row in table
          if (row["reduction"], row["round"]) == (reduction, round_number)]


def seconds_to(target, curve):
  return next((seconds for seconds, loss in curve if loss <= target), float("inf"))


def report(table, rounds):
  """Seconds to a loss that every run reached."""
  reductions = list(dict.fromkeys(row["reduction"] for row in table))
  target = max(min(loss for _, loss in losses(table, reduction, number))
               for reduction in reductions for number in range(rounds))
  print(f"seconds of training until the validation loss is {target:.4f}, which every run reached")
  for reduction in reductions:
    times = sorted(seconds_to(target, losses(table, reduction, number)) for number in range(rounds))
    print(f"{reduction:14} {statistics.median(times):8.3f}   ({times[0]:.3f} to {times[-1]:.3f})")


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--fascicle", required=True, help="the built driver")
  parser.add_argument("--config", help="a configuration with validation samples; the digits without")
  parser.add_argument("--workers", type=int, default=2)
  parser.add_argument("--lanes", type=int, default=2)
  parser.add_argument("--rounds", type=int, default=3)
  parser.add_argument("--seed", type=int, default=7, help="the first round's; each round has its own")
  parser.add_argument("--output", help="where the table goes, as CSV; nowhere without")
  parser.add_argument("overrides", nargs="*", help="key=value of the configuration")
  arguments = parser.parse_args()

  table = []
  for number in range(arguments.rounds):
    for reduction in ("ownerComputes", "segmented", "hogwild"):
      table += rows(train(arguments, reduction, arguments.seed + number), number)
  if arguments.output:
    with open(arguments.output, "w", newline="") as file:
      writer = csv.DictWriter(file, COLUMNS)
      writer.writeheader()
      writer.writerows(table)
  report(table, arguments.rounds)


if __name__ == "__main__":
  main()
