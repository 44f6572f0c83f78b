// Elementary functions on one float, the same polynomials and operation order as `vector/vector_math.h`.
//
// Source: S. L. Moshier, Cephes Mathematical Library, single precision (expf, logf, tanhf); coefficients are his.

#ifndef NK_SCALAR_MATH_H
#define NK_SCALAR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

static inline float float_of_bits(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline int32_t bits_of_float(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float scalar_exp(float x) {
  const float round_shift = 12582912.0f;  // 1.5·2²³: adding it rounds to the nearest integer
  float clamped = x > 89.0f ? 89.0f : x;
  clamped = clamped < -104.0f ? -104.0f : clamped;
  float shifted = fmaf(clamped, 1.44269504088896341f, round_shift);
  float n = shifted - round_shift;
  float r = fmaf(n, -0.693359375f, clamped);
  r = fmaf(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = fmaf(p, r, 1.3981999507e-3f);
  p = fmaf(p, r, 8.3334519073e-3f);
  p = fmaf(p, r, 4.1665795894e-2f);
  p = fmaf(p, r, 1.6666665459e-1f);
  p = fmaf(p, r, 5.0000001201e-1f);
  float e = fmaf(p, r * r, r) + 1.0f;
  int32_t exponent = (int32_t)((uint32_t)bits_of_float(shifted) - (uint32_t)bits_of_float(round_shift));
  int32_t half = exponent >> 1;
  float first = float_of_bits((int32_t)((uint32_t)(half + 127) << 23));
  float second = float_of_bits((int32_t)((uint32_t)((int32_t)((uint32_t)exponent - (uint32_t)half) + 127) << 23));
  return e * first * second;
}

static inline float scalar_log(float x) {
  int32_t bits = bits_of_float(x);
  int32_t exponent = (bits >> 23) - 126;
  float m = float_of_bits((bits & 0x007fffff) | 0x3f000000);
  if (m < 0.707106781186547524f) {
    exponent -= 1;
    m = m + m - 1.0f;
  } else {
    m = m - 1.0f;
  }
  float e = (float)exponent, z = m * m;
  float p = 7.0376836292e-2f;
  p = fmaf(p, m, -1.1514610310e-1f);
  p = fmaf(p, m, 1.1676998740e-1f);
  p = fmaf(p, m, -1.2420140846e-1f);
  p = fmaf(p, m, 1.4249322787e-1f);
  p = fmaf(p, m, -1.6668057665e-1f);
  p = fmaf(p, m, 2.0000714765e-1f);
  p = fmaf(p, m, -2.4999993993e-1f);
  p = fmaf(p, m, 3.3333331174e-1f);
  float y = p * m * z;
  y = fmaf(e, -2.12194440e-4f, y);
  y = fmaf(z, -0.5f, y);
  return fmaf(e, 0.693359375f, m + y);
}

static inline float scalar_tanh(float x) {
  float magnitude = fabsf(x);
  if (magnitude < 0.625f) {
    float z = x * x;
    float p = -5.70498872745e-3f;
    p = fmaf(p, z, 2.06390887954e-2f);
    p = fmaf(p, z, -5.37397155531e-2f);
    p = fmaf(p, z, 1.33314422036e-1f);
    p = fmaf(p, z, -3.33332819422e-1f);
    return copysignf(fmaf(p * z, x, x), x);
  }
  return copysignf(1.0f - 2.0f / (scalar_exp(magnitude + magnitude) + 1.0f), x);
}

#endif
