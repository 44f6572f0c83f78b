"""Training steps, by turns on the same cores: Fascicle, each peer in its best mode, and again."""

import collections
import statistics

import adapters
from harness import markdown, results, workloads

REPEATS = 5
TRIAL_SECONDS = 0.15
FINALISTS = 2  # The fastest ways of the trial; the fastest of them in a round is the peer's figure of that round.


def run(session):
  names = session.workloads(workloads.WORKLOADS)
  peers = session.peers_of(adapters.TRAINING)
  ways = {(w.name, peer): trial(session, peer, w) for w in names for peer in peers}
  table = collections.defaultdict(list)  # (workload, peer or worker count): a line for each finished round

  def measure(number):
    lines = [(key, line) for w in names for key, line in round_lines(session, w, peers, ways, number)]
    for key, line in lines:
      table[key].append(line)

  session.rounds(measure)
  warn_of_spreads(session, table)
  return section(session, names, peers, table)


def trial(session, peer, workload):
  """Times all modes and thread counts shortly; fewer threads are tried as long as that is faster."""
  lines = []
  for threads in session.thread_counts(workload):
    found = step_lines(session, peer, workload, threads, TRIAL_SECONDS)
    if not found or lines and rate(max(found, key=rate)) < rate(max(lines, key=rate)):
      break
    lines += found
  best = sorted(lines, key=rate, reverse=True)[:FINALISTS]
  ways = " or ".join(f"{way(line)} ({rate(line):,.0f}/s)" for line in best)
  results.note(f"{workload.name}: {adapters.TITLES[peer]} " + (f"is fastest as {ways}" if ways else "does not do this"))
  return [(line["mode"], line["workers"]) for line in best]


def step_lines(session, peer, workload, threads, seconds, modes=None):
  return session.peer_lines(
    peer, "steps.py", "--workload", workload.name, "--precision", session.chosen.precision, "--threads", threads,
    "--seconds", seconds / REPEATS, "--repeats", REPEATS, *(["--mode", ",".join(modes)] if modes else []))


def round_lines(session, workload, peers, ways, number):
  """Yields our lines by worker count, then the fastest line of each peer."""
  chosen = session.chosen
  ours = session.driver.bench(workload.name, session.worker_counts, chosen.seconds, chosen.precision)
  for line in ours.events("result"):
    yield (workload.name, line["workers"]), line
  for peer in peers:
    lines = []
    for threads in sorted({threads for _, threads in ways[workload.name, peer]}):
      modes = [mode for mode, count in ways[workload.name, peer] if count == threads]
      lines += step_lines(session, peer, workload, threads, chosen.seconds, modes)
    if lines:
      yield (workload.name, peer), max(lines, key=rate)
  results.note(f"{workload.name}: round {number} of {chosen.rounds} is done")


def rate(line):
  return line["samples_per_second"]


def way(line):
  return f"{line['mode']}, {line['workers']} thread{'' if line['workers'] == 1 else 's'}"


def medians(lines, field="samples_per_second"):
  return statistics.median(line[field] for line in lines)


def warn_of_spreads(session, table):
  for (workload, who), lines in table.items():
    name = adapters.TITLES.get(who, f"Fascicle with {who} of {session.processors} workers")
    within = statistics.median(line["samples_per_second_spread"] / rate(line) for line in lines)
    session.warn_of_spread(f"{workload}, {name}", [rate(line) for line in lines], within)


def section(session, names, peers, table):
  return "\n\n".join([
    f"Training steps in {session.chosen.precision}, data in memory; rounds by turns: {session.finished_rounds}, "
    f"{session.chosen.seconds:g} s for each figure. Figures are medians over the rounds; the ratio is that of the "
    "faster of our worker counts to the fastest peer of the same round: median (least–greatest). The share of the FMA peak is "
    "that of the cores that the faster count used, in this precision.",
    our_table(session, names, peers, table), peer_table(names, peers, table)])


def our_table(session, names, peers, table):
  every = session.processors
  headers = ["workload", "1 worker, samples/s", f"{every} workers", "GFLOP/s", "of FMA peak", "best peer",
             "its samples/s", "Fascicle / best peer"]
  if every == 1:
    headers.pop(1)
  return markdown.table(headers, [our_row(session, w.name, peers, table) for w in names])


def our_row(session, name, peers, table):
  counts = session.worker_counts
  ours = [max(lines, key=rate) for lines in zip(*(table[name, count] for count in counts))]
  theirs = [max(lines, key=rate) for lines in zip(*(table[name, peer] for peer in peers if table[name, peer]))]
  cells = [name, *(f"{medians(table[name, count]):,.0f}" for count in counts),
           f"{medians(ours, 'gflops'):.0f}", f"{medians(ours, 'percent_of_peak'):.0f} %"]
  if not theirs:
    return cells + ["none", "", ""]
  best = statistics.mode(line["peer"] for line in theirs)
  return cells + [adapters.TITLES[best], f"{medians(theirs):,.0f}",
                  markdown.ratios([rate(a) / rate(b) for a, b in zip(ours, theirs)])]


def peer_table(names, peers, table):
  """All peers that had a figure for any of the workloads."""
  peers = [peer for peer in peers if any(table[w.name, peer] for w in names)]
  if not peers:
    return "No peer has figures."
  rows = [[w.name, *(peer_cell(table[w.name, peer]) for peer in peers)] for w in names]
  return markdown.table(["workload", *(f"{adapters.TITLES[peer]}, samples/s (way)" for peer in peers)], rows)


def peer_cell(lines):
  """The median, and the way that was fastest most often."""
  return f"{medians(lines):,.0f} ({statistics.mode(way(line) for line in lines)})" if lines else "–"
