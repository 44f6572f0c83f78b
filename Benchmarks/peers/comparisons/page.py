"""The page of results, written again after each finished piece, so that an early end loses no more than a turn."""

import datetime
import itertools
import os
import shlex
import sys

import comparisons
from harness import machine, neighbours, processes, results

RESULTS = os.path.normpath(os.path.join(processes.FOLDER, "..", "results"))


class Page:
  """A section for each comparison, as far as it came."""

  def __init__(self, session):
    self.session, self.sections = session, {}
    self.head = "\n".join(machine.lines(session.topology, session.peers))
    self.path = output_path(session.chosen)

  def begin(self, name):
    self.name, self.watch = name, neighbours.Watch()

  def update(self, text, warnings):
    """Sets the section that began last, with what is known so far, and writes the page."""
    share = self.watch.share()
    if share > neighbours.MOST:
      warnings = [*warnings, f"{self.name}: others took {results.percent(share)} of the processors' time meanwhile; "
                             "figures of a busy machine are worth little."]
    self.sections[self.name] = text, warnings
    self.write()

  def write(self):
    """Writes the file at once or not at all; to standard output only `finish` writes."""
    if self.path != "-":
      with open(f"{self.path}.part", "w") as file:
        file.write(self.text())
      os.replace(f"{self.path}.part", self.path)

  def finish(self):
    for _, warnings in self.sections.values():
      for text in warnings:
        results.note(text)
    self.write()
    if self.path == "-":
      print(self.text(), end="")
    else:
      results.note(f"the page is {os.path.relpath(self.path)}")

  def text(self):
    sections = [f"## {name.capitalize()}: {comparisons.EXPLANATIONS[name]}\n\n{text}"
                for name, (text, _) in self.sections.items()]
    warnings = self.session.warnings + [text for _, warnings in self.sections.values() for text in warnings]
    return "\n\n".join([
      f"# Fascicle beside its peers, {datetime.date.today()}", self.head,
      f"To measure again: `{command()}`. What is measured, and how, is in `Benchmarks/peers/README.md`.",
      *sections, "## Warnings", "\n".join(f"- {one_line(text)}" for text in warnings) or "None."]) + "\n"


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
