"""From the start of the process to the first training step on Fashion-MNIST, all images read and standardised."""

import collections

import adapters
from harness import markdown, results, workloads


def run(session):
  peers = session.peers_of(adapters.LEARNERS)
  seconds = collections.defaultdict(list)  # who: seconds, a figure for each round
  for _ in session.rounds("startup"):
    for who in ["fascicle", *peers]:
      found = our_seconds(session) if who == "fascicle" else their_seconds(session, who)
      if found:
        seconds[who].append(found)
      yield section(seconds), spread_warnings(seconds)


def spread_warnings(seconds):
  return [text for who, values in seconds.items()
          for text in results.spread_warnings(f"startup, {adapters.TITLES[who]}", values)]


def our_seconds(session):
  """Until the event of the first step; a driver without it tells of the run's start, just before that step."""
  outcome = session.driver.train(session.chosen.data, training__epochs=1)
  events = outcome.events("first_step")
  if not events:
    session.warn("This driver has no event 'first_step': its start-up ends just before that step, with 'run_start'.")
    events = outcome.events("run_start")
  return events[0]["seconds_since_start"]


def their_seconds(session, peer):
  lines = session.peer_lines(peer, "first_step.py", "--data", session.chosen.data, "--threads", session.processors,
                             event="first_step")
  return lines[0]["seconds_since_start"] if lines else None


def section(seconds):
  workload = workloads.FASHION
  rows = [[adapters.TITLES[who], str(len(values)), markdown.median_and_range(values, 2)] for who, values in seconds.items()]
  return "\n\n".join([
    f"Seconds from the start of the process until the first step of {'-'.join(map(str, workload.layers))}, batches of "
    f"{workload.batch}, is made: imports, reading four gzipped files, standardising, building, compiling where a peer "
    "must.",
    markdown.table(["", "rounds", "seconds: median (least–greatest)"], rows)])
