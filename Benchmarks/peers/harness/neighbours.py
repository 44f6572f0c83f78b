"""How much of our processors others took: figures of a busy machine are worth nothing."""

import os
import resource
import time

MOST = 0.05


class Watch:
  """Counts from now on."""

  def __init__(self):
    self.start = time.monotonic()
    self.busy_before, self.own_before = busy_seconds(), own_seconds()

  def share(self):
    """The part of our processors' time that went to others, a hypervisor's other machines included."""
    others = busy_seconds() - self.busy_before - (own_seconds() - self.own_before)
    return max(0.0, others / ((time.monotonic() - self.start) * len(os.sched_getaffinity(0))))


def busy_seconds():
  """What the processors that we may use were busy with so far: /proc/stat without idle (4th) and waiting (5th)."""
  ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
  with open("/proc/stat") as file:
    counts = [list(map(int, line.split()[1:9])) for line in file if line.split()[0] in ours]
  return sum(sum(row) - row[3] - row[4] for row in counts) / os.sysconf("SC_CLK_TCK")


def own_seconds():
  """What we and the children that have ended took."""
  usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
  return sum(usage.ru_utime + usage.ru_stime for usage in usages)
