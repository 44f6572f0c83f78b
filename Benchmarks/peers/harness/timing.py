"""The timing loop, the same for every peer."""

import dataclasses
import math
import time
import typing

WARM_UP_SECONDS = 1.0
WARM_UP_CALLS = 3  # At most, once compiled.


@dataclasses.dataclass
class Trainer:
  """A network that trains on its own resident batches.

  `call` makes `steps_per_call` training steps and returns something whose `float()` is the last loss. It may return
  before the work is done, as JAX does; `float()` waits.
  """
  call: typing.Callable
  steps_per_call: int = 1

  def run(self, calls):
    """Makes the calls, waits for the last, and returns the seconds that this took."""
    start = time.perf_counter()
    for _ in range(calls):
      loss = self.call()
    loss = float(loss)
    elapsed = time.perf_counter() - start
    if not math.isfinite(loss):
      raise ArithmeticError("the loss is no longer finite, so the figures mean nothing")
    return elapsed

  def warm_up(self):
    """Compiles, allocates, and settles; one call does where calls are long."""
    self.run(1)
    start = time.perf_counter()
    for _ in range(WARM_UP_CALLS):
      self.run(1)
      if time.perf_counter() - start > WARM_UP_SECONDS:
        break

  def steps_per_second(self, seconds):
    """Makes about as many steps as fit into the time, in bunches of about a tenth of it; at least one call."""
    calls, total, bunch = 0, 0.0, 1
    while total < seconds:
      elapsed = self.run(bunch)
      calls, total = calls + bunch, total + elapsed
      bunch = max(1, int(bunch * min(8, 0.1 * seconds / max(elapsed, 1e-9))))
    return calls * self.steps_per_call / total


def rates_by_turns(trainers, seconds, repeats):
  """Times each trainer `repeats` times, by turns, so that a slow spell of the machine does not fall on one of them."""
  rates = {name: [] for name in trainers}
  for _ in range(repeats):
    for name, trainer in trainers.items():
      rates[name].append(trainer.steps_per_second(seconds))
  return rates
