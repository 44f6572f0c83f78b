#!/usr/bin/env python3
"""Measure Fascicle beside its peers, by turns on the same cores, and write a page of the results.

    make compare                                                    training steps of all workloads
    make compare COMPARE="--workload tiny,fashion --rounds 1"
    make compare COMPARE="memory startup accuracy inference"        other comparisons
    .venv/bin/python compare.py all --peers jax,pytorch --output page.md

Run it with nothing else on the machine, with the Python that has the peers. README.md beside this file tells more.
"""

import argparse
import importlib
import signal
import sys

import adapters
import comparisons
from comparisons.page import Page
from comparisons.session import Session
from harness import fascicle, options, processes, results

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def parse_options():
  parser = options.parser(__doc__)
  parser.usage = "%(prog)s [COMPARISON …] [options]"
  parser.add_argument("comparisons", nargs="*", metavar="COMPARISON",
                      help="; ".join(f"{name}: {text}" for name, text in comparisons.EXPLANATIONS.items()) +
                      "; or all (default: throughput)")
  parser.add_argument("--fascicle", default=fascicle.DEFAULT_PATH, metavar="PATH", help="the built driver")
  options.add_workloads(parser, default=None)
  parser.add_argument("--peers", type=options.choices(adapters.ALL, "peer"), default="all", metavar="NAMES",
                      help=f"comma-separated, of {', '.join(adapters.ALL)} (default: all that are installed)")
  parser.add_argument("--precision", choices=["f32", "bf16", "bf16-amx"], default="f32",
                      help="of training steps (default: f32); bf16-amx is ours, the peers' is bf16 then")
  parser.add_argument("--rounds", type=options.positive, default=3, help="turns of everybody (default: 3)")
  parser.add_argument("--seconds", type=options.seconds, default=1.0, help="of each figure of a round (default: 1)")
  parser.add_argument("--output", metavar="FILE", help="the page, - for standard output (default: Benchmarks/results/"
                      "DATE-peers.md, numbered rather than overwritten)")
  add_accuracy_options(parser)
  chosen = parser.parse_args()
  try:
    chosen.comparisons = options.choices(comparisons.NAMES, "comparison")(",".join(chosen.comparisons) or "throughput")
  except argparse.ArgumentTypeError as error:
    parser.error(str(error))
  return chosen


def add_accuracy_options(parser):
  options.add_data(parser)
  parser.add_argument("--batches", type=options.numbers(int), default=[64, 128, 256, 512],
                      help="of the grid of accuracy (default: 64,128,256,512)")
  parser.add_argument("--rates", type=options.numbers(float), default=[0.001, 0.002, 0.004],
                      help="learning rates of the same grid (default: 0.001,0.002,0.004)")
  parser.add_argument("--target", type=float, default=0.88, help="accuracy to reach (default: 0.88)")
  parser.add_argument("--epochs", type=options.positive, default=15, help="the most of a run (default: 15)")


def start_session(chosen):
  """Finds out about the machine and who is installed; what is missing is told, and left out."""
  driver = fascicle.Driver(chosen.fascicle)
  session = Session(chosen, driver, driver.topology(), [peer for peer in chosen.peers if adapters.version(peer)])
  for peer in chosen.peers:
    if peer not in session.peers:
      session.warn(f"{adapters.TITLES[peer]} is not installed in this Python, so it is left out.")
  if chosen.precision != "f32":
    require_precision(driver, chosen.precision)
  return session


def require_precision(driver, precision):
  try:
    driver.bench("tiny", [1], 0.01, precision)
  except processes.ChildFailed as error:
    raise SystemExit(f"This fascicle can't train in {precision}; it says:\n{error.said}")


def compare(session, page):
  """Makes a section for each comparison, up to an interruption; what was finished is on the page by then."""
  for name in session.chosen.comparisons:
    page.begin(name)
    try:
      for text, warnings in importlib.import_module(f"comparisons.{name}").run(session):
        page.update(text, warnings)
    except KeyboardInterrupt:
      session.warn(f"Interrupted in {name}" + (": it has the turns up to there." if name in page.sections else "."))
      return 130
  return 0


def interrupt(*_):
  """Ends the measurement at once. `timeout` sends its signal twice, and the second must not end the last writing."""
  for number in SIGNALS:
    signal.signal(number, signal.SIG_IGN)
  raise KeyboardInterrupt


def main():
  for number in SIGNALS:
    signal.signal(number, interrupt)
  session = start_session(parse_options())
  page = Page(session)
  try:
    return compare(session, page)
  finally:
    if page.sections:
      page.finish()
    else:
      results.note("ended before the first turn was complete, so no page was written")


if __name__ == "__main__":
  try:
    sys.exit(main())
  except KeyboardInterrupt:
    sys.exit(130)
  except processes.ChildFailed as error:
    sys.exit(f"{error.said}\n{error}")
