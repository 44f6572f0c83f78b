// All kernels of one instruction set, from the same vector source. The including file defines VW, TILE_SHAPES, and pushes
// the target attribute around this include.

// A product and a sum fuse only where the source says so; otherwise the bits would depend on the instruction set.
#pragma clang fp contract(off)

#include "vector_types.h"

#include "vector_math.h"

#include "activations.h"

#include "matrix_tiles.h"

#include "dense_products.h"

#include "sums.h"

#include "gradient_lanes.h"

#include "updates.h"

#include "update_rules.h"

#include "transposition.h"

#include "loss_heads.h"

#include "sample_rows.h"

#include "layers.h"

#include "batch_norm.h"

#include "embedding.h"

/// Twelve independent chains, enough to cover the latency of two multiply-add pipes.
static double fma_loop(size_t iterations) {
  vf chains[12];
  for (int j = 0; j < 12; j++) chains[j] = v_set(1.0f + (float)j);
  vf factor = v_set(0.999f), addend = v_set(0.001f);
  for (size_t i = 0; i < iterations; i++) {
    __asm__ volatile("" : "+" VECTOR_REGISTER(factor), "+" VECTOR_REGISTER(addend));  // keeps the compiler from folding the loop
    _Pragma("clang loop unroll(full)") for (int j = 0; j < 12; j++) chains[j] = v_fma(chains[j], factor, addend);
  }
  vf sum = v_set(0.0f);
  for (int j = 0; j < 12; j++) sum += chains[j];
  // The sum feeds the result so that no chain is dead; it is finite and adds nothing.
  return 2.0 * 12 * VW * (double)iterations + 0.0 * sum[0];
}

#define KERNEL_TABLE(NAME)                                                                                             \
  {                                                                                                                    \
    .name = NAME, .vector_width = VW, .dense_forward = dense_forward, .dense_backward = dense_backward,                \
    .weight_gradient = weight_gradient, .sample_sums = sample_sums, .activation_forward = activation_forward,          \
    .activation_backward = activation_backward, .transpose = transpose, .gather = gather,                              \
    .loss_head = loss_head,                                                                                            \
    .update_sgd = update_sgd, .update_momentum = update_momentum, .update_adam = update_adam,                          \
    .update_rule = update_rule, .clip_values = clip_values, .blend = blend, .sum_of_squares = sum_of_squares,          \
    .fma_loop = fma_loop, .sum_gradient_lanes = sum_gradient_lanes, .row_gather = row_gather,                          \
    .row_forward = row_forward, .row_activation = row_activation, .random_slopes = random_slopes,                      \
    .combine_panels = combine_panels, .combine_slices = combine_slices, .random_change = random_change,                \
    .normalize = normalize, .normalize_backward = normalize_backward, .sample_products = sample_products,              \
    .gate = gate, .gate_backward = gate_backward, .row_normalize = row_normalize, .row_gate = row_gate,                \
    .batch_moments = batch_moments, .batch_normalize = batch_normalize,                                                \
    .batch_normalize_backward = batch_normalize_backward, .row_batch_normalize = row_batch_normalize,                  \
    .embed = embed, .embed_backward = embed_backward, .embedding_gradient = embedding_gradient,                        \
    .row_embed = row_embed,                                                                                            \
  }
