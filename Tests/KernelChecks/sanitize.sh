#!/bin/sh
# Builds the kernel checks with the address and undefined-behaviour sanitizers and runs every table of this machine.
#
#     Tests/KernelChecks/sanitize.sh [cases per kernel]
set -eu
. "$(dirname "$0")/toolchain.sh"

# $sources and $flags are lists of words.
# shellcheck disable=SC2086
for program in kernel_checks bfloat16_checks; do
  "$clang" $flags -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
    $sources "$checks/$program.c" -lm -o "$build/$program"
  "$build/$program" "${1:-60}"
done
# shellcheck disable=SC2086
"$clang" $flags "$checks/elementary_functions.c" -lm -o "$build/elementary_functions"
"$build/elementary_functions"
echo "sanitize: clean"
