// The scans over text beside plain loops and strtof, on random texts of ragged sizes at ragged addresses.
//
//     text_scan_checks [thousands of cases]

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "random_draws.h"
#include "text_scan.h"

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

static void check_single_quotes(void) {
  size_t count = draw_count(), offset = draw(0, 15), plain = 0;
  uint8_t *memory = draw_text(count, TEXT_SCAN_PADDING, offset), *bytes = memory + offset;
  if (draw(0, 7) == 0) memset(bytes, '"', count);
  uint8_t *expected = malloc(count + 1), *target = malloc(count + TEXT_SCAN_PADDING);
  for (size_t place = 0; place < count; place += bytes[place] == '"' ? 2 : 1) expected[plain++] = bytes[place];
  size_t found = text_scan_single_quotes(bytes, count, target);
  require(found == plain && memcmp(target, expected, plain) == 0, "doubled quotes made single", count);
  for (size_t place = 0; place < found; place++) note(target[place]);
  free(target);
  free(expected);
  free(memory);
}

/// Writes a character of UTF-8 as a code point of 1 to 4 bytes, which may be one that is none, and returns how many.
static size_t draw_character(uint8_t *target) {
  static const uint32_t edges[] = {0x7f,   0x80,   0x7ff,  0x800,   0xd7ff,   0xd800,
                                   0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000};
  uint32_t point = draw(0, 3) == 0 ? edges[draw(0, 11)] : (uint32_t)draw(1, draw(0, 1) ? 0x7f : 0x10ffff);
  size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  // Now and then in more bytes than it needs.
  if (length < 4 && draw(0, 99) == 0) length++;
  if (length == 1) {
    target[0] = (uint8_t)point;
    return 1;
  }
  for (size_t place = length - 1; place > 0; place--, point >>= 6) target[place] = (uint8_t)(0x80 | (point & 0x3f));
  target[0] = (uint8_t)((0xf00 >> length & 0xff) | point);
  return length;
}

/// The length of the character at the beginning of a text by its code point; 0 where there is none.
static size_t plain_character(const uint8_t *bytes, size_t left) {
  uint8_t first = bytes[0];
  size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (length == 0 || length > left) return 0;
  uint32_t point = length == 1 ? first : first & (0x7f >> length);
  for (size_t place = 1; place < length; place++) {
    if (bytes[place] >> 6 != 2) return 0;
    point = point << 6 | (bytes[place] & 0x3f);
  }
  static const uint32_t least[] = {1, 0x80, 0x800, 0x10000};
  bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < least[length - 1] || point > 0x10ffff || is_surrogate ? 0 : length;
}

static void check_valid_length(void) {
  size_t count = 0, wanted = draw_count(), offset = draw(0, 15), plain = 0;
  uint8_t *drawn = malloc(wanted + 8);
  size_t ascii = draw(0, 3);
  while (count < wanted) {
    if (draw(0, 3) < ascii) drawn[count++] = (uint8_t)draw(1, 0x7f);
    else count += draw_character(drawn + count);
  }
  if (count > 0 && draw(0, 3) == 0) drawn[draw(0, count - 1)] = (uint8_t)random_bits();
  if (count > 0 && draw(0, 3) == 0) count = draw(0, count);
  // Nothing behind the last byte: these scans read no padding.
  uint8_t *memory = malloc(offset + count), *bytes = memory + offset;
  memcpy(bytes, drawn, count);
  for (size_t length; plain < count && (length = plain_character(bytes + plain, count - plain)) > 0;) plain += length;
  size_t found = text_scan_valid_length(bytes, count);
  require(found == plain, "whole characters", count);
  note(found);
  free(memory);
  free(drawn);
}

/// The definition of a walk over records, byte by byte.
static void plain_walk(const uint8_t *bytes, size_t start, size_t end, uint8_t delimiter, text_scan_walk *walk) {
  for (size_t place = start; place < end; place++) {
    bool is_quote = bytes[place] == '"', is_end = bytes[place] == '\n' || bytes[place] == '\r';
    switch (walk->place) {
    case text_scan_in_quotes:
      if (is_quote) walk->place = text_scan_behind_quote;
      continue;
    case text_scan_at_field:
    case text_scan_behind_quote:
      if (is_quote) {
        walk->place = text_scan_in_quotes;
        continue;
      }
      break;
    case text_scan_in_plain: break;
    }
    if (is_end) walk->line_end = place;
    walk->place = is_end || bytes[place] == delimiter ? text_scan_at_field : text_scan_in_plain;
  }
}

/// Text of fields, most of whose quotes open and close them, as tables have it.
static void draw_fields(uint8_t *bytes, size_t count) {
  for (size_t place = 0; place < count;) {
    bool is_quoted = draw(0, 1);
    size_t end = place + draw(0, 20);
    if (is_quoted) bytes[place++] = '"';
    for (; place < count && place < end; place++) bytes[place] = draw(0, 9) ? 'a' : (uint8_t)"\",\n\r"[draw(0, 3)];
    if (is_quoted && place < count) bytes[place++] = '"';
    if (place < count) bytes[place++] = draw(0, 4) ? ',' : '\n';
  }
}

static void check_records(void) {
  size_t count = draw_count(), offset = draw(0, 15), middle = draw(0, count);
  uint8_t *memory = draw_text(count, TEXT_SCAN_PADDING, offset), *bytes = memory + offset;
  if (draw(0, 1)) draw_fields(bytes, count);
  text_scan_walk walk = {(text_scan_place)draw(0, 3), SIZE_MAX}, plain = walk, record = walk;
  text_scan_records(bytes, 0, middle, ',', &walk);
  text_scan_records(bytes, middle, count, ',', &walk);
  plain_walk(bytes, 0, count, ',', &plain);
  require(walk.place == plain.place && walk.line_end == plain.line_end, "a walk over records", count);
  note(walk.place);
  note(walk.line_end);
  // To its first line end: from where the walk began, byte by byte.
  text_scan_walk first = record;
  size_t end = 0;
  while (end < count && first.line_end == SIZE_MAX) {
    plain_walk(bytes, end, end + 1, ',', &first);
    end++;
  }
  require(text_scan_record(bytes, 0, count, ',', &record) == end, "the end of a record", count);
  require(record.place == first.place && record.line_end == first.line_end, "a walk over a record", count);
  free(memory);
}

int main(int argument_count, char **arguments) {
  random_state = 7;
  size_t cases = 1000 * (argument_count > 1 ? strtoul(arguments[1], NULL, 10) : 60);
  for (size_t index = 0; index < cases; index++) {
    check_line_ends();
    check_separators();
    check_distance();
    check_number();
    check_single_quotes();
    check_valid_length();
    check_records();
  }
  printf("text scans: %zu cases of each, %zu failures, digest %016llx\n", cases, failures, (unsigned long long)digest);
  return failures > 0;
}
