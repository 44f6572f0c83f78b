// The plain twins: each operation of `neuron_kernels.h` as the loops of its equation, in the documented order, with no
// vector, tile or block. They define what every other table must return, bit for bit.

#ifndef NK_REFERENCE_H
#define NK_REFERENCE_H

#include "neuron_kernels.h"
#include "projection_kernels.h"

// A product and a sum fuse only where the source says so; otherwise the bits would depend on the instruction set.
#pragma clang fp contract(off)

void nk_reference_dense_forward(const nk_dense_forward *);
void nk_reference_dense_backward(const nk_dense_backward *);
void nk_reference_weight_gradient(const nk_weight_gradient *);
void nk_reference_project(const nk_projection *);
void nk_reference_sample_sums(const nk_sample_sums *);
double nk_reference_sum_of_squares(const float *values, size_t count);
void nk_reference_activation_forward(const nk_activation_forward *);
void nk_reference_activation_backward(const nk_activation_backward *);
void nk_reference_transpose(const nk_transpose *);
void nk_reference_gather(const nk_gather *);
void nk_reference_loss_head(const nk_loss_head *);
void nk_reference_update_sgd(const nk_update *, float rate);
void nk_reference_update_momentum(const nk_update *, float rate, float momentum, bool nesterov);
void nk_reference_update_adam(const nk_update *, float step, float root_correction, float beta1, float one_minus_beta1,
                              float beta2, float one_minus_beta2, float epsilon, float keep);
void nk_reference_clip_values(float *values, size_t count, float limit);
void nk_reference_blend(float *values, const float *target, size_t count, float share);
void nk_reference_update_rule(nk_update_rule, const nk_update *, const float *coefficients);
void nk_reference_sum_gradient_lanes(const nk_gradient_lanes *);
void nk_reference_row_gather(const nk_row_gather *);
void nk_reference_row_forward(const nk_row_forward *);
void nk_reference_row_activation(const nk_row_activation *);
void nk_reference_random_slopes(const nk_random_slopes *);
void nk_reference_combine_panels(const nk_panel_combination *);
void nk_reference_combine_slices(nk_combination, float *values, const float *other, size_t count, float a, float b);
void nk_reference_random_change(const nk_random_change *);
void nk_reference_normalize(const nk_normalization *);
void nk_reference_normalize_backward(const nk_normalization_backward *);
void nk_reference_sample_products(const nk_sample_products *);
void nk_reference_gate(const nk_gate *);
void nk_reference_gate_backward(const nk_gate_backward *);
void nk_reference_row_normalize(const nk_row_normalization *);
void nk_reference_row_gate(const nk_row_gate *);
void nk_reference_batch_moments(const nk_batch_moments *);
void nk_reference_batch_normalize(const nk_batch_normalization *);
void nk_reference_batch_normalize_backward(const nk_batch_normalization_backward *);
void nk_reference_row_batch_normalize(const nk_row_batch_normalization *);
void nk_reference_embed(const nk_embedding *);
void nk_reference_embed_backward(const nk_embedding_backward *);
void nk_reference_embedding_gradient(const nk_embedding_gradient *);
void nk_reference_row_embed(const nk_row_embedding *);

/// Softmax, or its logarithm, in place over `features` values, each `stride` floats from the next; nothing for other kinds.
void nk_reference_couple(nk_activation_kind kind, float *values, size_t features, size_t stride);

/// y of one value; softmax, which couples the units of a sample, leaves it as it is. `kept`, where the stage keeps z,
/// receives it; randomized leaky ReLU finds its slope there and leaves f′.
float nk_reference_activate(const nk_activation *a, size_t unit, float z, float *kept);
/// ∂loss/∂z from ∂loss/∂y of one value; PReLU leaves its slope's share in `z`. Softmax leaves the gradient as it is.
float nk_reference_derive(const nk_activation *a, size_t unit, float gradient, float y, float *z);

/// gradient·gradient_scale + l2·w of parameter `i`.
float nk_reference_update_gradient(const nk_update *, size_t i);

/// Folds 32 lane sums to one: 16, 8, 4, 2, 1.
float nk_reference_fold_lanes(float lanes[NK_LANES]);

/// Activation and derivative of the units first ..< first + count of every sample; softmax takes all units.
void nk_reference_activate_units(const nk_activation_forward *, size_t first, size_t count);
void nk_reference_derive_units(const nk_activation_backward *, size_t first, size_t count);

/// Where sample b's feature f stands in panels of `features` features.
static inline size_t panel_index(size_t b, size_t f, size_t features) {
  return (b / NK_LANES * nk_panel_rows(features) + f) * NK_LANES + b % NK_LANES;
}

/// Where the weight from input i to output o stands in weight panels of `outputs` outputs.
static inline size_t weight_index(size_t o, size_t i, size_t outputs) {
  return (i / NK_LANES * nk_panel_rows(outputs) + o) * NK_LANES + i % NK_LANES;
}

/// Samples rounded up to the 16 lanes that are always computed together.
static inline size_t computed_samples(size_t samples) {
  return (samples + NK_HALF_LANES - 1) / NK_HALF_LANES * NK_HALF_LANES;
}

/// Samples rounded up to whole panels.
static inline size_t whole_panels(size_t samples) { return (samples + NK_LANES - 1) / NK_LANES * NK_LANES; }

/// Feature f of data set row `row`, before scaling.
static inline float data_element(const nk_gather *g, size_t row, size_t f) {
  size_t at = row * g->features + f;
  return g->element == NK_ELEMENT_UINT8 ? (float)((const uint8_t *)g->data)[at] : ((const float *)g->data)[at];
}

#endif
