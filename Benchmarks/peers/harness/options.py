"""Options that several scripts have."""

import argparse

import adapters
from harness import threads, workloads

FASHION_MNIST = "/usr/share/datasets/fashion-mnist"  # where Debian's package dataset-fashion-mnist puts it


def parser(description):
  """A parser that shows a script's documentation as its help."""
  return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter,
                                 allow_abbrev=False, usage="%(prog)s [options]")


def add_learner(parser):
  parser.add_argument("--peer", required=True, choices=adapters.LEARNERS, help="who trains")


def add_data(parser):
  parser.add_argument("--data", default=FASHION_MNIST, metavar="FOLDER",
                      help=f"the four gzipped files of Fashion-MNIST (default: {FASHION_MNIST})")


def add_threads(parser):
  parser.add_argument("--threads", type=thread_count, default=threads.available(), metavar="N",
                      help="compute threads (default: one for every processor that this process may use)")


def add_workloads(parser, default="all"):
  parser.add_argument("--workload", type=choices(workloads.WORKLOADS, "workload"), default=default, metavar="NAMES",
                      help=f"comma-separated, of {', '.join(workloads.WORKLOADS)} (default: {default})")


def choices(known, what):
  """Returns a converter of comma-separated names, or `all`, to a list in the known order."""
  def convert(text):
    wanted = list(known) if text == "all" else text.split(",")
    unknown = [name for name in wanted if name not in known]
    if unknown:
      raise argparse.ArgumentTypeError(f"unknown {what} '{unknown[0]}'; expected all, or some of {', '.join(known)}")
    return [name for name in known if name in wanted]
  return convert


def numbers(kind):
  """Returns a converter of comma-separated numbers above 0 to a list."""
  return lambda text: [checked(part, kind, "numbers above 0, comma-separated", lambda number: 0 < number < float("inf"))
                       for part in text.split(",")]


def thread_count(text):
  """A number of threads; more than there are processors would only hide that they don't exist."""
  number, most = positive(text), threads.available()
  if number > most:
    raise argparse.ArgumentTypeError(f"{number} threads, but this process may use only {most} processors")
  return number


def positive(text):
  return checked(text, int, "a whole number, 1 or more", lambda number: number >= 1)


def seconds(text):
  return checked(text, float, "a number of seconds above 0", lambda number: 0 < number < float("inf"))


def checked(text, kind, expected, holds):
  try:
    number = kind(text)
  except ValueError:
    number = None
  if number is None or not holds(number):
    raise argparse.ArgumentTypeError(f"expected {expected}, but got '{text}'")
  return number
