"""Training time to an accuracy on Fashion-MNIST's test images, over a grid of batch sizes and learning rates."""

import collections
import itertools
import statistics

import adapters
from comparisons import accuracy_of_fascicle
from harness import markdown, results, workloads

SEEDS = [1, 2, 3]


def run(session):
  """Everybody takes the same grid and seeds; for each setting all take turns."""
  chosen = session.chosen
  peers = session.peers_of(adapters.LEARNERS)
  runs = collections.defaultdict(dict)  # who: (batch, rate): a pair of seconds for each seed
  for setting in itertools.product(chosen.batches, chosen.rates):
    for who in ["fascicle", *peers]:
      runs[who][setting] = seconds_by_seed(session, who, *setting)
      yield section(session, runs), []
    results.note(f"accuracy: batch {setting[0]}, learning rate {setting[1]:g} is done")


def seconds_by_seed(session, who, batch, rate):
  if who == "fascicle":
    return accuracy_of_fascicle.seconds_by_seed(session, batch, rate, SEEDS)
  return peer_seconds(session, who, batch, rate)


def peer_seconds(session, peer, batch, rate):
  """Returns a pair for each seed: training seconds, and those of a whole run, from the start of the process."""
  chosen = session.chosen
  lines = session.peer_lines(
    peer, "learning.py", "--data", chosen.data, "--batch", batch, "--rate", rate, "--seeds", ",".join(map(str, SEEDS)),
    "--target", chosen.target, "--epochs", chosen.epochs, "--threads", session.processors, event=("ready", "epoch"))
  return {seed: pair_of([line for line in lines if line.get("seed") == seed], lines[0], chosen.target)
          for seed in SEEDS if lines}


def pair_of(epochs, ready, target):
  """The rehearsal trained for an epoch; a user's run would not, so the first epoch is taken off once."""
  if not epochs or epochs[-1]["test_accuracy"] < target:
    return None
  first, last = epochs[0], epochs[-1]
  rehearsed = first["training_seconds"] + first["evaluation_seconds"]
  training = last["training_seconds"]
  return training, ready["seconds_since_start"] - rehearsed + training + last["evaluation_seconds"]


def best_setting(settings):
  """Returns the setting that reached the target with every seed in the least median training time, and its pairs."""
  complete = {setting: list(pairs.values()) for setting, pairs in settings.items() if pairs and all(pairs.values())}
  return min(complete.items(), key=lambda item: statistics.median(pair[0] for pair in item[1]), default=None)


def section(session, runs):
  chosen = session.chosen
  layers = "-".join(map(str, workloads.FASHION.layers))
  return "\n\n".join([
    f"Seconds until {results.percent(chosen.target)} of the test images are right, looked at after each epoch: "
    f"{layers}, ReLU, Adam, a constant learning rate, all 60,000 images standardised. Batches of "
    f"{listed(chosen.batches)} × learning rates {listed(chosen.rates)}, at most {chosen.epochs} epochs, seeds "
    f"{listed(SEEDS)}; for each the setting whose median training time is least and that reaches the target with every "
    "seed. *Training* is without start, compilation and evaluation; *whole run* is with them.",
    markdown.table(["", "settings tried", "batch", "learning rate", "training, s: median (least–greatest)", "whole run, s"],
                   [[adapters.TITLES[who], str(len(settings)), *cells(best_setting(settings))]
                    for who, settings in runs.items()])])


def listed(numbers):
  return ", ".join(f"{number:g}" for number in numbers)


def cells(best):
  if best is None:
    return ["–", "–", "target not reached", ""]
  (batch, rate), pairs = best
  return [str(batch), f"{rate:g}", markdown.median_and_range([pair[0] for pair in pairs], 2),
          markdown.median_and_range([pair[1] for pair in pairs], 2)]
