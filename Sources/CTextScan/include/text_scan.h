#ifndef FASCICLE_TEXT_SCAN_H
#define FASCICLE_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Scans over text, sixteen bytes at a time where the machine compares so many at once (every x86-64 and every arm64 does),
// one by one elsewhere. They are here to be compiled into the loops that call them.

/// Bytes behind the end of a text that the scans may read, whatever they hold.
#define TEXT_SCAN_PADDING 64

#define TEXT_SCAN_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) || defined(__aarch64__)
typedef uint8_t text_scan_bytes __attribute__((vector_size(16)));

TEXT_SCAN_INLINE text_scan_bytes text_scan_load(const uint8_t *bytes) {
  text_scan_bytes loaded;
  memcpy(&loaded, bytes, sizeof loaded);
  return loaded;
}

/// The first of the sixteen bytes whose mask is set; 16 where none is.
TEXT_SCAN_INLINE size_t text_scan_first(text_scan_bytes mask) {
#if defined(__x86_64__)
  typedef char signed_bytes __attribute__((vector_size(16)));
  uint32_t bits = (uint32_t)__builtin_ia32_pmovmskb128((signed_bytes)mask);
  return bits ? (size_t)__builtin_ctz(bits) : 16;
#else
  uint64_t halves[2];
  memcpy(halves, &mask, sizeof halves);
  if (halves[0]) return (size_t)__builtin_ctzll(halves[0]) >> 3;
  return halves[1] ? 8 + ((size_t)__builtin_ctzll(halves[1]) >> 3) : 16;
#endif
}
#endif

/// The distance from `bytes` to the first byte that is `a`, `b` or `c`.
///
/// Require: one of them comes; `TEXT_SCAN_PADDING` bytes behind it are readable.
TEXT_SCAN_INLINE size_t text_scan_distance(const uint8_t *bytes, uint8_t a, uint8_t b, uint8_t c) {
  size_t position = 0;
#if defined(__x86_64__) || defined(__aarch64__)
  for (;; position += 16) {
    text_scan_bytes loaded = text_scan_load(bytes + position);
    size_t first = text_scan_first((text_scan_bytes)((loaded == a) | (loaded == b) | (loaded == c)));
    if (first < 16) return position + first;
  }
#else
  while (bytes[position] != a && bytes[position] != b && bytes[position] != c) position++;
  return position;
#endif
}

/// Copies `count` bytes, of each quote and the byte behind it the quote alone, and returns how many were copied.
///
/// Require: `TEXT_SCAN_PADDING` bytes behind the last are readable, and `target` has room for as many more than `count`.
size_t text_scan_single_quotes(const uint8_t *bytes, size_t count, uint8_t *target);

/// How many bytes from the first on are whole characters of UTF-8 other than NUL: `count` where all are.
///
/// Source: The Unicode Standard, table 3-7, Well-formed UTF-8 byte sequences.
size_t text_scan_valid_length(const uint8_t *bytes, size_t count);

/// How many lines end among `count` bytes: line feeds, and carriage returns that no line feed follows.
///
/// Require: `bytes[count]` is readable; it tells what follows the last.
size_t text_scan_line_ends(const uint8_t *bytes, size_t count);

/// Writes where the delimiter, line feeds and carriage returns are among `count` bytes, in order, and returns how many.
///
/// Knowing where fields end before they are looked at lets a core work on several at once.
/// Require: `positions` has room for `count` + 8; `count` < 2³²; `TEXT_SCAN_PADDING` bytes behind the last are readable.
size_t text_scan_separators(const uint8_t *bytes, size_t count, uint8_t delimiter, uint32_t *positions);

/// Where a walk over records stands between two bytes.
typedef enum {
  /// A field begins here.
  text_scan_at_field,
  /// In a field without quotes, or behind one with them: a quote is a character like others.
  text_scan_in_plain,
  /// Between quotes.
  text_scan_in_quotes,
  /// Behind a quote that ends the field unless another follows at once.
  text_scan_behind_quote,
} text_scan_place;

typedef struct {
  text_scan_place place;
  /// The last line feed or carriage return that is not between quotes; `SIZE_MAX` before there was one.
  size_t line_end;
} text_scan_walk;

/// Walks over the bytes `start` ..< `end` of a text; a quote opens a field only where one begins.
///
/// Require: `TEXT_SCAN_PADDING` bytes behind the last are readable.
void text_scan_records(const uint8_t *bytes, size_t start, size_t end, uint8_t delimiter, text_scan_walk *walk);

/// Walks on until a line feed or carriage return that is not between quotes was passed over, or to `end`; returns where it stands.
size_t text_scan_record(const uint8_t *bytes, size_t start, size_t end, uint8_t delimiter, text_scan_walk *walk);

/// A text to be looked up: one of up to sixteen bytes as such, with zeros behind it; of a longer one a hash.
typedef struct {
  uint64_t low, high;
} text_scan_key;

/// What is drawn anew in every process, so that nobody can choose texts of the same hash.
typedef struct {
  uint64_t first, second;
} text_scan_seed;

TEXT_SCAN_INLINE text_scan_key text_scan_load_key(const uint8_t *bytes) {
  text_scan_key key;
  memcpy(&key, bytes, sizeof key);
  return key;
}

/// Both halves of a product of 128 bits, one laid over the other.
TEXT_SCAN_INLINE uint64_t text_scan_fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
  uint64_t low = (a & 0xffffffff) * (b & 0xffffffff), high = (a >> 32) * (b >> 32);
  uint64_t cross = (a >> 32) * (b & 0xffffffff) + (low >> 32), other = (a & 0xffffffff) * (b >> 32) + (cross & 0xffffffff);
  return ((other << 32) | (low & 0xffffffff)) ^ (high + (cross >> 32) + (other >> 32));
#endif
}

/// The key of up to sixteen bytes.
///
/// Require: sixteen bytes from the first on are readable.
TEXT_SCAN_INLINE text_scan_key text_scan_short_key(const uint8_t *bytes, size_t count) {
  static const uint8_t window[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  text_scan_key key = text_scan_load_key(bytes), mask = text_scan_load_key(window + 16 - count);
  return (text_scan_key){key.low & mask.low, key.high & mask.high};
}

/// The key of more than sixteen bytes: their hash.
///
/// Source: the folded products of Wang Yi's wyhash, https://github.com/wangyi-fudan/wyhash.
TEXT_SCAN_INLINE text_scan_key text_scan_long_key(const uint8_t *bytes, size_t count, text_scan_seed seed) {
  uint64_t hash = seed.first ^ count;
  for (size_t position = 0; position < count - 16; position += 16) {
    text_scan_key part = text_scan_load_key(bytes + position);
    hash = text_scan_fold(part.low ^ seed.second, part.high ^ hash);
  }
  // The last sixteen, of which some came before.
  text_scan_key part = text_scan_load_key(bytes + count - 16);
  return (text_scan_key){text_scan_fold(part.low ^ seed.second, part.high ^ hash), 0};
}

/// The hash of a key.
TEXT_SCAN_INLINE uint64_t text_scan_hash(text_scan_key key, size_t count, text_scan_seed seed) {
  return text_scan_fold(key.low ^ seed.first, key.high ^ seed.second ^ count);
}

/// How a number was read.
typedef enum {
  /// Something else stands there.
  text_scan_no_number,
  /// The value is the nearest float.
  text_scan_nearest,
  /// A number stands there, but which float is nearest must be found out in another way.
  text_scan_hard,
} text_scan_status;

typedef struct {
  /// The nearest float, with its sign; 0 unless the status is `text_scan_nearest`.
  float value;
  text_scan_status status;
  /// How many bytes the number takes.
  size_t length;
} text_scan_number;

/// 10 to the power of −80 to 80, each the nearest double.
extern const double text_scan_powers[161];

/// The digits of eight bytes from the first on as a number; `digits` has values, not characters, the first in the lowest byte.
///
/// Source: Lemire (2018), Quickly parsing eight digits, https://lemire.me/blog/2018/10/03/quickly-parsing-eight-digits/.
TEXT_SCAN_INLINE uint64_t text_scan_eight_digits(uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  return (((digits & 0x000000ff000000ff) * 0x000f424000000064) + (((digits >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >>
         32;
}

/// Appends the digits at `*place` to a significand, which overflows beyond nineteen, and steps behind them.
TEXT_SCAN_INLINE size_t text_scan_take_digits(const uint8_t **place, uint64_t *significand) {
  static const uint64_t tens[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  const uint8_t *start = *place;
  for (;;) {
    uint64_t word;
    memcpy(&word, *place, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    // A digit's value is 0 to 9; adding 0x76 sets the highest bit of anything larger.
    word ^= 0x3030303030303030;
    uint64_t others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
    if (others) {
      unsigned bits = (unsigned)__builtin_ctzll(others) & 0x38;
      // Shifted twice, for nothing may be shifted by 64.
      *significand = *significand * tens[bits >> 3] + text_scan_eight_digits(word << (56 - bits) << 8);
      *place += bits >> 3;
      return (size_t)(*place - start);
    }
    *significand = *significand * 100000000 + text_scan_eight_digits(word);
    *place += 8;
  }
}

/// Reads the number that begins at `bytes`: `[+-] digits [. digits] [e [+-] digits]`, with a digit before or behind the point.
///
/// Require: `TEXT_SCAN_PADDING` bytes behind it are readable, and the byte behind the text belongs to no number.
/// Numerics: up to nineteen digits are one whole number; as a double it is rounded once, the power of ten once and their product
/// once, which is within three units in the last place of double. Unless the middle between two floats lies as near as that,
/// rounding the product gives the nearest float, ties included; otherwise the status is `text_scan_hard`, as for more digits and
/// for what is subnormal or too large.
TEXT_SCAN_INLINE text_scan_number text_scan_read_number(const uint8_t *bytes) {
  const uint8_t *place = bytes;
  uint32_t is_negative = *place == '-';
  place += is_negative | (*place == '+');
  uint64_t significand = 0;
  size_t digit_count = text_scan_take_digits(&place, &significand);
  int64_t exponent = 0;
  if (*place == '.') {
    place++;
    size_t fraction_count = text_scan_take_digits(&place, &significand);
    digit_count += fraction_count;
    exponent = -(int64_t)fraction_count;
  }
  text_scan_number number = {0, text_scan_no_number, 0};
  if (digit_count == 0) return number;
  if ((*place | 0x20) == 'e') {
    const uint8_t *digits = place + 1;
    int is_divisor = *digits == '-';
    if (is_divisor || *digits == '+') digits++;
    // Without a digit behind it the letter belongs to no number.
    if ((uint8_t)(*digits - '0') <= 9) {
      int64_t power = 0;
      for (; (uint8_t)(*digits - '0') <= 9; digits++) {
        if (power < 100000) power = power * 10 + (*digits - '0');
      }
      exponent += is_divisor ? -power : power;
      place = digits;
    }
  }
  number.length = (size_t)(place - bytes);
  number.status = text_scan_hard;
  if (digit_count > 19 || significand >> 63) return number;
  float magnitude;
  if (exponent == 0 || significand == 0) {
    magnitude = (float)(int64_t)significand;
  } else {
    if (exponent < -80 || exponent > 80) return number;
    double value = (double)(int64_t)significand * text_scan_powers[exponent + 80];
    // Subnormal floats and those beyond the range are rounded elsewhere.
    if (!(value >= 0x1p-126 && value < 0x1.fffffep127)) return number;
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int64_t from_middle = (bits & 0x1fffffff) - 0x10000000;
    if (from_middle >= -4 && from_middle <= 4) return number;
    magnitude = (float)value;
  }
  uint32_t sign;
  memcpy(&sign, &magnitude, sizeof sign);
  sign |= is_negative << 31;
  memcpy(&number.value, &sign, sizeof sign);
  number.status = text_scan_nearest;
  return number;
}

#endif
