#!/usr/bin/env python3
"""Time a peer's training steps on the workloads of `fascicle bench`.

    python3 steps.py --peer pytorch [--workload tiny,fashion] [--mode fused,compile] [--precision f32|bf16]
                     [--threads N] [--seconds S] [--repeats R]

Writes one JSON line per workload and mode, with the fields of `fascicle bench --json`. README.md says what is measured.
"""

import gc
import sys

import adapters
from harness import options, results, threads, timing, workloads
from harness.batches import random_batches


def prepare(peer, workload, modes, batches):
  """Returns a warm trainer per mode; a mode that this machine can't run is reported and left out."""
  trainers = {}
  for mode in modes:
    try:
      trainer = peer.trainer(workload, mode, batches)
      trainer.warm_up()
      trainers[mode] = trainer
    except Exception as error:  # Compilers fail in many ways, and one mode must not cost the others their figures.
      reason = (str(error).strip() or type(error).__name__).splitlines()[0]
      results.note(f"{workload.name}: mode {mode} is left out: {reason}")
  return trainers


def measure(peer, workload, chosen):
  """Times the modes of one workload by turns, or writes which they are."""
  known = peer.modes(workload, chosen.precision)
  if chosen.list:
    return results.write("modes", peer=chosen.peer, workload=workload.name, modes=known)
  modes = [mode for mode in known if chosen.mode is None or mode in chosen.mode]
  if not modes:
    results.note(f"{workload.name}: {chosen.peer} has none of these modes; it has {', '.join(known) or 'none'}.")
  trainers = prepare(peer, workload, modes, random_batches(workload, chosen.resident_batches))
  for mode, rates in timing.rates_by_turns(trainers, chosen.seconds, chosen.repeats).items():
    results.write("result", peer=chosen.peer, version=adapters.version(chosen.peer), mode=mode, workers=chosen.threads,
                  precision=chosen.precision, **results.step_fields(workload, rates))


def parse_options():
  parser = options.parser(__doc__)
  parser.add_argument("--peer", required=True, choices=adapters.TRAINING, help="whose steps")
  options.add_workloads(parser)
  parser.add_argument("--mode", type=lambda text: text.split(","), help="the peer's modes (default: every one)")
  parser.add_argument("--list", action="store_true", help="only write the modes")
  parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
  options.add_threads(parser)
  parser.add_argument("--seconds", type=options.seconds, default=1.0, help="length of one repeat (default: 1)")
  parser.add_argument("--repeats", type=options.positive, default=5, help="repeats per mode (default: 5)")
  parser.add_argument("--resident-batches", type=options.positive, default=8, metavar="N",
                      help="batches in memory (default: 8)")
  return parser.parse_args()


def main():
  chosen = parse_options()
  threads.limit(chosen.threads)
  peer = adapters.load(chosen.peer)
  for name in chosen.workload:
    measure(peer, workloads.WORKLOADS[name], chosen)
    gc.collect()


if __name__ == "__main__":
  try:
    main()
  except KeyboardInterrupt:
    sys.exit(130)
