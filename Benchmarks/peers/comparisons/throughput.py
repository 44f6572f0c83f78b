"""Training steps, by turns on the same cores: Fascicle, each peer in its best mode, and again."""

import collections
import statistics

import adapters
from harness import markdown, results, workloads

REPEATS = 5
TRIAL_SECONDS = 0.15
FINALISTS = 2  # The fastest ways of the trial; the fastest of them in a round is the peer's figure of that round.


def run(session):
  peers = session.peers_of(adapters.TRAINING)
  ways, table = {}, collections.defaultdict(list)  # table[workload]: a line of everybody for each round
  for number in session.rounds("throughput"):
    for workload in session.workloads(workloads.WORKLOADS):
      if number == 1:
        ways[workload.name] = {peer: finalists(session, peer, workload) for peer in peers}
      table[workload.name].append(round_lines(session, workload, ways[workload.name]))
      yield section(session, table), list(spread_warnings(session, table))
      results.note(f"{workload.name}: round {number} of {session.chosen.rounds} is done")


def finalists(session, peer, workload):
  """The ways that enter the rounds; where steps are long there is only a trial if there are more of them than that."""
  if not workload.is_short:
    modes = session.modes(peer, workload)
    if len(modes) <= FINALISTS:
      return [(mode, session.processors) for mode in modes]
  return trial(session, peer, workload)


def trial(session, peer, workload):
  """Times all modes and thread counts shortly; fewer threads are tried as long as that is faster."""
  lines = []
  for threads in session.thread_counts(workload):
    found = step_lines(session, peer, workload, threads, TRIAL_SECONDS, REPEATS if workload.is_short else 1)
    if not found or lines and rate(max(found, key=rate)) < rate(max(lines, key=rate)):
      break
    lines += found
  best = sorted(lines, key=rate, reverse=True)[:FINALISTS]
  ways = " or ".join(f"{way(line)} ({rate(line):,.0f}/s)" for line in best)
  results.note(f"{workload.name}: {adapters.TITLES[peer]} " + (f"is fastest as {ways}" if ways else "does not do this"))
  return [(line["mode"], line["workers"]) for line in best]


def step_lines(session, peer, workload, threads, seconds, repeats=REPEATS, modes=()):
  return session.peer_lines(
    peer, "steps.py", "--workload", workload.name, "--precision", session.peer_precision, "--threads", threads,
    "--seconds", seconds / repeats, "--repeats", repeats, *(["--mode", ",".join(modes)] if modes else []))


def round_lines(session, workload, ways):
  """Returns our lines by worker count, and the fastest line of each peer by its name."""
  chosen = session.chosen
  ours = session.driver.bench(workload.name, session.worker_counts, chosen.seconds, chosen.precision)
  found = {line["workers"]: line for line in ours.events("result")}
  for peer, finalists in ways.items():
    lines = []
    for threads in sorted({threads for _, threads in finalists}):
      modes = [mode for mode, count in finalists if count == threads]
      lines += step_lines(session, peer, workload, threads, chosen.seconds, modes=modes)
    if lines:
      found[peer] = max(lines, key=rate)
  return found


def rate(line):
  return line["samples_per_second"]


def way(line):
  return f"{line['mode']}, {line['workers']} thread{'' if line['workers'] == 1 else 's'}"


def lines_of(rounds, who):
  return [lines[who] for lines in rounds if who in lines]


def medians(lines, field="samples_per_second"):
  return statistics.median(line[field] for line in lines)


def spread_warnings(session, table):
  for workload, rounds in table.items():
    for who in sorted({who for lines in rounds for who in lines}, key=str):
      name = adapters.TITLES.get(who, f"Fascicle with {who} of {session.processors} workers")
      lines = lines_of(rounds, who)
      within = statistics.median(line["samples_per_second_spread"] / rate(line) for line in lines)
      yield from results.spread_warnings(f"{workload}, {name}", [rate(line) for line in lines], within)


def section(session, table):
  return "\n\n".join([
    f"Training steps in {session.chosen.precision}, data in memory, {session.chosen.seconds:g} s for each figure, by "
    "turns. Figures are medians over the rounds; the ratio is that of the faster of our worker counts to the fastest "
    "peer of the same round: median (least–greatest). In brackets is the share of the FMA peak of as many cores as "
    "that way used, in this precision.",
    our_table(session, table), peer_table(table)])


def our_table(session, table):
  every = session.processors
  headers = ["workload", "rounds", "1 worker, samples/s", f"{every} workers", "GFLOP/s", "best peer", "its samples/s",
             "its GFLOP/s", "Fascicle / best peer"]
  if every == 1:
    headers.pop(2)
  return markdown.table(headers, [our_row(session, *item) for item in table.items()])


def our_row(session, name, rounds):
  counts = session.worker_counts
  ours = [fastest(lines, counts) for lines in rounds]
  cells = [name, str(len(rounds)), *(f"{medians(lines_of(rounds, count)):,.0f}" for count in counts),
           with_share(ours, rounds)]
  rounds = [lines for lines in rounds if any(who in adapters.TRAINING for who in lines)]
  if not rounds:
    return cells + ["none", "", "", ""]
  theirs = [fastest(lines, adapters.TRAINING) for lines in rounds]
  ratios = [rate(fastest(lines, counts)) / rate(best) for lines, best in zip(rounds, theirs)]
  best = statistics.mode(line["peer"] for line in theirs)
  return cells + [adapters.TITLES[best], f"{medians(theirs):,.0f}", with_share(theirs, rounds), markdown.ratios(ratios)]


def fastest(lines, candidates):
  return max((lines[who] for who in candidates if who in lines), key=rate)


def with_share(found, rounds):
  """The GFLOP/s, and their share of the peak that our processes measured in the same rounds."""
  shares = [line["gflops"] / peak(lines, line["workers"]) for line, lines in zip(found, rounds)]
  return f"{medians(found, 'gflops'):.0f} ({results.percent(statistics.median(shares))})"


def peak(lines, threads):
  """The FMA peak of so many cores; of numbers that we don't measure, in proportion to all of them."""
  most = max(who for who in lines if isinstance(who, int))
  measured = lines.get(threads, lines[most])
  return measured["fma_peak_gflops"] * threads / measured["workers"]


def peer_table(table):
  """All peers that had a figure for any of the workloads."""
  peers = [peer for peer in adapters.TRAINING if any(lines_of(rounds, peer) for rounds in table.values())]
  if not peers:
    return "No peer has figures."
  rows = [[name, *(peer_cell(lines_of(rounds, peer)) for peer in peers)] for name, rounds in table.items()]
  return markdown.table(["workload", *(f"{adapters.TITLES[peer]}, samples/s (way)" for peer in peers)], rows)


def peer_cell(lines):
  """The median, and the way that was fastest most often."""
  return f"{medians(lines):,.0f} ({statistics.mode(way(line) for line in lines)})" if lines else "–"
