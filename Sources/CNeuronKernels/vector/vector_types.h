// Vector types of the instruction set being compiled. The including file defines VW (floats a register holds) and pushes
// the target attribute; everything in this folder is compiled once per instruction set, with static linkage.

#include <stdint.h>
#include <string.h>

#include "neuron_kernels.h"

#define VECTORS_PER_PANEL (NK_LANES / VW)
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((ext_vector_type(VW)));
typedef int32_t vi __attribute__((ext_vector_type(VW)));
typedef uint32_t vu __attribute__((ext_vector_type(VW)));
typedef float vf_unaligned __attribute__((ext_vector_type(VW), aligned(4)));
typedef uint8_t vb_unaligned __attribute__((ext_vector_type(VW), aligned(1)));

INLINE vf v_load(const float *p) { return *(const vf *)p; }
INLINE vf v_load_unaligned(const float *p) { return *(const vf_unaligned *)p; }
INLINE void v_store(float *p, vf v) { *(vf *)p = v; }
INLINE vf v_set(float x) { return (vf)x; }
INLINE vf v_fma(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }

/// mask lanes are all ones or all zeros, as vector comparisons give them.
INLINE vf v_select(vi mask, vf when_set, vf otherwise) {
  return (vf)(((vi)when_set & mask) | ((vi)otherwise & ~mask));
}

INLINE vi v_integer_set(int32_t n) { return (vi)n; }
INLINE vi v_select_integer(vi mask, vi when_set, vi otherwise) { return (when_set & mask) | (otherwise & ~mask); }

INLINE vf v_abs(vf x) { return (vf)((vi)x & 0x7fffffff); }
INLINE vf v_copy_sign(vf magnitude, vf sign) {
  return (vf)(((vi)magnitude & 0x7fffffff) | ((vi)sign & (int32_t)0x80000000));
}
INLINE vf v_sqrt(vf x) { return __builtin_elementwise_sqrt(x); }

/// 2ⁿ for n in −126 … 127; unsigned, because what stands for NaN would overflow a signed shift.
INLINE vf v_power_of_two(vi n) { return (vf)((vu)(n + 127) << 23); }
/// n of n + 1.5·2²³; of NaN any small number.
INLINE vi v_integer(vf shifted) { return ((vi)shifted & 0x7fffff) - 0x400000; }

typedef uint64_t v_wide __attribute__((ext_vector_type(VW)));

INLINE vu v_broadcast_word(uint32_t word) { return (vu)word; }
/// The upper halves of 64-bit products.
INLINE vu v_high_product(vu a, uint32_t b) {
  return __builtin_convertvector((__builtin_convertvector(a, v_wide) * (v_wide)(uint64_t)b) >> 32, vu);
}
/// The upper 24 bits as a number in [0, 1).
INLINE vf v_unit_float(vu word) { return __builtin_convertvector((vi)(word >> 8), vf) * v_set(0x1p-24f); }

INLINE vf v_float(vi n) { return __builtin_convertvector(n, vf); }

/// 0, 1, 2 … in the lanes.
INLINE vi v_lane_numbers(void) {
  vi lanes;
  for (int lane = 0; lane < VW; lane++) lanes[lane] = lane;
  return lanes;
}

/// All ones in lane l when first + l < count.
INLINE vi v_lanes_below(size_t first, size_t count) {
  int32_t left = count > first ? (int32_t)(count - first) : 0;
  return v_lane_numbers() < (vi)left;
}

/// Lanes of a panel worth computing when `samples` are left: the last panel may be half empty.
INLINE size_t active_lanes(size_t samples) { return samples > NK_HALF_LANES ? NK_LANES : NK_HALF_LANES; }

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
