"""The machine and the build, as a reader of figures needs to know them."""

import os
import platform
import subprocess

import adapters
from harness import processes


def lines(topology, peers):
  """Returns a Markdown list: processor, what of it was used, system, versions, load."""
  machine = topology["topology"]
  return [
    f"- Processor: {machine['model']}, {machine['cores']} cores, {machine['processors']} hardware threads, "
    f"{topology['effective_cpus']} of them used; instruction set {topology['instruction_set']}; "
    f"FMA peak {topology['fma_peak_gflops']:.0f} GFLOP/s, measured with all of them.",
    f"- System: {system()}; Python {platform.python_version()}.",
    f"- Fascicle: {revision()}.",
    *(f"- {adapters.TITLES[peer]}: {adapters.version(peer)}." for peer in peers),
  ]


def system():
  return f"{platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')}, Linux {platform.release()}"


def revision():
  """The commit that is checked out, and whether files differ from it."""
  try:
    commit = git("rev-parse", "--short", "HEAD")
    return f"commit {commit}" + (" and changes that are not committed" if git("status", "--porcelain") else "")
  except (OSError, subprocess.CalledProcessError):
    return "of unknown commit"


def git(*arguments):
  command = ["git", "-C", processes.FOLDER, *arguments]
  return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

