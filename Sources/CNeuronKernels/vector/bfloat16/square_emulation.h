// Squares of sums with single-precision instructions alone, in the mode of the CPU's own (`emulation.h`).

#include "squares.h"

typedef struct square_mode {
  bool is_entered;
} square_mode;

INLINE void enter_squares(square_mode *mode, size_t rows) { (void)mode, (void)rows; }
INLINE void leave_squares(square_mode *mode) { (void)mode; }

/// Adds one block to the first `lanes` lanes of a row of sums.
INLINE void add_block(const uint32_t *a, const uint32_t *b, size_t lanes, float *c) {
  for (size_t i = 0; i < lanes; i += VW) {
    vf even = v_set(0.0f), odd = v_set(0.0f);
    for (size_t k = 0; k < BLOCK_PAIRS; k++) {
      vu s = (vu)a[k], x = v_load_pairs(b + k * NK_LANES + i);
      even = v_fma(v_even_of(s), v_even_of(x), even);
      odd = v_fma(v_odd_of(s), v_odd_of(x), odd);
    }
    v_store(c + i, v_load(c + i) + (even + odd));
  }
}

/// Not inlined: no compiler moves arithmetic of the square across a call it cannot see through, into another mode.
static __attribute__((noinline)) void add_blocks(const square_arguments *t, size_t rows, size_t lanes) {
  for (size_t r = 0; r < rows; r++) {
    float *c = t->c + r * NK_LANES;
    for (size_t i = 0; i < lanes; i += VW) v_store(c + i, t->seed ? v_load(t->seed + r * NK_LANES + i) : v_set(0.0f));
    for (size_t block = 0; block < t->blocks; block++)
      add_block(t->a + block * t->a_stride + r * BLOCK_PAIRS, t->b + block * BLOCK_PAIRS * NK_LANES, lanes, c);
    if (t->last_a) add_block(t->last_a + r * BLOCK_PAIRS, t->last_b, lanes, c);
  }
}

static void form_square(const square_arguments *t, size_t rows, size_t lanes) {
  uint32_t mode = enter_dot_mode();
  add_blocks(t, rows, lanes);
  leave_dot_mode(mode);
}

/// Squares of one block each, from the first-level cache.
static double square_loop(size_t iterations) {
  _Alignas(64) uint32_t a[NK_LANES * BLOCK_PAIRS], b[BLOCK_PAIRS * NK_LANES];
  _Alignas(64) float c[NK_LANES * NK_LANES];
  for (size_t i = 0; i < NK_LANES * BLOCK_PAIRS; i++) a[i] = 0x3c003c00u, b[i] = 0xbc003c00u;
  square_arguments t = {.a = a, .b = b, .blocks = 1, .c = c};
  for (size_t i = 0; i < iterations; i++) {
    form_square(&t, NK_LANES, NK_LANES);
    t.seed = c;
  }
  // The sum feeds the result so that no square is dead; it is finite and adds nothing.
  return 4.0 * NK_LANES * NK_LANES * BLOCK_PAIRS * (double)iterations + 0.0 * c[0];
}
