"""Random batches that stay in memory and are used in turn."""

from harness.numerics import numpy


def random_batches(workload, count, seed=7):
  """Returns `count` pairs of inputs and expected outputs: class numbers, or targets of the network's shape."""
  generator = numpy.random.default_rng(seed)
  return [random_batch(workload, generator) for _ in range(count)]


def random_batch(workload, generator):
  inputs = generator.standard_normal((workload.batch, workload.layers[0]), dtype=numpy.float32)
  if workload.classifies:
    return inputs, generator.integers(0, workload.layers[-1], workload.batch, dtype=numpy.int64)
  return inputs, generator.standard_normal((workload.batch, workload.layers[-1]), dtype=numpy.float32)


def random_weights(layers, seed=7):
  """Returns a matrix [inputs][units], uniform as He's, and a zero bias for each layer."""
  generator = numpy.random.default_rng(seed)
  for inputs, units in zip(layers, layers[1:]):
    limit = (6 / inputs) ** 0.5
    yield (generator.uniform(-limit, limit, (inputs, units)).astype(numpy.float32),
           numpy.zeros(units, dtype=numpy.float32))
