"""NumPy, or a sentence: it comes with the peers."""

try:
  import numpy  # noqa: F401 (for those who import it from here)
except ImportError as error:
  raise SystemExit(f"This Python has no NumPy, so no peers either ({error}); README.md tells how to install them.")
