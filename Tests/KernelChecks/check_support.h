// What the kernel checks stand on: seeded values, exact allocations and a comparison that counts.

#ifndef CHECK_SUPPORT_H
#define CHECK_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron_kernels.h"
#include "random_draws.h"

// The floating-point mode.

/// Reads subnormal operands as zero and flushes subnormal results, as a training worker does.
static void flush_subnormals(bool flush) {
#if defined(__x86_64__)
  uint32_t bits = (1u << 15) | (1u << 6), mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(flush ? mode | bits : mode & ~bits);
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" ::"r"(flush ? mode | (1u << 24) : mode & ~(uint64_t)(1u << 24)));
#endif
}

// Seeded values.

static bool toss(void) { return draw(0, 1) == 1; }

static float draw_float(float reach) { return ((float)(random_bits() >> 40) * 0x1p-23f - 1.0f) * reach; }

/// Mostly ordinary; one in eight is an infinity, NaN, signed zero, subnormal or the largest of its sign.
static float draw_strange_float(void) {
  static const float strange[] = {__builtin_inff(), -__builtin_inff(), __builtin_nanf(""), 0.0f,           -0.0f,
                                  0x1p-149f,        -0x1p-127f,        0x1.fffffep127f,   -0x1.fffffep127f};
  return draw(0, 7) == 0 ? strange[draw(0, 8)] : draw_float(100.0f);
}

/// Sizes around 16 and 32, and now and then one beyond the block of a cut reduction, or with spare rows in its panels.
static size_t draw_features(void) {
  return draw(0, 15) == 0 ? draw(1000, 1100) : draw(0, 31) == 0 ? 512 * draw(1, 2) : draw(1, 70);
}
static size_t draw_samples(void) { return draw(1, 140); }

// Allocations of exactly the size asked for, 64-byte aligned, so that the address sanitizer sees one byte too many.

static void *allocations[64];
static size_t allocation_count;

static void *take(size_t byte_count) {
  void *block = NULL;
  if (allocation_count == 64 || posix_memalign(&block, 64, byte_count) != 0) {
    fprintf(stderr, "cannot take %zu bytes\n", byte_count);
    exit(2);
  }
  return allocations[allocation_count++] = block;
}

static void release_all(void) {
  while (allocation_count > 0) free(allocations[--allocation_count]);
}

static float *random_floats(size_t count, float reach) {
  float *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = draw_float(reach);
  return values;
}

/// Whole quarters from −1 to 1, so that exact zeros and equals occur.
static float *quarters(size_t count) {
  float *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = (float)draw(0, 8) * 0.25f - 1.0f;
  return values;
}

static float *strange_floats(size_t count) {
  float *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = draw_strange_float();
  return values;
}

static uint32_t *random_indices(size_t count, size_t limit) {
  uint32_t *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = (uint32_t)draw(0, limit - 1);
  return values;
}

static nk_activation draw_activation(size_t units) {
  // Log softmax is in the calls of a whole activation alone.
  nk_activation a = {(nk_activation_kind)draw(0, NK_ACTIVATION_LOG_SOFTMAX - 1), 0.75f, 0.875f, toss(), NULL};
  if (a.kind == NK_ACTIVATION_PRELU) a.slopes = random_floats(units, 1.5f);
  return a;
}

/// Data set rows, readable 64 bytes past their end as the header asks; what stands there must not matter.
static const void *data_rows(nk_element element, size_t count, float reach) {
  if (element == NK_ELEMENT_FLOAT32) {
    float *rows = toss() ? strange_floats(count + 16) : random_floats(count + 16, reach);
    for (size_t i = count; i < count + 16; i++) rows[i] = __builtin_nanf("");
    return rows;
  }
  uint8_t *bytes = take(count + 64);
  for (size_t i = 0; i < count + 64; i++) bytes[i] = (uint8_t)random_bits();
  return bytes;
}

static float *zero_padded_floats(size_t count, size_t size) {
  float *values = random_floats(size, 2.0f);
  for (size_t i = count; i < size; i++) values[i] = 0.0f;
  return values;
}

/// An output before the call: finite, and nothing that a kernel would compute.
static float *unwritten_floats(size_t count) {
  float *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = -6.2598534e18f;
  return values;
}

static float *copy_of(const float *values, size_t count) {
  float *copy = take(count * sizeof *copy);
  memcpy(copy, values, count * sizeof *copy);
  return copy;
}

// Layout arithmetic.

static size_t padded(size_t count) { return (count + NK_LANES - 1) / NK_LANES * NK_LANES; }

// The comparison: same bits, any NaN equal to any other.

typedef struct comparison {
  uint64_t count, mismatches;
  /// FNV-1a over the expected bits, to compare runs on different processors.
  uint64_t digest;
} comparison;

static uint32_t canonical_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return x != x ? 0x7fc00000u : bits;
}

static void compare_value(comparison *c, const char *what, size_t at, float expected, float actual) {
  uint32_t bits = canonical_bits(expected);
  c->count++;
  c->digest = (c->digest ^ bits) * 0x100000001b3u;
  if (bits == canonical_bits(actual)) return;
  if (c->mismatches++ < 5) printf("  %s[%zu] = %.9g, expected %.9g\n", what, at, (double)actual, (double)expected);
}

static void compare_flat(comparison *c, const char *what, const float *expected, const float *actual, size_t count) {
  for (size_t i = 0; i < count; i++) compare_value(c, what, i, expected[i], actual[i]);
}

/// Compares `samples` lanes of activation panels, whatever stands in the others.
static void compare_panels(comparison *c, const char *what, const float *expected, const float *actual, size_t samples,
                           size_t features) {
  for (size_t b = 0; b < samples; b++)
    for (size_t f = 0; f < features; f++) {
      size_t at = (b / NK_LANES * nk_panel_rows(features) + f) * NK_LANES + b % NK_LANES;
      compare_value(c, what, at, expected[at], actual[at]);
    }
}

#endif
