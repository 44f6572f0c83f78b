"""Child processes that write JSON lines."""

import json
import os
import subprocess
import sys
import tempfile
import time

from harness import results

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class ChildFailed(Exception):
  """A child ended with an error: its status, and the last lines that it said."""

  def __init__(self, command, status, lines):
    name = next(os.path.basename(part) for part in command if part != sys.executable)
    super().__init__(f"{name} ended with status {status}: {lines[-1].strip() if lines else 'it said nothing'}")
    self.status, self.said = status, "\n".join(lines)


class Outcome:
  """What a child wrote, with the seconds from its start to each line (`seconds_since_start`), and its peak memory."""

  def __init__(self, lines, peak_bytes):
    self.lines, self.peak_bytes = lines, peak_bytes

  def events(self, names):
    """The lines that tell of one event, or of one of several."""
    names = (names,) if isinstance(names, str) else names
    return [line for line in self.lines if line["event"] in names]


def run(command):
  """Runs the command to its end. The child is waited for and, when this process is interrupted, ended."""
  with tempfile.TemporaryFile("w+") as errors:
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
      lines = [json.loads(line) | {"seconds_since_start": time.monotonic() - start}
               for line in child.stdout if line.startswith("{")]
      _, status, usage = os.wait4(child.pid, 0)  # One child's own peak, which the module subprocess would not tell.
      child.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
      child.kill()
      child.wait()
      raise
    errors.seek(0)
    said = errors.read().splitlines()
  if child.returncode != 0:
    raise ChildFailed(command, child.returncode, said[-5:])
  for line in said:
    if line.startswith(results.NOTE):
      print(line, file=sys.stderr)
  return Outcome(lines, usage.ru_maxrss * 1024)


def run_script(name, *arguments):
  """Runs one of the scripts beside this folder with the same Python."""
  return run([sys.executable, os.path.join(FOLDER, name), *map(str, arguments)])
