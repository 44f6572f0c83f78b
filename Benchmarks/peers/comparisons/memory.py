"""The largest resident memory of a training process, as the kernel counts it."""

import collections
import statistics

import adapters
from harness import markdown, results

DEFAULT_WORKLOADS = ["tiny", "wide", "large"]  # tiny is next to nothing, so shows what the runtime itself takes
SECONDS = 0.2


def run(session):
  names = session.workloads(DEFAULT_WORKLOADS)
  peers = session.peers_of(adapters.TRAINING)
  peaks = collections.defaultdict(list)  # (workload, who): bytes and mode for each finished round

  def measure(number):
    for key, peak in [found for w in names for found in round_peaks(session, w, peers)]:
      peaks[key].append(peak)
    results.note(f"memory: round {number} of {session.chosen.rounds} is done")

  session.rounds(measure)
  return section(session, names, peers, peaks)


def round_peaks(session, workload, peers):
  """Yields Fascicle's peak, then each peer's in the mode that takes least, each in a process of its own."""
  outcome = session.driver.bench(workload.name, [session.processors], SECONDS, session.chosen.precision)
  yield (workload.name, "fascicle"), (outcome.peak_bytes, "")
  for peer in peers:
    found = [(peak_of(session, peer, workload, mode), mode) for mode in modes(session, peer, workload)]
    found = [(peak, mode) for peak, mode in found if peak]
    if found:
      yield (workload.name, peer), min(found)


def modes(session, peer, workload):
  lines = session.peer_lines(peer, "steps.py", *arguments(session, workload), "--list", event="modes")
  return [mode for line in lines for mode in line["modes"]]


def peak_of(session, peer, workload, mode):
  """Returns the bytes of a process that trains in this mode, or None when it can't."""
  outcome = session.peer_outcome(peer, "steps.py", *arguments(session, workload), "--mode", mode, "--repeats", 1,
                                 "--seconds", SECONDS, "--resident-batches", 1)
  return outcome.peak_bytes if outcome and outcome.events("result") else None


def arguments(session, workload):
  return ["--workload", workload.name, "--precision", session.chosen.precision, "--threads", session.processors]


def section(session, names, peers, peaks):
  headers = ["workload", "Fascicle, MiB", *(f"{adapters.TITLES[peer]}, MiB (mode)" for peer in peers)]
  rows = [[w.name, *(cell(peaks[w.name, who]) for who in ["fascicle", *peers])] for w in names]
  return "\n\n".join([
    "Peak resident memory of a process that makes training steps, one batch in memory (ours: up to 16 MiB of samples), "
    "the peer in the mode that takes least. `tiny` shows what the runtime takes by itself.",
    markdown.table(headers, rows)])


def cell(found):
  if not found:
    return "–"
  mode = found[-1][1]
  return f"{statistics.median(peak for peak, _ in found) / 2**20:,.0f}" + (f" ({mode})" if mode else "")
