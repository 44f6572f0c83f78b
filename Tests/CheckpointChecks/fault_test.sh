#!/usr/bin/env bash
# Spoils each call by which a run keeps its state, in every way, one at a time; what is kept must always be whole.
#
#   fault_test.sh [STRIDE]     every call, or every STRIDE-th
#
# A killed run is gone on with at another number of workers and must end in the weights of one that nothing happened to. A
# run whose call was refused must end in them by itself, or with a sentence; and so must one that goes on from what it kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
stride=${1:-1}
fascicle=$PWD/.build/release/fascicle
source=$PWD/Tests/CheckpointChecks/fault.c
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export FASCICLE_CACHE=off
cc -O1 -Wall -Wextra -Werror -shared -fPIC -o fault.so "$source" -ldl

run=(train --quiet network.layers.0.dense=200 training.epochs=3 checkpoint.folder=kept checkpoint.everySteps=15
  checkpoint.keepLast=1 --resume auto)
spoiled=(env LD_PRELOAD="$PWD/fault.so" FAULT_FOLDER=kept)
sha() { awk '/^weights/ { print $3 }' "$1"; }

"${spoiled[@]}" FAULT_LOG=calls.txt "$fascicle" "${run[@]}" --workers 2 > end.txt
expected=$(sha end.txt)
count=$(wc -l < calls.txt)
echo "$count calls keep the state of a run:" $(sort calls.txt | uniq -c | sort -rn | awk '{ print $1, $2 }' | paste -sd, | sed 's/,/, /g')

faults=0 kills=0 bad=0
complain() {
  bad=$((bad + 1))
  echo "call $number $what: $1"
  cat end.txt errors.txt
}

goes_on() {
  "$fascicle" "${run[@]}" --workers "$1" > end.txt 2> errors.txt || complain "the next run failed"
  if grep -q 'not as it was written' errors.txt; then complain "a damaged state is kept"; fi
  if [ "$(sha end.txt)" != "$expected" ]; then complain "the next run ends in other weights"; fi
}

# EIO, ENOSPC, EINTR
for what in before after half short 5 28 4; do
  for ((number = 1; number <= count; number += stride)); do
    rm -rf kept
    status=0
    "${spoiled[@]}" FAULT="$number:$what" "$fascicle" "${run[@]}" --workers 2 > end.txt 2> errors.txt || status=$?
    faults=$((faults + 1))
    case $status in
      0) if [ "$(sha end.txt)" != "$expected" ]; then complain "other weights"; fi ;;
      137) kills=$((kills + 1)) ;;
      *) if [ $status -gt 128 ] || ! grep -q '^error: ' errors.txt; then complain "ended with status $status"; fi ;;
    esac
    goes_on $((1 + number % 2))
  done
done 2> killed.txt
echo "$faults faults, $kills of them kills, $bad bad"
[ $bad = 0 ] && [ $kills -gt 0 ]
