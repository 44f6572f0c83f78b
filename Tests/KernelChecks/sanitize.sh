#!/bin/sh
# Builds the kernel checks with the address and undefined-behaviour sanitizers and runs every table of this machine.
#
#     Tests/KernelChecks/sanitize.sh [cases per kernel]
set -eu
. "$(dirname "$0")/toolchain.sh"

# $sources and $flags are lists of words.
# shellcheck disable=SC2086
"$clang" $flags -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
  $sources "$checks/kernel_checks.c" -lm -o "$build/kernel_checks"
"$build/kernel_checks" "${1:-60}"
# shellcheck disable=SC2086
"$clang" $flags "$checks/elementary_functions.c" -lm -o "$build/elementary_functions"
"$build/elementary_functions"
echo "sanitize: clean"
