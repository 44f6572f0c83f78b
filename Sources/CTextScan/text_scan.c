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

#if defined(__x86_64__) || defined(__aarch64__)
#define TEXT_SCAN_BLOCKS

/// A bit for each of sixteen bytes that is all ones rather than zero, the first lowest.
static uint64_t bits_of(text_scan_bytes mask) {
#if defined(__x86_64__)
  typedef char signed_bytes __attribute__((vector_size(16)));
  return (uint32_t)__builtin_ia32_pmovmskb128((signed_bytes)mask);
#else
  uint64_t halves[2];
  memcpy(halves, &mask, sizeof halves);
  // Each byte keeps a bit of its own, and the product has the sum of all in its highest byte.
  for (int half = 0; half < 2; half++) halves[half] = ((halves[half] & 0x8040201008040201) * 0x0101010101010101) >> 56;
  return halves[0] | halves[1] << 8;
#endif
}

/// A bit for each of 64 bytes that is one of three, the first lowest.
static inline __attribute__((always_inline)) uint64_t bits_where(const uint8_t *bytes, uint8_t a, uint8_t b, uint8_t c) {
  uint64_t bits = 0;
  for (int part = 0; part < 4; part++) {
    text_scan_bytes loaded = text_scan_load(bytes + 16 * part);
    bits |= bits_of((text_scan_bytes)((loaded == a) | (loaded == b) | (loaded == c))) << (16 * part);
  }
  return bits;
}
#endif

size_t text_scan_separators(const uint8_t *bytes, size_t count, uint8_t delimiter, uint32_t *positions) {
  uint32_t *next = positions;
  size_t position = 0;
#ifdef TEXT_SCAN_BLOCKS
  for (; position < count; position += 64) {
    uint64_t bits = bits_where(bytes + position, delimiter, '\n', '\r');
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

/// Walks over one byte, the definition of what the blocks do.
static inline void step(uint8_t byte, size_t position, uint8_t delimiter, text_scan_walk *walk) {
  if (walk->place == text_scan_in_quotes) {
    if (byte == '"') walk->place = text_scan_behind_quote;
  } else if (byte == '"' && walk->place != text_scan_in_plain) {
    walk->place = text_scan_in_quotes;
  } else {
    int ends_line = byte == '\n' || byte == '\r';
    if (ends_line) walk->line_end = position;
    walk->place = ends_line || byte == delimiter ? text_scan_at_field : text_scan_in_plain;
  }
}

#ifdef TEXT_SCAN_BLOCKS
/// Walks over 64 bytes; 0, and nothing done, where a quote stands that opens no field.
///
/// If every quote opens or closes, those before a byte are odd in number where it is between quotes.
static inline int step_block(const uint8_t *bytes, size_t position, uint8_t delimiter, text_scan_walk *walk) {
  const uint8_t *here = bytes + position;
  uint64_t quotes = bits_where(here, '"', '"', '"'), line_ends = bits_where(here, '\n', '\r', '\r');
  if (!quotes && walk->place != text_scan_in_quotes) {
    if (line_ends) walk->line_end = position + 63 - (size_t)__builtin_clzll(line_ends);
    walk->place = line_ends >> 63 || here[63] == delimiter ? text_scan_at_field : text_scan_in_plain;
    return 1;
  }
  // A bit where one stands between quotes behind the byte: the sum of all quotes up to it, modulo 2.
  uint64_t inside = quotes;
  for (int shift = 1; shift < 64; shift *= 2) inside ^= inside << shift;
  if (walk->place == text_scan_in_quotes) inside = ~inside;
  uint64_t outer = bits_where(here, delimiter, '\n', '\r') & ~inside, closing = quotes & ~inside;
  uint64_t may_open = (outer | closing) << 1 | (walk->place == text_scan_at_field || walk->place == text_scan_behind_quote);
  if (quotes & inside & ~may_open) return 0;
  line_ends &= ~inside;
  if (line_ends) walk->line_end = position + 63 - (size_t)__builtin_clzll(line_ends);
  walk->place = inside >> 63    ? text_scan_in_quotes
                : closing >> 63 ? text_scan_behind_quote
                : outer >> 63   ? text_scan_at_field
                                : text_scan_in_plain;
  return 1;
}
#endif

void text_scan_records(const uint8_t *bytes, size_t start, size_t end, uint8_t delimiter, text_scan_walk *walk) {
  size_t position = start;
  while (position < end) {
    size_t stop = end;
#ifdef TEXT_SCAN_BLOCKS
    if (end - position >= 64) {
      if (step_block(bytes, position, delimiter, walk)) {
        position += 64;
        continue;
      }
      stop = position + 64;
    }
#endif
    for (; position < stop; position++) step(bytes[position], position, delimiter, walk);
  }
}

size_t text_scan_record(const uint8_t *bytes, size_t start, size_t end, uint8_t delimiter, text_scan_walk *walk) {
  for (size_t position = start; position < end; position++) {
    step(bytes[position], position, delimiter, walk);
    if (walk->line_end == position) return position + 1;
  }
  return end;
}

/// The bytes of the character that begins here; 0 where it is none, NUL, or longer than what is left.
static inline size_t character_length(const uint8_t *bytes, size_t left) {
  uint8_t first = bytes[0];
  if (first < 0x80) return first != 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  // What is written in more bytes than it needs, surrogates, and what is beyond U+10FFFF.
  uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (bytes[1] < lowest || bytes[1] > highest) return 0;
  for (size_t place = 2; place < length; place++) {
    if ((bytes[place] & 0xc0) != 0x80) return 0;
  }
  return length;
}

#ifdef TEXT_SCAN_BLOCKS
/// The bits of 64 bytes that may follow the first of a longer character, and of those that begin one of 2, 3 and 4 bytes.
typedef struct {
  uint64_t followers, leads, longer_leads, longest_leads;
  /// NUL, bytes that no text has, and those whose followers must be looked at one by one.
  uint64_t others;
} character_bits;

static inline __attribute__((always_inline)) character_bits characters(const uint8_t *bytes) {
  character_bits found = {0, 0, 0, 0, 0};
  for (int part = 0; part < 4; part++) {
    text_scan_bytes loaded = text_scan_load(bytes + 16 * part), kind = loaded & 0xf0;
    text_scan_bytes follows = (text_scan_bytes)((loaded & 0xc0) == 0x80);
    text_scan_bytes leads = (text_scan_bytes)((loaded & 0xc0) == 0xc0);
    found.followers |= bits_of(follows) << (16 * part);
    found.leads |= bits_of(leads) << (16 * part);
    found.longer_leads |= bits_of((text_scan_bytes)((loaded & 0xe0) == 0xe0)) << (16 * part);
    found.longest_leads |= bits_of((text_scan_bytes)(kind == 0xf0)) << (16 * part);
    text_scan_bytes special = (text_scan_bytes)((loaded == 0) | ((loaded & 0xfe) == 0xc0) | (loaded == 0xe0) |
                                                (loaded == 0xed) | (loaded == 0xf0) | ((kind == 0xf0) & ~(loaded < 0xf4)));
    found.others |= bits_of(special) << (16 * part);
  }
  return found;
}

/// How many of 64 bytes are whole characters, all but the last few; 0 where they must be looked at one by one.
static inline size_t valid_block(const uint8_t *bytes) {
  character_bits found = characters(bytes);
  if (found.others) return 0;
  // The last character may go on behind the block.
  size_t whole = found.longest_leads >> 61 & 1 ? 61 : found.longer_leads >> 62 & 1 ? 62 : found.leads >> 63 ? 63 : 64;
  uint64_t kept = ~(uint64_t)0 >> (64 - whole);
  // No bit may be left of a character that goes on where the last one begins.
  uint64_t expected = (found.leads & kept) << 1 | (found.longer_leads & kept) << 2 | (found.longest_leads & kept) << 3;
  return expected == (found.followers & kept) ? whole : 0;
}
#endif

size_t text_scan_valid_length(const uint8_t *bytes, size_t count) {
  size_t position = 0;
  while (position < count) {
#ifdef TEXT_SCAN_BLOCKS
    if (count - position >= 64) {
      const uint8_t *here = bytes + position;
      text_scan_bytes parts[4];
      for (int part = 0; part < 4; part++) parts[part] = text_scan_load(here + 16 * part);
      text_scan_bytes any = (text_scan_bytes)((parts[0] | parts[1] | parts[2] | parts[3]) >= 0x80);
      text_scan_bytes zero = (text_scan_bytes)((parts[0] == 0) | (parts[1] == 0) | (parts[2] == 0) | (parts[3] == 0));
      size_t whole = text_scan_first(any | zero) == 16 ? 64 : valid_block(here);
      if (whole > 0) {
        position += whole;
        continue;
      }
    }
    // One by one, as far as a block.
    size_t stop = count - position > 64 ? position + 64 : count;
#else
    size_t stop = count;
#endif
    while (position < stop) {
      size_t length = character_length(bytes + position, count - position);
      if (length == 0) return position;
      position += length;
    }
  }
  return position;
}

size_t text_scan_single_quotes(const uint8_t *bytes, size_t count, uint8_t *target) {
  uint8_t *next = target;
  size_t position = 0;
  while (position < count) {
#if defined(__x86_64__) || defined(__aarch64__)
    text_scan_bytes loaded = text_scan_load(bytes + position);
    memcpy(next, &loaded, sizeof loaded);
    size_t first = text_scan_first((text_scan_bytes)(loaded == '"'));
    size_t taken = first < 16 ? first + 1 : 16, left = count - position;
    next += taken < left ? taken : left;
    position += first < 16 ? first + 2 : 16;
#else
    *next++ = bytes[position];
    position += bytes[position] == '"' ? 2 : 1;
#endif
  }
  return (size_t)(next - target);
}
