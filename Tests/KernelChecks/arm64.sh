#!/bin/sh
# Cross-compiles the kernel checks for arm64, runs them in an emulator and compares their digest with this machine's.
#
#     Tests/KernelChecks/arm64.sh [cases per kernel]
#
# On an arm64 machine sanitize.sh runs the NEON table natively; this script is for the others.
set -eu
. "$(dirname "$0")/toolchain.sh"

emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
printf '#include <math.h>\nint main(void) { return 0; }\n' >"$build/probe.c"
arm64_flags="--target=aarch64-linux-gnu -static"
# $sources and the flags are lists of words.
# shellcheck disable=SC2086
if [ -z "$emulator" ] || ! "$clang" $flags $arm64_flags "$build/probe.c" -lm -o "$build/probe" 2>/dev/null; then
  echo "arm64 checks need an emulator and a C library for arm64; on Debian:" >&2
  echo "  apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user" >&2
  exit 2
fi

# Runs "$@" into a file beside the build and shows it; a failure ends the script.
run_checks() {
  output=$1
  shift
  "$@" >"$output" || { cat "$output" && echo "arm64: the checks failed" >&2 && exit 1; }
  cat "$output"
}

cases=${1:-20}
for program in kernel_checks bfloat16_checks; do
  # shellcheck disable=SC2086
  "$clang" $flags $arm64_flags $sources "$checks/$program.c" -lm -o "$build/arm64"
  run_checks "$build/arm64.txt" "$emulator" "$build/arm64" "$cases"
  # shellcheck disable=SC2086
  "$clang" $flags $sources "$checks/$program.c" -lm -o "$build/here"
  run_checks "$build/here.txt" "$build/here" "$cases"

  # With subnormals flushed the processors differ: x86-64 judges a result after rounding it, arm64 before.
  digests=$(sed -n 's/.*subnormals kept.*digest //p' "$build/arm64.txt" "$build/here.txt" | sort -u | wc -l)
  if [ "$digests" -ne 1 ]; then
    echo "arm64: the reference gives other bits than on this machine ($program)" >&2
    exit 1
  fi
done

# shellcheck disable=SC2086
"$clang" $flags $arm64_flags -I "$text_scan/include" "$text_scan/text_scan.c" "$checks/text_scan_checks.c" -lm \
  -o "$build/arm64"
run_checks "$build/arm64.txt" "$emulator" "$build/arm64" "$cases"
# shellcheck disable=SC2086
"$clang" $flags -I "$text_scan/include" "$text_scan/text_scan.c" "$checks/text_scan_checks.c" -lm -o "$build/here"
run_checks "$build/here.txt" "$build/here" "$cases"
cmp -s "$build/arm64.txt" "$build/here.txt" || {
  echo "arm64: the scans over text answer otherwise than on this machine" >&2
  exit 1
}
echo "arm64: same bits as here"
