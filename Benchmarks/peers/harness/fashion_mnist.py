"""Fashion-MNIST from its four gzipped IDX files."""

import dataclasses
import gzip
import os
import struct

from harness.numerics import numpy


@dataclasses.dataclass
class Data:
  """Pairs of flat images, standardised by the training images' mean and deviation, and class numbers."""
  training: tuple
  test: tuple


def load(folder):
  try:
    images, labels = read_part(folder, "train")
    test_images, test_labels = read_part(folder, "t10k")
  except (OSError, ValueError) as error:
    raise SystemExit(f"Fashion-MNIST could not be read: {error}. Give the folder with its four files: --data FOLDER.")
  mean, deviation = images.mean(dtype=numpy.float64), images.std(dtype=numpy.float64)

  def standardised(pixels):
    return (pixels - numpy.float32(mean)) * numpy.float32(1 / deviation)

  return Data((standardised(images), labels), (standardised(test_images), test_labels))


def read_part(folder, part):
  images = read_idx(os.path.join(folder, f"{part}-images-idx3-ubyte.gz"))
  labels = read_idx(os.path.join(folder, f"{part}-labels-idx1-ubyte.gz"))
  return images.reshape(len(images), -1).astype(numpy.float32), labels.astype(numpy.int64)


def read_idx(path):
  """Returns the bytes of an IDX file, in the shape that its header states."""
  with gzip.open(path) as file:
    content = file.read()
  zeros, kind, rank = struct.unpack_from(">HBB", content)
  if zeros != 0 or kind != 8:
    raise ValueError(f"{path} is no IDX file of unsigned bytes")
  shape = struct.unpack_from(f">{rank}I", content, 4)
  return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * rank).reshape(shape)


def shuffled_order(generator, samples, batch):
  """Returns a new order as a matrix, a step a row; what does not fill a batch is left out this time."""
  steps = samples // batch
  return generator.permutation(samples)[:steps * batch].reshape(steps, batch)
