"""A trained network's answers: latency of one sample, throughput of 1024."""

import collections
import itertools
import statistics

import adapters
from harness import markdown, processes, results

DEFAULT_WORKLOADS = ["fashion", "wide"]
BATCHES = [1, 1024]


def run(session):
  names = session.workloads(DEFAULT_WORKLOADS)
  peers = session.peers_of(adapters.INFERENCE)
  table = collections.defaultdict(list)  # (workload, batch, who): the best line of each round
  for _ in session.rounds("inference"):
    for workload, who in itertools.product(names, ["fascicle", *peers]):
      lines = our_lines(session, workload) if who == "fascicle" else peer_lines(session, workload, who)
      for batch, line in best_by_batch(lines):
        table[workload.name, batch, who].append(line)
      yield section(names, peers, table), spread_warnings(table)


def best_by_batch(lines):
  """Yields each batch size with the line of least median latency over modes and threads."""
  for batch in BATCHES:
    fitting = [line for line in lines if line["batch"] == batch]
    if fitting:
      yield batch, min(fitting, key=lambda line: line["latency_microseconds_p50"])


def spread_warnings(table):
  return [text for (name, batch, who), lines in table.items() if lines
          for text in results.spread_warnings(f"inference, {name}, batch {batch}, {adapters.TITLES[who]}",
                                              [line["latency_microseconds_p50"] for line in lines])]


def our_lines(session, workload):
  try:
    outcome = session.driver.bench(workload.name, session.worker_counts, session.chosen.seconds, inference=True)
  except processes.ChildFailed as error:
    if error.status != 64:
      raise
    session.warn("This driver has no 'bench --inference' yet, so only the peers are measured.")
    return []
  return outcome.events("inference_result")


def peer_lines(session, workload, peer):
  return [line for threads in session.worker_counts
          for line in session.peer_lines(peer, "predictions.py", "--workload", workload.name, "--threads", threads,
                                         "--seconds", session.chosen.seconds, event="inference_result")]


def section(names, peers, table):
  rows = [row(name, batch, ["fascicle", *peers], table) for name in (w.name for w in names) for batch in BATCHES]
  headers = ["network", "batch", "rounds", "figure", *(adapters.TITLES[who] for who in ["fascicle", *peers])]
  return "\n\n".join([
    "Calls one after the other, data in memory, class probabilities as the answer. Each cell is the best of all modes "
    "and numbers of threads by median latency; the median over the rounds.",
    markdown.table(headers, rows)])


def row(name, batch, everybody, table):
  figure = "samples/s" if batch > 1 else "µs: half / 99 % below"
  rounds = max(len(table[name, batch, who]) for who in everybody)
  return [name, str(batch), str(rounds), figure, *(cell(table[name, batch, who], batch) for who in everybody)]


def cell(lines, batch):
  if not lines:
    return "–"
  def middle(field):
    return statistics.median(line[field] for line in lines)
  if batch > 1:
    return f"{1e6 * batch / middle('latency_microseconds_p50'):,.0f}"
  return f"{middle('latency_microseconds_p50'):.1f} / {middle('latency_microseconds_p99'):.1f}"
