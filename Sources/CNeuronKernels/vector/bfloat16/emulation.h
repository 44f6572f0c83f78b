// The dot product of pairs and the rounding to bfloat16 with single-precision instructions alone, for tables whose CPU
// may lack its own. The multiply-adds flush as the CPU's dot product does, because tiles run in that mode.

INLINE vu v_rounded_bits(vf x) {
  vu bits = (vu)x, magnitude = bits & 0x7fffffffu;
  vu rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  vu not_a_number = (vu)(magnitude > 0x7f800000u), tiny = (vu)(magnitude < 0x00800000u);
  rounded = (rounded & ~not_a_number) | ((bits | 0x00400000u) & not_a_number);
  return ((rounded & ~tiny) | (bits & 0x80000000u & tiny)) >> 16;
}

#if VW == 16
#define WORD_NUMBERS                                                                                                   \
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
#else
#define WORD_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#endif

/// The words of 2·VW floats, those of `low` first.
#define V_ROUND_WORDS(low, high)                                                                                       \
  __builtin_shufflevector(__builtin_convertvector(v_rounded_bits(low), vw_half),                                       \
                          __builtin_convertvector(v_rounded_bits(high), vw_half), WORD_NUMBERS)

#define V_DOT(sum, a, b)                                                                                               \
  v_fma((vf)((a) << 16), (vf)((b) << 16),                                                                              \
        v_fma((vf)((a) & 0xffff0000u), (vf)((b) & 0xffff0000u), (sum)))

// Subnormal operands read as zero, results flushed to zero, all exceptions masked, rounding to nearest.
#define FLUSHING_MODE 0x9fc0

/// Enters the mode of the CPU's dot product; returns the caller's.
INLINE uint32_t enter_dot_mode(void) {
  uint32_t mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(FLUSHING_MODE);
  return mode;
}

INLINE void leave_dot_mode(uint32_t mode) { __builtin_ia32_ldmxcsr(mode); }
