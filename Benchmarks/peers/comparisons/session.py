"""What all comparisons of one call share."""

import argparse
import dataclasses

import adapters
from harness import fascicle, processes, results, workloads


@dataclasses.dataclass
class Session:
  """Options, the driver, the machine as the driver sees it, and what readers should be warned of."""
  chosen: argparse.Namespace
  driver: fascicle.Driver
  topology: dict
  peers: list
  warnings: list = dataclasses.field(default_factory=list)
  known_modes: dict = dataclasses.field(default_factory=dict)

  @property
  def processors(self):
    return self.topology["effective_cpus"]

  @property
  def worker_counts(self):
    """One worker, and all that the machine is good for."""
    return sorted({1, self.processors})

  @property
  def peer_precision(self):
    """What the peers call the precision: AMX is theirs to choose within bf16."""
    return self.chosen.precision.removesuffix("-amx")

  def workloads(self, default):
    return [workloads.WORKLOADS[name] for name in self.chosen.workload or default]

  def peers_of(self, known):
    """The asked-for peers that are installed and know this job."""
    return [name for name in self.peers if name in known]

  def thread_counts(self, workload):
    """All processors, and for short steps half as many, and so on down to one."""
    counts = [self.processors]
    while workload.is_short and counts[-1] > 1:
      counts.append(counts[-1] // 2)
    return counts

  def rounds(self, comparison):
    """The number of each round, told when it is done."""
    for number in range(1, self.chosen.rounds + 1):
      yield number
      results.note(f"{comparison}: round {number} of {self.chosen.rounds} is done")

  def modes(self, peer, workload):
    """The ways that a peer has of training this workload."""
    key = peer, workload.name
    if key not in self.known_modes:
      lines = self.peer_lines(peer, "steps.py", "--workload", workload.name, "--precision", self.peer_precision,
                              "--list", event="modes")
      self.known_modes[key] = [mode for line in lines for mode in line["modes"]]
    return self.known_modes[key]

  def peer_outcome(self, peer, script, *arguments):
    """The outcome of a peer's script; a failure is told, and gives None."""
    try:
      return processes.run_script(script, "--peer", peer, *arguments)
    except processes.ChildFailed as error:
      self.warn(f"{adapters.TITLES[peer]} failed and is left out where it did: {error}")
      return None

  def peer_lines(self, peer, script, *arguments, event="result"):
    """The lines of a peer's script that tell of one of the events, none after a failure."""
    outcome = self.peer_outcome(peer, script, *arguments)
    return outcome.events(event) if outcome else []

  def warn(self, text):
    if text not in self.warnings:
      results.note(text)
      self.warnings.append(text)
