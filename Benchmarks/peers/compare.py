#!/usr/bin/env python3
"""Time Fascicle's training steps and PyTorch's by turns, on the same cores, and write the ratios.

    python3 compare.py --fascicle ../../.build/release/fascicle [--workload all] [--rounds 3] [--seconds 2] [--output FILE]

A round times each workload with Fascicle, with PyTorch's three modes, and goes on: A B A B. PyTorch's figure of a round is
that of its fastest mode; the ratio is the median over the rounds, since the machine's speed drifts between them. Run it with
the Python that has PyTorch (README.md beside this file), with nothing else on the machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

import pytorch_steps

HERE = os.path.dirname(os.path.abspath(__file__))


def json_lines(command):
  print(" ".join(command), file=sys.stderr)
  text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
  return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def time_fascicle(arguments, workload):
  """Results by worker count: one worker, and as many as there are processors."""
  counts = sorted({1, os.cpu_count()})
  lines = json_lines([arguments.fascicle, "bench", "--workload", workload, "--workers", ",".join(map(str, counts)),
                      "--seconds", str(arguments.seconds), "--json"])
  return {line["workers"]: line for line in lines if line.get("event") == "result"}


def time_pytorch(arguments, workload):
  """The result of the fastest mode."""
  repeats = 5
  lines = json_lines([sys.executable, os.path.join(HERE, "pytorch_steps.py"), "--workload", workload,
                      "--seconds", str(arguments.seconds / repeats), "--repeats", str(repeats)])
  return max((line for line in lines if line.get("event") == "result"), key=lambda line: line["samples_per_second"])


def median_of(results, field):
  return statistics.median(result[field] for result in results)


def table_row(workload, ours, alone, theirs):
  """One workload: medians of all rounds, and the median of the rounds' own ratios."""
  ratios = [a["samples_per_second"] / b["samples_per_second"] for a, b in zip(ours, theirs)]
  speed_ups = [a["samples_per_second"] / b["samples_per_second"] for a, b in zip(ours, alone)]
  return (f"| {workload} | {median_of(ours, 'samples_per_second'):,.0f} | {median_of(ours, 'gflops'):.0f} "
          f"| {median_of(ours, 'percent_of_peak'):.0f} % | {median_of(alone, 'samples_per_second'):,.0f} "
          f"| {statistics.median(speed_ups):.2f}× "
          f"| {median_of(theirs, 'samples_per_second'):,.0f} ({theirs[-1]['mode']}) "
          f"| **{statistics.median(ratios):.1f}×** ({min(ratios):.1f}–{max(ratios):.1f}) |")


def processor_name():
  with open("/proc/cpuinfo") as info:
    return next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--fascicle", required=True, help="the built driver")
  parser.add_argument("--workload", default="all")
  parser.add_argument("--rounds", type=int, default=3)
  parser.add_argument("--seconds", type=float, default=2)
  parser.add_argument("--output", help="a Markdown file; standard output when left out")
  arguments = parser.parse_args()
  names = [w.name for w in pytorch_steps.WORKLOADS] if arguments.workload == "all" else arguments.workload.split(",")
  ours, alone, theirs = ({name: [] for name in names} for _ in range(3))
  cores = os.cpu_count()
  for _ in range(arguments.rounds):
    for name in names:
      results = time_fascicle(arguments, name)
      ours[name].append(results[cores])
      alone[name].append(results[1])
      theirs[name].append(time_pytorch(arguments, name))
  rows = [table_row(name, ours[name], alone[name], theirs[name]) for name in names]
  page = "\n".join([
    f"{processor_name()}, {cores} processors; PyTorch {pytorch_steps.torch.__version__}; {arguments.rounds} rounds by turns, "
    f"{arguments.seconds:g} s for each figure. Training steps, single precision, samples/s; medians.", "",
    f"| workload | Fascicle, {cores} workers | GFLOP/s | of FMA peak | 1 worker | {cores} over 1 | PyTorch, fastest mode "
    "| Fascicle / PyTorch |", "|---|---:|---:|---:|---:|---:|---:|---:|", *rows, ""])
  if arguments.output:
    with open(arguments.output, "w") as output:
      output.write(page)
  else:
    print(page)


if __name__ == "__main__":
  main()
