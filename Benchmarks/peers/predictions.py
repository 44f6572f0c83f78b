#!/usr/bin/env python3
"""Time a peer's answers: one call after the other, in batches of 1 and of 1024.

    python3 predictions.py --peer onnxruntime [--workload fashion,wide] [--mode bound,run] [--batch 1,1024]
                           [--threads N] [--seconds S]

Writes one JSON line per workload, mode and batch, with the fields of `fascicle bench --inference --json`.
"""

import sys
import time

import adapters
from harness import options, results, threads, workloads
from harness.numerics import numpy

SAMPLES = 4096
LEAST_CALLS = 10


def call_times(call, seconds):
  """The nanoseconds of each call, in order of size."""
  times, now = [], time.perf_counter_ns()
  end = now + seconds * 1e9
  while now < end or len(times) < LEAST_CALLS:
    before = now
    call()
    now = time.perf_counter_ns()
    times.append(now - before)
  return sorted(times)


def measure(peer, workload, mode, batch, chosen):
  generator = numpy.random.default_rng(7)
  samples = generator.uniform(-1, 1, (SAMPLES, workload.layers[0])).astype(numpy.float32)
  call = peer.caller(workload, mode, numpy.split(samples, SAMPLES // batch))
  call_times(call, chosen.seconds / 10)  # Compiles, allocates, and settles.
  times = call_times(call, chosen.seconds)
  results.write("inference_result", peer=chosen.peer, version=adapters.version(chosen.peer), mode=mode,
                workload=workload.name, layers=workload.layers, batch=batch, workers=chosen.threads, calls=len(times),
                latency_microseconds_p50=times[len(times) // 2] / 1e3,
                latency_microseconds_p99=times[int(0.99 * (len(times) - 1))] / 1e3,
                samples_per_second=len(times) * batch / sum(times) * 1e9)


def parse_options():
  parser = options.parser(__doc__)
  parser.add_argument("--peer", required=True, choices=adapters.INFERENCE, help="who answers")
  options.add_workloads(parser, default="fashion,wide")
  parser.add_argument("--mode", type=lambda text: text.split(","), help="the peer's modes (default: every one)")
  parser.add_argument("--batch", type=options.numbers(int), default=[1, 1024])
  options.add_threads(parser)
  parser.add_argument("--seconds", type=options.seconds, default=1.0, help="of each measurement (default: 1)")
  chosen = parser.parse_args()
  if any(SAMPLES % batch for batch in chosen.batch):
    parser.error(f"--batch must divide {SAMPLES}, the samples in memory")
  return chosen


def main():
  chosen = parse_options()
  threads.limit(chosen.threads)
  peer = adapters.load(chosen.peer, "inference")
  for name in chosen.workload:
    for mode in chosen.mode or peer.MODES:
      for batch in chosen.batch:
        measure(peer, workloads.WORKLOADS[name], mode, batch, chosen)


if __name__ == "__main__":
  try:
    main()
  except KeyboardInterrupt:
    sys.exit(130)
