"""JSON lines on standard output, notes on standard error."""

import json
import statistics
import sys

NOTE = "note: "
LARGEST_CALM_SPREAD = 0.2  # of the median; a busy neighbour on the same cores slows most peers several times over


def write(event, **fields):
  print(json.dumps({"event": event} | {name: rounded(value) for name, value in fields.items()}), flush=True)


def rounded(value):
  return float(f"{value:.6g}") if isinstance(value, float) else value


def note(text):
  print(NOTE + text, file=sys.stderr, flush=True)


def step_fields(workload, rates):
  """The fields that `fascicle bench` has too: medians over the repeats, and the largest rate less the smallest."""
  steps = statistics.median(rates)
  return {
    "workload": workload.name, "layers": workload.layers, "batch": workload.batch,
    "samples_per_second": steps * workload.batch,
    "samples_per_second_spread": (max(rates) - min(rates)) * workload.batch,
    "microseconds_per_step": 1e6 / steps,
    "gflops": steps * workload.flops_per_step / 1e9,
  }


def relative_spread(values):
  """The largest value less the smallest, as a part of the median."""
  return (max(values) - min(values)) / statistics.median(values)


def spread_warnings(what, values, within=0.0):
  """A sentence when rounds differ much, or what was repeated within a round did (`within`, a part of the median)."""
  spread = max(relative_spread(values), within)
  return [f"{what}: figures spread by {percent(spread)} of their median."] if spread > LARGEST_CALM_SPREAD else []


def percent(part):
  return f"{100 * part:.0f} %"
