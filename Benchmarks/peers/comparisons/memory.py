"""The largest resident memory of a training process, as the kernel counts it."""

import collections
import itertools
import statistics

import adapters
from harness import markdown

DEFAULT_WORKLOADS = ["tiny", "wide", "large"]  # tiny is next to nothing, so shows what the runtime itself takes
SECONDS = 0.2


def run(session):
  names = session.workloads(DEFAULT_WORKLOADS)
  peers = session.peers_of(adapters.TRAINING)
  peaks = collections.defaultdict(list)  # (workload, who): bytes and mode, a pair for each round
  for _ in session.rounds("memory"):
    for workload, who in itertools.product(names, ["fascicle", *peers]):
      found = our_peak(session, workload) if who == "fascicle" else least_peak(session, who, workload)
      if found:
        peaks[workload.name, who].append(found)
      yield section(names, peers, peaks), []


def our_peak(session, workload):
  return session.driver.bench(workload.name, [session.processors], SECONDS, session.chosen.precision).peak_bytes, ""


def least_peak(session, peer, workload):
  """Returns the bytes and the mode that takes least, each mode in a process of its own; None when none runs."""
  found = [(peak_of(session, peer, workload, mode), mode) for mode in session.modes(peer, workload)]
  return min((pair for pair in found if pair[0]), default=None)


def peak_of(session, peer, workload, mode):
  """Returns the bytes of a process that trains in this mode, or None when it can't."""
  outcome = session.peer_outcome(
    peer, "steps.py", "--workload", workload.name, "--precision", session.peer_precision, "--threads",
    session.processors, "--mode", mode, "--repeats", 1, "--seconds", SECONDS, "--resident-batches", 1)
  return outcome.peak_bytes if outcome and outcome.events("result") else None


def section(names, peers, peaks):
  headers = ["workload", "rounds", "Fascicle, MiB", *(f"{adapters.TITLES[peer]}, MiB (mode)" for peer in peers)]
  rows = [[w.name, str(len(peaks[w.name, "fascicle"])), *(cell(peaks[w.name, who]) for who in ["fascicle", *peers])]
          for w in names]
  return "\n\n".join([
    "Peak resident memory of a process that makes training steps, one batch in memory (ours: up to 16 MiB of samples), "
    "the peer in the mode that takes least. `tiny` shows what the runtime takes by itself.",
    markdown.table(headers, rows)])


def cell(found):
  if not found:
    return "–"
  mode = found[-1][1]
  return f"{statistics.median(peak for peak, _ in found) / 2**20:,.0f}" + (f" ({mode})" if mode else "")
