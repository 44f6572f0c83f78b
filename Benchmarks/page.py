#!/usr/bin/env python3
"""Write a page of what a run of the benchmarks printed, medians beside the limits that were measured with them.

    make bench-page                                                   activations and optimizers, into Benchmarks/results
    make bench BENCH='--filter "gather.*"' | python3 Benchmarks/page.py > page.md

Reads tables by metric from standard input (`--grouping metric`), writes Markdown to standard output. A benchmark without
samples is left out by the tool, so it is not here either.
"""

import datetime
import os
import platform
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))

from harness import machine, markdown

# What a row has, by its limit: the metric of the limit's share, its own metrics, the divisor and the digits of each.
KINDS = [
  ("Beside copying memory", "% of memory copy",
   [("ps per element", "ps per element", 1, 0), ("MB/s", "GB/s", 1000, 1),
    ("MB/s, memory copy", "copying, GB/s", 1000, 1), ("% of memory copy", "share", 1, 0)]),
  ("Beside the peak of multiply-adds", "% of FMA peak",
   [("ns per step", "µs a step", 1000, 0), ("MFLOP/s", "GFLOP/s", 1000, 1),
    ("MFLOP/s, FMA peak", "peak, GFLOP/s", 1000, 1), ("% of FMA peak", "share", 1, 0)]),
]
PERCENTILES = ["p0", "p25", "p50", "p75"]


def tables(lines):
  """Returns {metric: {benchmark: [p0, p25, p50, p75]}} of the tables that follow one another."""
  found, metric = {}, None
  for line in lines:
    cells = [cell.strip() for cell in line.strip().strip("│").split("│")]
    if len(cells) > len(PERCENTILES) and cells[0] not in ("Test", ""):
      name = cells[0].split(":", 1)[-1]
      found.setdefault(metric, {})[name] = [float(cell) for cell in cells[1:1 + len(PERCENTILES)]]
    elif line.strip() and line[0] not in "│╒╞├╘=":
      metric = line.strip()
  return found


def section(title, share, columns, figures):
  """Returns a table of the benchmarks that have this limit; empty where there is none."""
  names = figures.get(share, {})
  if not names:
    return ""
  # Kernels have no steps.
  columns = [column for column in columns if any(name in figures.get(column[0], {}) for name in names)]
  median = PERCENTILES.index("p50")
  headers, rows = ["benchmark", *(heading for _, heading, _, _ in columns), "share, quartiles"], []
  for name in names:
    row = [name]
    for metric, heading, divisor, digits in columns:
      measured = figures[metric].get(name)
      row.append(f"{measured[median] / divisor:.{digits}f}" + (" %" if heading == "share" else "") if measured else "–")
    best, _, worst = names[name][1:4]
    rows.append([*row, f"{worst:.0f}–{best:.0f} %"])
  return f"## {title}\n\n{markdown.table(headers, rows)}\n"


def processor():
  text = open("/proc/cpuinfo").read()
  model = re.search(r"model name\s*:\s*(.*)", text)
  return f"{model.group(1).strip() if model else platform.machine()}, {os.cpu_count()} hardware threads"


def main():
  figures = tables(sys.stdin)
  sections = [section(*kind, figures) for kind in KINDS]
  if not any(sections):
    sys.exit("page.py: no table with a share of a limit came in; give it what `make bench` prints")
  print(f"# Benchmarks, {datetime.date.today()}\n")
  print(f"- Processor: {processor()}.\n- System: {machine.system()}.\n- Fascicle: {machine.revision()}.\n")
  print("Medians over a row's samples, with the limit measured a moment before each. A sample of a kernel is about a\n"
        "millisecond of calls, one of an optimizer six steps of two million parameters with one worker. Where quartiles lie\n"
        "far apart, others used the machine. What is counted, and what the figures mean, is in `Benchmarks/README.md`.\n")
  print("\n".join(text for text in sections if text), end="")


if __name__ == "__main__":
  main()
