"""Fascicle's own figures, by its command line."""

import os

from harness import processes

DEFAULT_PATH = os.path.normpath(os.path.join(processes.FOLDER, "..", "..", ".build", "release", "fascicle"))
CONFIGURATION = os.path.normpath(os.path.join(processes.FOLDER, "..", "..", "configs", "fashion-mnist.yaml"))


class Driver:
  """The built driver; a missing one is a sentence."""

  def __init__(self, path):
    if not os.access(path, os.X_OK):
      raise SystemExit(f"There is no program at {path}: run 'make build' first, or give --fascicle PATH.")
    self.path = path

  def run(self, *arguments):
    return processes.run([self.path, *map(str, arguments), "--json"])

  def topology(self):
    """The machine, and what of it may be used."""
    return self.run("topology").events("topology")[0]

  def bench(self, workload, workers, seconds, precision="f32", inference=False):
    """The outcome of measuring training steps or answers, with a line for each worker count (and batch)."""
    choices = (() if precision == "f32" else ("--precision", precision)) + (("--inference",) if inference else ())
    return self.run("bench", "--workload", workload, "--workers", ",".join(map(str, workers)), "--seconds", seconds,
                    *choices)

  def train(self, data, **changes):
    """The outcome of training on Fashion-MNIST. In `changes`, the keys' dots are double underscores."""
    parts = {"images": "train-images-idx3", "labels": "train-labels-idx1",
             "test.images": "t10k-images-idx3", "test.labels": "t10k-labels-idx1"}
    files = [f"data.{key}={os.path.join(data, name)}-ubyte.gz" for key, name in parts.items()]
    keys = [f"{key.replace('__', '.')}={value}" for key, value in changes.items()]
    return self.run("train", CONFIGURATION, *files, *keys)
