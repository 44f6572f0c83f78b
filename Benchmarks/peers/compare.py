#!/usr/bin/env python3
"""Measure Fascicle beside its peers, by turns on the same cores, and write a page of the results.

    make compare                                                    training steps of all workloads
    make compare COMPARE="--workload tiny,fashion --rounds 1"
    make compare COMPARE="memory startup accuracy inference"        other comparisons
    .venv/bin/python compare.py all --peers jax,pytorch --output page.md

Run it with nothing else on the machine, with the Python that has the peers. README.md beside this file tells more.
"""

import argparse
import datetime
import importlib
import itertools
import os
import shlex
import sys

import adapters
import comparisons
from comparisons.session import Session
from harness import fascicle, machine, neighbours, options, processes, results

RESULTS = os.path.normpath(os.path.join(processes.FOLDER, "..", "results"))


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
  parser.add_argument("--precision", choices=["f32", "bf16"], default="f32", help="of training steps (default: f32)")
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


def compare(session):
  """Returns a section for each comparison, up to an interruption."""
  sections = []
  for name in session.chosen.comparisons:
    watch = neighbours.Watch()
    try:
      text = importlib.import_module(f"comparisons.{name}").run(session)
    except KeyboardInterrupt:
      if not sections:
        raise
      session.warn(f"Interrupted in {name}, which is left out.")
      session.interrupted = True
      break
    if watch.share() > neighbours.MOST:
      session.warn(f"{name}: others took {results.percent(watch.share())} of the processors' time meanwhile; "
                   "figures of a busy machine are worth little.")
    sections.append(f"## {name.capitalize()}: {comparisons.EXPLANATIONS[name]}\n\n{text}")
    if session.interrupted:
      break
  return sections


def page(session, sections):
  return "\n\n".join([
    f"# Fascicle beside its peers, {datetime.date.today()}", "\n".join(machine.lines(session.topology, session.peers)),
    f"To measure again: `{command()}`. What is measured, and how, is in `Benchmarks/peers/README.md`.",
    *sections, "## Warnings", "\n".join(f"- {one_line(text)}" for text in session.warnings) or "None."]) + "\n"


def command():
  """The call that measures the same again; where files lie is each reader's own affair."""
  words = iter(sys.argv[1:])
  said = [word for word in words if not (word in ("--fascicle", "--output", "--data") and next(words, True))]
  return f'make compare COMPARE="{shlex.join(said)}"' if said else "make compare"


def one_line(text):
  return " ".join(text.split())


def output_path(chosen):
  """Today's page, or the next free number: a short trial must not overwrite an evening's figures."""
  if chosen.output:
    return chosen.output
  names = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
  paths = (os.path.join(RESULTS, f"{datetime.date.today()}-peers{name}.md") for name in names)
  return next(path for path in paths if not os.path.exists(path))


def main():
  chosen = parse_options()
  session = start_session(chosen)
  text = page(session, compare(session))
  if chosen.output == "-":
    print(text, end="")
  else:
    path = output_path(chosen)
    with open(path, "w") as file:
      file.write(text)
    results.note(f"the page is {os.path.relpath(path)}")
  return 130 if session.interrupted else 0


if __name__ == "__main__":
  try:
    sys.exit(main())
  except KeyboardInterrupt:
    results.note("interrupted before a round was complete, so no page was written")
    sys.exit(130)
  except processes.ChildFailed as error:
    sys.exit(f"{error.said}\n{error}")
