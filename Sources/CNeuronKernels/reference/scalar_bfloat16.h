// bfloat16 on one value: conversion and the two dot products, as `bfloat16_kernels.h` defines them.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VCVTNEPS2BF16, VDPBF16PS and TDPBF16PS.

#ifndef NK_SCALAR_BFLOAT16_H
#define NK_SCALAR_BFLOAT16_H

#include "scalar_math.h"

/// The float's nearest bfloat16, ties to even.
static inline uint16_t bfloat16_of_float(float x) {
  uint32_t bits = (uint32_t)bits_of_float(x), magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);  // NaN, made quiet
  if (magnitude < 0x00800000) return (uint16_t)(bits >> 16 & 0x8000);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float float_of_bfloat16(uint16_t x) { return float_of_bits((int32_t)((uint32_t)x << 16)); }

/// A subnormal as the zero of its sign.
static inline float without_subnormal(float x) {
  uint32_t bits = (uint32_t)bits_of_float(x);
  return (bits & 0x7f800000) != 0 ? x : float_of_bits((int32_t)(bits & 0x80000000));
}

/// fma(a, b, c) of two bfloat16 and a float, subnormals flushed on both sides.
static inline float flushed_fma(float a, float b, float c) {
  a = without_subnormal(a), b = without_subnormal(b), c = without_subnormal(c);
  // Rounding to the subnormals' spacing lifts what lies just below the smallest normal number up to it, where rounding
  // with unbounded exponent would not. In double the product is exact, and so is the sum near this limit.
  const double least_not_tiny = 0x1p-126 - 0x1p-151;
  double wide = (double)a * (double)b + (double)c;
  if (wide == wide && fabs(wide) < least_not_tiny) return copysignf(0.0f, (float)copysign(1.0, wide));
  return without_subnormal(fmaf(a, b, c));
}

/// A dot product on its way: `sum`, and where it adds blocks, those of the block that is open.
typedef struct bf16_sum {
  nk_bf16_arithmetic arithmetic;
  float sum, even, odd;
  int open_pairs;
} bf16_sum;

static inline bf16_sum sum_from(nk_bf16_arithmetic arithmetic, float seed) {
  return (bf16_sum){arithmetic, seed, 0.0f, 0.0f, 0};
}

/// Takes the product of two pairs in.
static inline void add_pair(bf16_sum *s, uint32_t a, uint32_t b) {
  float a_odd = float_of_bfloat16((uint16_t)(a >> 16)), b_odd = float_of_bfloat16((uint16_t)(b >> 16));
  float a_even = float_of_bfloat16((uint16_t)a), b_even = float_of_bfloat16((uint16_t)b);
  if (s->arithmetic == NK_BF16_PAIRS) {
    s->sum = flushed_fma(a_even, b_even, flushed_fma(a_odd, b_odd, s->sum));
    return;
  }
  s->even = flushed_fma(a_even, b_even, s->even);
  s->odd = flushed_fma(a_odd, b_odd, s->odd);
  if (++s->open_pairs < 16) return;
  s->sum = flushed_fma(1.0f, flushed_fma(1.0f, s->even, s->odd), s->sum);
  s->even = s->odd = 0.0f;
  s->open_pairs = 0;
}

/// The sum of all pairs, an open block completed with zeros.
static inline float total_of(bf16_sum *s) {
  while (s->open_pairs > 0) add_pair(s, 0, 0);
  return s->sum;
}

#endif
