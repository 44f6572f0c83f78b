"""The number of threads of a peer, set before it is imported."""

import os


def available():
  """The processors that this process may use."""
  return len(os.sched_getaffinity(0))


def limit(threads):
  """Leaves this process `threads` processors; every peer makes as many threads as it may use processors.

  JAX has no other way, and for the rest the outcome is the same.
  """
  os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
