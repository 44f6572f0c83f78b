#include "text_scan.h"

const double text_scan_powers[161] = {
    1e-80, 1e-79, 1e-78, 1e-77, 1e-76, 1e-75, 1e-74, 1e-73, 1e-72, 1e-71, 1e-70, 1e-69, 1e-68, 1e-67, 1e-66, 1e-65,
    1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49,
    1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33,
    1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17,
    1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1,
    1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39, 1e40,
    1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47, 1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59,
    1e60, 1e61, 1e62, 1e63, 1e64, 1e65, 1e66, 1e67, 1e68, 1e69, 1e70, 1e71, 1e72, 1e73, 1e74, 1e75, 1e76, 1e77, 1e78,
    1e79, 1e80,
};

#if defined(__x86_64__) || defined(__aarch64__)
/// Blocks of sixteen bytes after which a sum of eight bits could overflow.
enum { blocks_of_sum = 255 };

static size_t sum(text_scan_bytes counts) {
  size_t total = 0;
  for (int lane = 0; lane < 16; lane++) total += counts[lane];
  return total;
}
#endif

size_t text_scan_line_ends(const uint8_t *bytes, size_t count) {
  size_t total = 0, position = 0;
#if defined(__x86_64__) || defined(__aarch64__)
  while (count - position >= 16) {
    text_scan_bytes counts = {0};
    for (int block = 0; block < blocks_of_sum && count - position >= 16; block++, position += 16) {
      text_scan_bytes here = text_scan_load(bytes + position), next = text_scan_load(bytes + position + 1);
      // A mask is all ones, which is −1.
      counts -= (text_scan_bytes)((here == '\n') | ((here == '\r') & ~(next == '\n')));
    }
    total += sum(counts);
  }
#endif
  for (; position < count; position++) {
    total += bytes[position] == '\n' || (bytes[position] == '\r' && bytes[position + 1] != '\n');
  }
  return total;
}

#if defined(__x86_64__)
/// A bit for each of 64 bytes that separates, the first lowest.
static uint64_t separators(const uint8_t *bytes, uint8_t delimiter) {
  typedef char signed_bytes __attribute__((vector_size(16)));
  uint64_t bits = 0;
  for (int part = 0; part < 4; part++) {
    text_scan_bytes loaded = text_scan_load(bytes + 16 * part);
    text_scan_bytes mask = (text_scan_bytes)((loaded == delimiter) | (loaded == '\n') | (loaded == '\r'));
    bits |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb128((signed_bytes)mask) << (16 * part);
  }
  return bits;
}
#endif

size_t text_scan_separators(const uint8_t *bytes, size_t count, uint8_t delimiter, uint32_t *positions) {
  uint32_t *next = positions;
  size_t position = 0;
#if defined(__x86_64__)
  for (; position < count; position += 64) {
    uint64_t bits = separators(bytes + position, delimiter);
    if (count - position < 64) bits &= ((uint64_t)1 << (count - position)) - 1;
    size_t found = (size_t)__builtin_popcountll(bits);
    // Eight at once, whether there are so many or not: a branch for each would be guessed wrong in every block.
    for (size_t first = 0; first < found; first += 8) {
      for (size_t place = 0; place < 8; place++) {
        next[first + place] = (uint32_t)position + (uint32_t)__builtin_ctzll(bits | (uint64_t)1 << 63);
        bits &= bits - 1;
      }
    }
    next += found;
  }
#else
  for (; position < count; position++) {
    if (bytes[position] == delimiter || bytes[position] == '\n' || bytes[position] == '\r') *next++ = (uint32_t)position;
  }
#endif
  return (size_t)(next - positions);
}
