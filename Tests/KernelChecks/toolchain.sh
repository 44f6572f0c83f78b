# Sourced by the scripts beside it: where things are, and the C compiler of the Swift toolchain that builds the package.

checks=$(cd "$(dirname "$0")" && pwd)
kernels=$(cd "$checks/../../Sources/CNeuronKernels" && pwd)
# Like the package's own build of C (`cLanguageStandard: .gnu17`), with every warning an error.
flags="-std=gnu17 -O2 -Wall -Wextra -Werror -I $kernels/include -I $kernels -fuse-ld=lld"
text_scan=$(cd "$checks/../../Sources/CTextScan" && pwd)
sources=$(find "$kernels" -name '*.c' | sort)

if command -v swift >/dev/null && [ -x "$(dirname "$(readlink -f "$(command -v swift)")")/clang" ]; then
  clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
elif command -v clang >/dev/null; then
  clang=clang
else
  echo "no clang found: put a Swift toolchain or clang on PATH" >&2
  exit 2
fi

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
