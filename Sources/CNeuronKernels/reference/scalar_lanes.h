// One float under the names that `vector/vector_types.h` gives a register, for the sources of `pointwise/`.

#ifndef NK_SCALAR_LANES_H
#define NK_SCALAR_LANES_H

#include "scalar_math.h"

#define INLINE static inline

typedef float vf;
typedef int32_t vi;
typedef uint32_t vu;

INLINE vf v_load(const float *p) { return *p; }
INLINE void v_store(float *p, vf v) { *p = v; }
INLINE vf v_set(float x) { return x; }
INLINE vi v_integer_set(int32_t n) { return n; }
INLINE vi v_select_integer(int mask, vi when_set, vi otherwise) { return mask ? when_set : otherwise; }
INLINE vf v_fma(vf a, vf b, vf c) { return fmaf(a, b, c); }
INLINE vf v_select(int mask, vf when_set, vf otherwise) { return mask ? when_set : otherwise; }
INLINE vf v_abs(vf x) { return fabsf(x); }
INLINE vf v_copy_sign(vf magnitude, vf sign) { return copysignf(magnitude, sign); }
INLINE vf v_sqrt(vf x) { return sqrtf(x); }
INLINE vf v_power_of_two(vi n) { return float_of_bits((int32_t)((uint32_t)(n + 127) << 23)); }
/// n of n + 1.5·2²³; of NaN any small number.
INLINE vi v_integer(vf shifted) { return (bits_of_float(shifted) & 0x7fffff) - 0x400000; }
INLINE vf v_exp(vf x) { return scalar_exp(x); }
INLINE vf v_log(vf x) { return scalar_log(x); }
INLINE vf v_tanh(vf x) { return scalar_tanh(x); }
INLINE vu v_broadcast_word(uint32_t word) { return word; }
INLINE vu v_high_product(vu a, uint32_t b) { return (uint32_t)((uint64_t)a * b >> 32); }
INLINE vf v_unit_float(vu word) { return (float)(int32_t)(word >> 8) * 0x1p-24f; }
INLINE vf v_float(vi n) { return (float)n; }

#endif
