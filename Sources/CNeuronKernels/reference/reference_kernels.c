#include <math.h>

#include "../tables.h"
#include "reference.h"

static double fma_loop(size_t iterations) {
  float chains[12];
  for (int j = 0; j < 12; j++) chains[j] = 1.0f + (float)j;
  for (size_t i = 0; i < iterations; i++)
    for (int j = 0; j < 12; j++) chains[j] = fmaf(chains[j], 0.999f, 0.001f);
  float sum = 0.0f;
  for (int j = 0; j < 12; j++) sum += chains[j];
  // The sum feeds the result so that no chain is dead; it is finite and adds nothing.
  return 2.0 * 12 * (double)iterations + 0.0 * sum;
}

const nk_kernel_table nk_reference_kernels = {
    .name = "reference",
    .vector_width = 1,
    .dense_forward = nk_reference_dense_forward,
    .dense_backward = nk_reference_dense_backward,
    .weight_gradient = nk_reference_weight_gradient,
    .sample_sums = nk_reference_sample_sums,
    .activation_forward = nk_reference_activation_forward,
    .activation_backward = nk_reference_activation_backward,
    .transpose = nk_reference_transpose,
    .gather = nk_reference_gather,
    .loss_head = nk_reference_loss_head,
    .update_sgd = nk_reference_update_sgd,
    .update_momentum = nk_reference_update_momentum,
    .update_adam = nk_reference_update_adam,
    .update_rule = nk_reference_update_rule,
    .clip_values = nk_reference_clip_values,
    .blend = nk_reference_blend,
    .sum_of_squares = nk_reference_sum_of_squares,
    .fma_loop = fma_loop,
    .sum_gradient_lanes = nk_reference_sum_gradient_lanes,
    .row_gather = nk_reference_row_gather,
    .row_forward = nk_reference_row_forward,
    .row_activation = nk_reference_row_activation,
    .random_slopes = nk_reference_random_slopes,
    .combine_panels = nk_reference_combine_panels,
    .combine_slices = nk_reference_combine_slices,
    .random_change = nk_reference_random_change,
    .normalize = nk_reference_normalize,
    .normalize_backward = nk_reference_normalize_backward,
    .sample_products = nk_reference_sample_products,
    .gate = nk_reference_gate,
    .gate_backward = nk_reference_gate_backward,
    .row_normalize = nk_reference_row_normalize,
    .row_gate = nk_reference_row_gate,
    .batch_moments = nk_reference_batch_moments,
    .batch_normalize = nk_reference_batch_normalize,
    .batch_normalize_backward = nk_reference_batch_normalize_backward,
    .row_batch_normalize = nk_reference_row_batch_normalize,
    .embed = nk_reference_embed,
    .embed_backward = nk_reference_embed_backward,
    .embedding_gradient = nk_reference_embedding_gradient,
    .row_embed = nk_reference_row_embed,
};
