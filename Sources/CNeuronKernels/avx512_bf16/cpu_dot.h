// The CPU's own dot product of pairs (VDPBF16PS) and rounding (VCVTNE2PS2BF16), which ask no floating-point mode.

/// The words of 2·VW floats, those of `low` first.
#define V_ROUND_WORDS(low, high) ((vw)_mm512_cvtne2ps_pbh((__m512)(high), (__m512)(low)))
#define V_DOT(sum, a, b) ((vf)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b)))

INLINE uint32_t enter_dot_mode(void) { return 0; }
INLINE void leave_dot_mode(uint32_t mode) { (void)mode; }
