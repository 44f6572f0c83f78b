#!/usr/bin/env bash
# Kills a run at random moments, again and again, and lets it go on each time; every run must end in the same weights.
#
#   kill_test.sh [KILLS] [SEED]     200 kills unless told otherwise; every sixth goes on with another number of workers
set -euo pipefail
cd "$(dirname "$0")/../.."
kills=${1:-200}
RANDOM=${2:-7}
fascicle=$PWD/.build/release/fascicle
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export FASCICLE_CACHE=off

run=(train --quiet network.layers.0.dense=300 training.epochs=40 training.earlyStopping.patience=40
  training.average=exponential)
kept=(checkpoint.folder=kept checkpoint.everySteps=15 --resume auto --output out)

sha() { awk '/^weights/ { print $3 }' "$1"; }

"$fascicle" "${run[@]}" --workers 2 > whole.txt
expected=$(sha whole.txt)
begin=$(date +%s%N)
"$fascicle" "${run[@]}" --workers 2 checkpoint.folder=first checkpoint.everySteps=15 > /dev/null
milliseconds=$((($(date +%s%N) - begin) / 1000000))

done_kills=0 others=0 ends=0 bad=0 attempts=0
while [ "$done_kills" -lt "$kills" ] && [ "$attempts" -lt $((10 * kills)) ]; do
  attempts=$((attempts + 1))
  workers=2
  if [ $((attempts % 6)) = 0 ]; then workers=1; fi
  "$fascicle" "${run[@]}" "${kept[@]}" --workers $workers > end.txt 2> errors.txt &
  process=$!
  sleep "$(awk -v m=$((RANDOM % (milliseconds + 1))) 'BEGIN { print m / 1000 }')"
  status=0
  kill -9 $process 2> /dev/null || true
  wait $process 2> /dev/null || status=$?
  if [ $status = 137 ]; then
    done_kills=$((done_kills + 1))
    if [ $workers = 1 ]; then others=$((others + 1)); fi
    if grep -q 'not as it was written' errors.txt; then
      bad=$((bad + 1))
      cat errors.txt
    fi
    continue
  fi
  # It came to its end before the signal: look, and begin anew.
  ends=$((ends + 1))
  if [ $status != 0 ] || [ "$(sha end.txt)" != "$expected" ]; then
    bad=$((bad + 1))
    cat end.txt errors.txt
  fi
  rm -rf kept out
done
"$fascicle" "${run[@]}" "${kept[@]}" --workers 1 > end.txt
if [ "$(sha end.txt)" != "$expected" ]; then bad=$((bad + 1)); fi
epochs=$(grep -c '"event":"epoch"' out/metrics.jsonl)
if [ "$epochs" != 40 ]; then
  echo "the log has $epochs epochs in place of 40"
  bad=$((bad + 1))
fi
echo "$done_kills kills ($others with one worker), $((ends + 1)) runs to the end, $bad bad"
[ $bad = 0 ] && [ "$done_kills" = "$kills" ]
