#!/usr/bin/env python3
"""Train the recipe of configs/fashion-mnist with PyTorch, to see what accuracy the recipe itself gives.

    python3 pytorch_fashion_mnist.py --data FOLDER [--seed N] [--epochs N] [--threads N]

784-256-128-10, ReLU, Adam at 1e-3 with cosine decay to zero over all steps, batches of 128, pixels standardised by
one mean and one deviation, a tenth of the training images held out for validation, PyTorch's own initial weights.
Writes one JSON line per epoch and one at the end, with the accuracy on the test images. Those are looked at once,
after the last epoch; nothing is chosen by them.
"""

import argparse
import gzip
import json
import math
import os
import pathlib
import struct
import sys
import time

import torch

BATCH = 128
LEARNING_RATE = 1e-3
HELD_OUT = 0.1


def read_idx(path):
  """Reads a gzipped IDX file of bytes, as a tensor of the shape that its header states."""
  content = gzip.decompress(path.read_bytes())
  zeros, kind, rank = struct.unpack_from(">HBB", content)
  if zeros != 0 or kind != 8:
    raise ValueError(f"{path} is no IDX file of unsigned bytes")
  shape = struct.unpack_from(f">{rank}I", content, 4)
  values = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=4 + 4 * rank)
  return values.view(shape)


def read_examples(folder, part):
  """Returns flat images as bytes, and labels."""
  images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
  return images.flatten(start_dim=1), read_idx(folder / f"{part}-labels-idx1-ubyte.gz").long()


def prepare(folder, seed):
  """Returns the training, validation and test examples; mean and deviation come from the training part alone."""
  images, labels = read_examples(folder, "train")
  order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
  held_out, kept = order[:round(HELD_OUT * len(order))], order[round(HELD_OUT * len(order)):]
  pixels = images[kept].double()
  mean, deviation = pixels.mean(), pixels.std(correction=0)

  def standardised(images):
    return ((images.double() - mean) / deviation).float()

  test_images, test_labels = read_examples(folder, "t10k")
  return ((standardised(images[kept]), labels[kept]), (standardised(images[held_out]), labels[held_out]),
          (standardised(test_images), test_labels))


def make_network():
  return torch.nn.Sequential(
    torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))


def evaluate(network, images, labels):
  """Returns the mean loss and the accuracy."""
  with torch.no_grad():
    scores = network(images)
    accuracy = (scores.argmax(dim=1) == labels).double().mean().item()
    return torch.nn.functional.cross_entropy(scores, labels).item(), accuracy


def train_epoch(network, optimizer, schedule, images, labels):
  """Passes once over the examples in a new order, the last batch being smaller; returns the mean training loss."""
  total = 0.0
  for rows in torch.randperm(len(images)).split(BATCH):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(network(images[rows]), labels[rows])
    loss.backward()
    optimizer.step()
    schedule.step()
    total += loss.item() * len(rows)
  return total / len(images)


def train(options):
  training, validation, test = prepare(options.data, options.seed)
  torch.manual_seed(options.seed)
  network = make_network()
  optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
  steps = options.epochs * math.ceil(len(training[0]) / BATCH)
  schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
  start = time.perf_counter()
  for epoch in range(1, options.epochs + 1):
    train_loss = train_epoch(network, optimizer, schedule, *training)
    loss, accuracy = evaluate(network, *validation)
    report("epoch", epoch=epoch, train_loss=train_loss, validation_loss=loss, validation_accuracy=accuracy)
  seconds = time.perf_counter() - start
  loss, accuracy = evaluate(network, *test)
  report("run_end", runtime="pytorch", version=torch.__version__, seed=options.seed, epochs=options.epochs, steps=steps,
         workers=options.threads, seconds=seconds, test_loss=loss, test_accuracy=accuracy)


def report(event, **fields):
  rounded = {key: round(value, 6) if isinstance(value, float) else value for key, value in fields.items()}
  print(json.dumps({"event": event} | rounded), flush=True)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--data", type=pathlib.Path, required=True,
                      help="folder with the four IDX files, gzipped")
  parser.add_argument("--seed", type=int, default=7)
  parser.add_argument("--epochs", type=int, default=20)
  parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
  options = parser.parse_args()
  if options.epochs < 1 or options.threads < 1:
    parser.error("--epochs and --threads must be at least 1")
  torch.set_num_threads(options.threads)
  try:
    train(options)
  except (OSError, ValueError) as error:
    sys.exit(f"Fashion-MNIST could not be read: {error}")


if __name__ == "__main__":
  main()
