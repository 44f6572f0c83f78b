"""The workloads of `fascicle bench`, and the cost of their steps."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Workload:
  """ReLU between layers; softmax with cross-entropy where the last width is 10, else mean squared error."""
  name: str
  layers: list
  batch: int
  optimizer: str  # sgd, momentum (0.9) or adam

  @property
  def classifies(self):
    return self.layers[-1] == 10

  @property
  def flops_per_step(self):
    """6·B·K·N a layer (forward, backward, gradient), less 2·B·K·N for the first, whose input needs no gradient."""
    products = [inputs * units for inputs, units in zip(self.layers, self.layers[1:])]
    return self.batch * (6 * sum(products) - 2 * products[0])

  @property
  def is_short(self):
    """Whether the start of a step may count: then several steps a call, or fewer threads, may be faster."""
    return self.flops_per_step < 2e10


WORKLOADS = {workload.name: workload for workload in [
  Workload("tiny", [32, 64, 64, 10], 32, "sgd"),
  Workload("tabular", [64, 256, 256, 1], 256, "adam"),
  Workload("fashion", [784, 256, 128, 10], 128, "adam"),
  Workload("classic", [784, 512, 512, 10], 256, "adam"),
  Workload("deep", [512] + [512] * 12 + [10], 512, "adam"),
  Workload("wide", [784, 4096, 4096, 10], 1024, "adam"),
  Workload("large", [1024, 4096, 4096, 4096, 1024], 2048, "momentum"),
]}
FASHION = WORKLOADS["fashion"]
