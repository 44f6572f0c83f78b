#!/usr/bin/env python3
"""Train on a file that is larger than the memory, and look at how much memory that took.

    mapped_check.py PATH_OF_FASCICLE [--gigabytes 8] [--memory 1]

Writes arrays of random bytes to a temporary folder, and trains for an epoch in windows. Where this user may make a control
group, the run has no more than --memory GiB, page cache included; elsewhere only its resident memory is compared with that.
Ends with 0 when the run did, learned, and stayed below.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WIDTH = 1024
CONFIGURATION = """
data: {{ format: npy, features: x.npy, labels: y.npy, mapped: true, test: {{ fraction: 0.01 }} }}
network: {{ layers: [ {{ dense: 64, activation: relu }}, {{ dense: 8, activation: softmax }} ] }}
optimizer: {{ name: adam, learningRate: 0.001 }}
training: {{ epochs: 1, batchSize: 256, seed: 7, validation: 0, shuffleWindow: {window}, normalize: unit }}
"""


def header(rows, shape):
  text = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }" % (shape,)
  text = text.ljust(128 - 10 - 1) + "\n"
  return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def write_samples(folder, rows):
  """Random bytes; a sample's class is what its first byte says, the others are noise of a quarter of its size."""
  quarter = bytes(value // 4 for value in range(256))
  classes = bytes(value // 32 for value in range(256))
  with open(folder / "x.npy", "wb") as features, open(folder / "y.npy", "wb") as labels:
    features.write(header(rows, (rows, WIDTH)))
    labels.write(header(rows, (rows,)))
    for first in range(0, rows, 4096):
      count = min(4096, rows - first)
      block = bytearray(os.urandom(count * WIDTH).translate(quarter))
      decisive = os.urandom(count)
      for column in range(16):
        block[column::WIDTH] = decisive
      features.write(block)
      labels.write(decisive.translate(classes))
    for file in (features, labels):
      file.flush()
      os.fsync(file.fileno())
      # Or else they are in memory already, and nobody's group pays for them.
      os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class ControlGroup:
  """A group of processes with a limit of memory; version 1 or 2 of the interface, or none where neither may be written."""

  def __init__(self, byte_count):
    self.path = None
    for root, file in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
      path = pathlib.Path(root) / f"fascicle-{os.getpid()}"
      try:
        path.mkdir()
        (path / file).write_text(str(byte_count))
        self.path = path
        return
      except OSError:
        if path.is_dir():
          path.rmdir()

  def enter(self):
    if self.path:
      (self.path / "cgroup.procs").write_text(str(os.getpid()))

  def remove(self):
    if self.path:
      self.path.rmdir()


def run(fascicle, folder, limit):
  group = ControlGroup(limit)
  try:
    print(f"limit: {'the control group ' + str(group.path) if group.path else 'none, resident memory is looked at'}")
    subprocess.run([fascicle, "train", "run.yaml", "--output", "run"], cwd=folder, check=True, preexec_fn=group.enter)
  finally:
    group.remove()
  events = [json.loads(line) for line in open(folder / "run" / "metrics.jsonl")]
  return events[-1]


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("fascicle")
  parser.add_argument("--gigabytes", type=float, default=8)
  parser.add_argument("--memory", type=float, default=1)
  chosen = parser.parse_args()
  limit, rows = int(chosen.memory * 2**30), int(chosen.gigabytes * 2**30) // WIDTH
  folder = pathlib.Path(tempfile.mkdtemp(prefix="fascicle-mapped-"))
  try:
    write_samples(folder, rows)
    (folder / "run.yaml").write_text(CONFIGURATION.format(window=limit // WIDTH // 8))
    end = run(os.path.abspath(chosen.fascicle), folder, limit)
  finally:
    shutil.rmtree(folder)
  accuracy, peak = end["test_accuracy"], end["peak_memory_bytes"]
  print(f"{rows} samples, {chosen.gigabytes} GiB: accuracy {accuracy:.3f}, resident at most {peak / 2**20:.0f} MiB, "
        f"{end['samples_per_second']:.0f} samples/s")
  if accuracy < 0.5 or peak > limit:
    sys.exit("failed: expected an accuracy above 0.5 and less memory than the limit")


if __name__ == "__main__":
  main()
