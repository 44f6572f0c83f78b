"""Tables and figures in Markdown."""

import statistics


def table(headers, rows):
  """Returns a table: the first column to the left, the others to the right."""
  lines = [headers, ["---"] + ["---:"] * (len(headers) - 1), *rows]
  return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def median_and_range(values, digits):
  return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def ratios(values):
  return f"**{statistics.median(values):.2f}×** ({min(values):.2f}–{max(values):.2f})"
