#!/usr/bin/env python3
"""Time PyTorch's training steps on the workloads of `fascicle bench`.

    python3 pytorch_steps.py [--workload tiny,fashion|all] [--mode eager,fused,compile] [--threads N]
                             [--seconds S] [--repeats R]

Writes one JSON line per workload and mode, then one that names the workload's best mode; progress goes to stderr.
README.md beside this file says what is measured, and how to install PyTorch.
"""

import argparse
import dataclasses
import itertools
import json
import math
import os
import statistics
import sys
import time

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # No pool of idle compilers beside the measurement.
import torch  # noqa: E402 (the line above must come first)

RESIDENT_BATCHES = 8
WARM_UP_STEPS = 3
LARGEST_CALM_SPREAD = 0.2  # of the median; a busy neighbour on the same cores slows PyTorch several times over


@dataclasses.dataclass(frozen=True)
class Workload:
  name: str
  layers: list
  batch: int
  optimizer: str

  @property
  def classifies(self):
    return self.layers[-1] == 10

  @property
  def flops_per_step(self):
    """6·B·K·N per layer (forward, backward, gradient), less 2·B·K·N for the first, whose input needs no gradient."""
    products = [inputs * units for inputs, units in zip(self.layers, self.layers[1:])]
    return self.batch * (6 * sum(products) - 2 * products[0])


WORKLOADS = [
  Workload("tiny", [32, 64, 64, 10], 32, "sgd"),
  Workload("tabular", [64, 256, 256, 1], 256, "adam"),
  Workload("fashion", [784, 256, 128, 10], 128, "adam"),
  Workload("classic", [784, 512, 512, 10], 256, "adam"),
  Workload("deep", [512] + [512] * 12 + [10], 512, "adam"),
  Workload("wide", [784, 4096, 4096, 10], 1024, "adam"),
  Workload("large", [1024, 4096, 4096, 4096, 1024], 2048, "momentum"),
]
MODES = ["eager", "fused", "compile"]


def make_network(layers):
  pairs = list(zip(layers, layers[1:]))
  stages = [stage for inputs, units in pairs for stage in (torch.nn.Linear(inputs, units), torch.nn.ReLU())]
  return torch.nn.Sequential(*stages[:-1])


def make_optimizer(name, parameters, fused):
  # None leaves the choice of implementation to PyTorch, as a plain user does.
  fused = True if fused else None
  if name == "adam":
    return torch.optim.Adam(parameters, lr=1e-3, fused=fused)
  return torch.optim.SGD(parameters, lr=0.01, momentum=0.9 if name == "momentum" else 0.0, fused=fused)


def make_batches(workload):
  """Draws batches that stay in memory and are used in turn: the peer pays neither for loading nor for gathering."""
  generator = torch.Generator().manual_seed(7)
  for _ in range(RESIDENT_BATCHES):
    inputs = torch.randn(workload.batch, workload.layers[0], generator=generator)
    if workload.classifies:
      yield inputs, torch.randint(0, 10, (workload.batch,), generator=generator)
    else:
      yield inputs, torch.randn(workload.batch, workload.layers[-1], generator=generator)


def make_step(workload, mode, batches):
  """Returns a function that makes one training step and returns its loss, warmed up (and compiled)."""
  torch.manual_seed(7)
  network = make_network(workload.layers)
  optimizer = make_optimizer(workload.optimizer, network.parameters(), fused=mode != "eager")
  criterion = torch.nn.CrossEntropyLoss() if workload.classifies else torch.nn.MSELoss()

  def loss_of(inputs, expected):
    return criterion(network(inputs), expected)

  loss_function = torch.compile(loss_of) if mode == "compile" else loss_of
  supply = itertools.cycle(batches)

  def step():
    inputs, expected = next(supply)
    optimizer.zero_grad()
    loss = loss_function(inputs, expected)
    loss.backward()
    optimizer.step()
    return loss

  for _ in range(WARM_UP_STEPS):
    step()
  return step


def steps_per_second(step, seconds):
  """Steps until the time is over, at least once."""
  start = time.perf_counter()
  for steps in itertools.count(1):
    loss = step()
    elapsed = time.perf_counter() - start
    if elapsed >= seconds:
      break
  if not math.isfinite(loss.item()):
    raise RuntimeError("the loss is no longer finite, so the figures mean nothing")
  return steps / elapsed


def prepare(workload, modes):
  """Returns a step per mode; a mode that this machine can't run is reported and left out."""
  batches, steps = list(make_batches(workload)), {}
  for mode in modes:
    try:
      steps[mode] = make_step(workload, mode, batches)
    except Exception as error:  # Compilers fail in many ways, and one mode must not cost the others their figures.
      reason = (str(error).strip() or type(error).__name__).splitlines()[0]
      print(f"{workload.name}: mode {mode} is left out: {reason}", file=sys.stderr)
  return steps


def measure(workload, modes, options):
  """Measures the modes in turn, over and over, so that a slow spell of the machine does not fall on one of them."""
  steps = prepare(workload, modes)
  rates = {mode: [] for mode in steps}
  for _ in range(options.repeats):
    for mode, step in steps.items():
      rates[mode].append(steps_per_second(step, options.seconds) * workload.batch)
  torch.compiler.reset()
  return [result(workload, mode, samples, options) for mode, samples in rates.items()]


def result(workload, mode, rates, options):
  median = statistics.median(rates)
  spread = max(rates) - min(rates)
  if spread > LARGEST_CALM_SPREAD * median:
    print(f"{workload.name}: mode {mode} spreads by {100 * spread / median:.0f} % of its median; "
          "is something else running here?", file=sys.stderr)
  return {
    "event": "result", "runtime": "pytorch", "version": torch.__version__, "workload": workload.name,
    "layers": workload.layers, "batch": workload.batch, "optimizer": workload.optimizer, "precision": "f32",
    "mode": mode, "workers": options.threads, "repeats": options.repeats, "seconds": options.seconds,
    "samples_per_second": round(median, 1), "samples_per_second_spread": round(spread, 1),
    "microseconds_per_step": round(1e6 * workload.batch / median, 2),
    "gflops": round(median / workload.batch * workload.flops_per_step / 1e9, 2),
  }


def choices(text, known, what):
  """Returns the names in a comma-separated list, in the known order."""
  wanted = known if text == "all" else text.split(",")
  unknown = [name for name in wanted if name not in known]
  if unknown:
    raise SystemExit(f"Unknown {what} '{unknown[0]}': expected all, or some of {', '.join(known)}.")
  return [name for name in known if name in wanted]


def parse_options():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--workload", default="all", help="names, comma-separated (default: all)")
  parser.add_argument("--mode", default="all", help="eager, fused, compile (default: all)")
  parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                      help="PyTorch's compute threads (default: every CPU this process may use)")
  parser.add_argument("--seconds", type=float, default=1.0, help="length of one repeat (default: 1)")
  parser.add_argument("--repeats", type=int, default=5, help="repeats per mode (default: 5)")
  options = parser.parse_args()
  if options.threads < 1 or options.repeats < 1:
    parser.error("--threads and --repeats must be at least 1")
  return options


def main():
  options = parse_options()
  names = choices(options.workload, [workload.name for workload in WORKLOADS], "workload")
  modes = choices(options.mode, MODES, "mode")
  torch.set_num_threads(options.threads)
  torch.set_flush_denormal(True)
  for workload in (workload for workload in WORKLOADS if workload.name in names):
    results = measure(workload, modes, options)
    for line in results:
      print(json.dumps(line), flush=True)
    if results:
      best = max(results, key=lambda line: line["samples_per_second"])
      print(json.dumps(best | {"event": "best"}), flush=True)


if __name__ == "__main__":
  main()
