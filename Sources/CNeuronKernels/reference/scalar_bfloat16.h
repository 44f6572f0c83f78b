// bfloat16 on one value: conversion and the dot product of pairs, as `bfloat16_kernels.h` defines them.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VCVTNEPS2BF16 and VDPBF16PS.

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

/// sum + a.odd·b.odd + a.even·b.even, odd first.
static inline float dot_of_pair(float sum, uint32_t a, uint32_t b) {
  sum = flushed_fma(float_of_bfloat16((uint16_t)(a >> 16)), float_of_bfloat16((uint16_t)(b >> 16)), sum);
  return flushed_fma(float_of_bfloat16((uint16_t)a), float_of_bfloat16((uint16_t)b), sum);
}

#endif
