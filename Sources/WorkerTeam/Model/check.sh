#!/bin/sh
# Checks the model of the worker team with spin: the true protocol must hold for 2 and 3 workers, and each seeded
# mistake must be found. Takes one to two minutes and 1.5 GB; `check.sh thorough` searches further (a minute and 2.5 GB
# more). Exits with 0 when all of that is so, with 1 when some of it is not, with 69 when a tool is missing.
set -u

model=$(cd "$(dirname "$0")" && pwd)/worker_team.pml
compiler=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
safety="-DSAFETY -DCOLLAPSE -DMEMLIM=6000"
depth=-m1000000

for tool in spin "$compiler"; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "model-check: '$tool' was not found; install it (Debian: apt-get install spin gcc) and try again." >&2
    exit 69
  fi
done

# Builds the checker for one set of spin definitions, and runs it: search SPIN_FLAGS C_FLAGS RUN_FLAGS.
search() {
  rm -rf "$work/pan" && mkdir "$work/pan" && cd "$work/pan" || exit 1
  # shellcheck disable=SC2086  # the flags are lists of words
  spin $1 -a "$model" >spin.log 2>&1 && $compiler -O2 -w $2 -o pan pan.c >cc.log 2>&1 || {
    cat spin.log cc.log >&2 2>/dev/null
    echo "model-check: the model could not be built with: $1" >&2
    exit 1
  }
  ./pan $3 >pan.log 2>&1
}

# Whether the last search was complete and found nothing.
found_nothing() {
  grep -q 'errors: 0' "$work/pan/pan.log" && ! grep -qi 'max search depth too small\|out of memory' "$work/pan/pan.log"
}

# holds NAME SPIN_FLAGS C_FLAGS RUN_FLAGS: a search that must be complete and find nothing.
holds() {
  search "$2" "$3" "$4"
  states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$work/pan/pan.log")
  if found_nothing; then
    echo "holds     $1 ($states states)"
  else
    echo "FAILS     $1"
    cat "$work/pan/pan.log"
    failures=$((failures + 1))
  fi
}

# caught MISTAKE: a seeded mistake that the search over 2 workers, or else over 3, must find.
caught() {
  for workers in 2 3; do
    search "-DN=$workers -DMISTAKE_$1" "$safety" "$depth"
    if grep -q 'errors: [1-9]' "$work/pan/pan.log"; then
      echo "caught    $1 ($workers workers): $(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' "$work/pan/pan.log")"
      return
    fi
  done
  echo "MISSED    $1: the model finds nothing wrong with it"
  failures=$((failures + 1))
}

deadlock="no deadlock, no violated assertion"
holds "2 workers, 3 rounds, 3 broadcasts: $deadlock" "-DN=2 -DROUNDS=3 -DBROADCASTS=3" "$safety" "$depth"
holds "3 workers, 2 rounds, 1 broadcast: $deadlock" "-DN=3 -DROUNDS=2 -DBROADCASTS=1" "$safety" "$depth"
holds "3 workers, 1 round, 2 broadcasts: $deadlock" \
  "-DN=3 -DROUNDS=1 -DBROADCASTS=2 -DWAKES_FOR_NOTHING=0" "$safety" "$depth"
if [ "${1:-}" = thorough ]; then
  holds "3 workers, 2 rounds, 2 broadcasts: $deadlock" \
    "-DN=3 -DROUNDS=2 -DBROADCASTS=2 -DWAKES_FOR_NOTHING=0" "$safety" "$depth"
fi
holds "2 workers, 2 rounds, 2 broadcasts: every run ends" \
  "-DN=2 -DROUNDS=2 -DBROADCASTS=2" "-DNP -DCOLLAPSE -DMEMLIM=6000" "-l $depth"
holds "3 workers, 1 round, 1 broadcast: every run ends" \
  "-DN=3 -DROUNDS=1 -DBROADCASTS=1" "-DNP -DCOLLAPSE -DMEMLIM=6000" "-l $depth"

mistakes=$(sed -n 's/^#ifn*def MISTAKE_\([A-Z_]*\)$/\1/p' "$model" | sort -u)
for mistake in $mistakes; do
  caught "$mistake"
done
if [ "$(echo "$mistakes" | wc -w)" -lt 3 ]; then
  echo "model-check: expected at least 3 seeded mistakes in the model, found: $mistakes" >&2
  failures=$((failures + 1))
fi

if [ "$failures" -ne 0 ]; then
  echo "model-check: $failures of the searches went wrong." >&2
  exit 1
fi
