// The scans over text beside plain loops and strtof, on random texts of ragged sizes at ragged addresses.
//
//     text_scan_checks [thousands of cases]

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "text_scan.h"

static uint64_t random_state = 7;

/// Vigna's SplitMix64.
static uint64_t random_bits(void) {
  uint64_t z = random_state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// A whole number from `low` to `high`.
static size_t draw(size_t low, size_t high) { return low + (size_t)(random_bits() >> 33) % (high - low + 1); }

static size_t failures;
/// Of all that the scans answered: the same on every machine.
static uint64_t digest = 0xcbf29ce484222325u;

static void note(uint64_t answer) { digest = (digest ^ answer) * 0x100000001b3u; }

static void require(bool holds, const char *what, size_t count) {
  if (holds || failures++ > 20) return;
  printf("FAILED: %s, %zu bytes\n", what, count);
}

/// Text with many of the bytes that the scans look for, `padding` bytes of anything behind it, in memory of exactly this size
/// that begins `offset` bytes into an allocation.
static uint8_t *draw_text(size_t count, size_t padding, size_t offset) {
  static const uint8_t marks[] = {',', '\n', '\r', '"', ';', '\r', '\n'};
  uint8_t *memory = malloc(offset + count + padding);
  size_t share = draw(1, 40);
  for (size_t place = 0; place < offset + count + padding; place++) {
    memory[place] = draw(0, share) == 0 ? marks[draw(0, sizeof marks - 1)] : (uint8_t)random_bits();
  }
  return memory;
}

/// Sizes around the blocks of 16 and 64, and now and then one beyond 255 blocks of 16, where a sum of bytes would overflow.
static size_t draw_count(void) { return draw(0, 63) == 0 ? draw(4000, 9000) : draw(0, 200); }

static void check_line_ends(void) {
  size_t count = draw_count(), offset = draw(0, 15), plain = 0;
  uint8_t *memory = draw_text(count, 1, offset), *bytes = memory + offset;
  if (draw(0, 7) == 0) memset(bytes, draw(0, 1) ? '\n' : '\r', count);
  for (size_t place = 0; place < count; place++) {
    plain += bytes[place] == '\n' || (bytes[place] == '\r' && bytes[place + 1] != '\n');
  }
  size_t found = text_scan_line_ends(bytes, count);
  require(found == plain, "line ends", count);
  note(found);
  free(memory);
}

static void check_separators(void) {
  size_t count = draw_count(), offset = draw(0, 15), plain = 0;
  uint8_t *memory = draw_text(count, TEXT_SCAN_PADDING, offset), *bytes = memory + offset;
  uint8_t delimiter = draw(0, 3) == 0 ? (uint8_t)random_bits() : ',';
  if (draw(0, 15) == 0) memset(bytes, delimiter, count);
  uint32_t *positions = malloc((count + 8) * sizeof *positions);
  size_t found = text_scan_separators(bytes, count, delimiter, positions);
  for (size_t place = 0; place < count; place++) {
    if (bytes[place] != delimiter && bytes[place] != '\n' && bytes[place] != '\r') continue;
    if (plain < found) require(positions[plain] == place, "the position of a separator", count);
    plain++;
  }
  require(found == plain, "how many separators", count);
  note(found);
  for (size_t index = 0; index < found; index++) note(positions[index]);
  free(positions);
  free(memory);
}

static void check_distance(void) {
  size_t count = draw_count(), offset = draw(0, 15), plain = 0;
  uint8_t *memory = draw_text(count + 1, TEXT_SCAN_PADDING, offset), *bytes = memory + offset;
  uint8_t any = (uint8_t)random_bits(), other = (uint8_t)random_bits();
  const uint8_t marks[3] = {any, draw(0, 1) ? ',' : other, '\n'};
  bytes[count] = marks[draw(0, 2)];
  while (bytes[plain] != marks[0] && bytes[plain] != marks[1] && bytes[plain] != marks[2]) plain++;
  size_t found = text_scan_distance(bytes, marks[0], marks[1], marks[2]);
  require(found == plain, "the distance to a mark", count);
  note(found);
  free(memory);
}

/// How many bytes the number at the beginning of a text takes; 0 where none stands there.
static size_t plain_length(const char *text) {
  const char *place = text + (*text == '-' || *text == '+');
  size_t digits = 0;
  for (; *place >= '0' && *place <= '9'; place++) digits++;
  if (*place == '.') {
    for (place++; *place >= '0' && *place <= '9'; place++) digits++;
  }
  if (digits == 0) return 0;
  if (*place == 'e' || *place == 'E') {
    const char *power = place + 1 + (place[1] == '-' || place[1] == '+');
    if (*power >= '0' && *power <= '9') {
      for (place = power; *place >= '0' && *place <= '9';) place++;
    }
  }
  return (size_t)(place - text);
}

static char *append_digits(char *end, size_t most) {
  for (size_t count = draw(0, most); count > 0; count--) *end++ = (char)draw('0', '9');
  return end;
}

/// A number as near to the middle between two floats as nineteen digits bring it, where rounding twice goes wrong.
static size_t draw_middle(char *text) {
  double mantissa = 0x1p23 + (double)draw(0, 0x7fffff) + 0.5;
  int power = (int)draw(0, 100) - 50;
  double middle = power < 0 ? mantissa / (double)((uint64_t)1 << -power) : mantissa * (double)((uint64_t)1 << power);
  return (size_t)sprintf(text, "%.18e", middle);
}

/// Mostly a number, at times one with a byte changed.
static size_t draw_number(char *text) {
  if (draw(0, 7) == 0) return draw_middle(text);
  char *end = text;
  if (draw(0, 2) == 0) *end++ = draw(0, 3) == 0 ? '+' : '-';
  end = append_digits(end, draw(0, 7) == 0 ? 30 : 9);
  if (draw(0, 3) != 0) {
    *end++ = '.';
    end = append_digits(end, draw(0, 7) == 0 ? 30 : 9);
  }
  if (draw(0, 3) == 0) {
    *end++ = draw(0, 1) ? 'e' : 'E';
    if (draw(0, 2) != 0) *end++ = draw(0, 1) ? '-' : '+';
    end = append_digits(end, draw(0, 15) == 0 ? 8 : 2);
  }
  if (end > text && draw(0, 9) == 0) {
    size_t place = draw(0, (size_t)(end - text) - 1);
    text[place] = "e+-.x 0"[draw(0, 6)];
  }
  *end = 0;
  return (size_t)(end - text);
}

static void check_number(void) {
  char text[128];
  size_t count = draw_number(text), offset = draw(0, 15), length = plain_length(text);
  uint8_t *memory = draw_text(count, TEXT_SCAN_PADDING, offset);
  memcpy(memory + offset, text, count);
  memory[offset + count] = (uint8_t)",\n\r\" ;"[draw(0, 5)];
  text_scan_number found = text_scan_read_number(memory + offset);
  require((found.status == text_scan_no_number) == (length == 0), text, count);
  note(found.status);
  if (length > 0) {
    require(found.length == length, text, count);
    note(found.length);
  }
  if (found.status == text_scan_nearest) {
    text[length] = 0;
    float nearest = strtof(text, NULL);
    require(memcmp(&nearest, &found.value, sizeof nearest) == 0, text, count);
    uint32_t bits;
    memcpy(&bits, &found.value, sizeof bits);
    note(bits);
  }
  free(memory);
}

int main(int argument_count, char **arguments) {
  size_t cases = 1000 * (argument_count > 1 ? strtoul(arguments[1], NULL, 10) : 60);
  for (size_t index = 0; index < cases; index++) {
    check_line_ends();
    check_separators();
    check_distance();
    check_number();
  }
  printf("text scans: %zu cases of each, %zu failures, digest %016llx\n", cases, failures, (unsigned long long)digest);
  return failures > 0;
}
