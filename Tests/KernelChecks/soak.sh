#!/bin/sh
# Compares the elementary functions with the C library's in double precision, over every float: some minutes of a processor for
# each, one function on each processor at a time, whose line comes when it is done.
#
#     Tests/KernelChecks/soak.sh [stride [name]]
set -eu
. "$(dirname "$0")/toolchain.sh"

fma=""
[ "$(uname -m)" = x86_64 ] && grep -qw fma /proc/cpuinfo && fma="-mfma"  # else each multiply-add is a library call
# $flags is a list of words.
# shellcheck disable=SC2086
"$clang" $flags $fma "$checks/elementary_functions.c" -lm -o "$build/elementary_functions"
if [ $# -lt 2 ]; then
  "$build/elementary_functions" names | xargs -P "$(nproc)" -I NAME "$build/elementary_functions" "${1:-1}" NAME
else
  "$build/elementary_functions" "$1" "$2"
fi
