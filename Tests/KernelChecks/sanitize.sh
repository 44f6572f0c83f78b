#!/bin/sh
# Builds the kernel checks with the address and undefined-behaviour sanitizers and runs every table of this machine.
#
#     Tests/KernelChecks/sanitize.sh [cases per kernel]
set -eu
. "$(dirname "$0")/toolchain.sh"

sanitizers="-g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
compile="$clang $(echo "$flags" | sed 's/-fuse-ld=[a-z]*//') $sanitizers -c"

# The kernels are compiled once for both programs, on all processors: sanitized vector code takes its time.
# shellcheck disable=SC2086
for source in $sources "$checks/kernel_checks.c" "$checks/bfloat16_checks.c"; do
  echo "$source -o $build/$(echo "$source" | tr / _).o"
done | xargs -P "$(nproc)" -L 1 $compile

# $objects, $flags and $sanitizers are lists of words.
# shellcheck disable=SC2086
for program in kernel_checks bfloat16_checks; do
  objects=$(find "$build" -name '*.o' ! -name '*_checks.c.o')
  "$clang" $flags $sanitizers $objects "$build"/*"_$program.c.o" -lm -o "$build/$program"
done
"$build/bfloat16_checks" "${1:-60}" >"$build/bfloat16.log" 2>&1 &
"$build/kernel_checks" "${1:-60}"
wait $! || { cat "$build/bfloat16.log"; exit 1; }
cat "$build/bfloat16.log"
# shellcheck disable=SC2086
"$clang" $flags $sanitizers -I "$text_scan/include" "$text_scan/text_scan.c" "$checks/text_scan_checks.c" -lm \
  -o "$build/text_scan_checks"
"$build/text_scan_checks" "${1:-60}"
# shellcheck disable=SC2086
"$clang" $flags "$checks/elementary_functions.c" -lm -o "$build/elementary_functions"
"$build/elementary_functions"
echo "sanitize: clean"
