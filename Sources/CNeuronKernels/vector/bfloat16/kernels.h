// All bfloat16 kernels of one instruction set, after `vector/kernels.h`. The including file has defined V_ROUND_WORDS,
// V_DOT, `enter_dot_mode` and `leave_dot_mode`, in `emulation.h` or by instructions of its own.

#include "pairs.h"

#include "epilogues.h"

#include "dot_tiles.h"

#include "products.h"

#include "samples.h"

/// Twelve independent chains, enough to cover the latency of the dot product.
static double dot_loop(size_t iterations) {
  vf chains[12];
  for (int j = 0; j < 12; j++) chains[j] = v_set(1.0f + (float)j);
  vu factor = (vu)0x3c003c00u, addend = (vu)0xbc003c00u;
  for (size_t i = 0; i < iterations; i++) {
    __asm__ volatile("" : "+" VECTOR_REGISTER(factor), "+" VECTOR_REGISTER(addend));  // keeps the compiler from folding the loop
    _Pragma("clang loop unroll(full)") for (int j = 0; j < 12; j++) chains[j] = V_DOT(chains[j], factor, addend);
  }
  vf sum = v_set(0.0f);
  for (int j = 0; j < 12; j++) sum += chains[j];
  // The sum feeds the result so that no chain is dead; it is finite and adds nothing.
  return 4.0 * 12 * VW * (double)iterations + 0.0 * sum[0];
}

#define BF16_KERNEL_TABLE(NAME)                                                                                        \
  {                                                                                                                    \
    .name = NAME, .dense_forward = bf16_dense_forward, .dense_backward = bf16_dense_backward,                          \
    .weight_gradient = bf16_weight_gradient, .sample_sums = bf16_sample_sums, .pack = bf16_pack,                       \
    .pack_weights = bf16_pack_weights, .transpose = bf16_transpose, .gather = bf16_gather, .dot_loop = dot_loop,       \
  }

/// The table of the other arithmetic, after `block_products.h`.
#define BF16_BLOCK_KERNEL_TABLE(NAME)                                                                                  \
  {                                                                                                                    \
    .name = NAME, .dense_forward = block_dense_forward, .dense_backward = block_dense_backward,                        \
    .weight_gradient = block_weight_gradient, .sample_sums = bf16_sample_sums, .pack = bf16_pack,                      \
    .pack_weights = block_pack_weights, .transpose = bf16_transpose, .gather = bf16_gather, .dot_loop = square_loop,   \
  }
