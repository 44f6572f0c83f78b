// The operations of layers other than products and activations: panels with panels, random masks and noise, normalization
// over features, gates. Shapes, lanes and promises are those of `neuron_kernels.h`, which includes this file.

#ifndef NK_LAYER_KERNELS_H
#define NK_LAYER_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What becomes of a value v and another one o, with two numbers a and b.
typedef enum nk_combination {
  NK_COMBINE_ADD = 0,       // v + o
  NK_COMBINE_MULTIPLY = 1,  // v·o
  NK_COMBINE_PENALTY = 2,   // v + (a·sign o + b·o), the gradient of a·|o| + ½·b·o²; sign 0 = 0
  NK_COMBINE_SCALE = 3,     // v·a
  NK_COMBINE_RAISE = 4,     // max(v, a); NaN stays
} nk_combination;

/// In-place combination of panels: `values` with `other`, both of B samples and `features` features; `other` may be `values`.
typedef struct nk_panel_combination {
  size_t samples, features;
  nk_combination combination;
  float a, b;
  float *values;
  const float *other;
} nk_panel_combination;

typedef enum nk_random_kind {
  NK_RANDOM_DROP = 0,   // v := u < rate ? dropped : scale·v + shift;   factor := u < rate ? 0 : scale
  NK_RANDOM_NOISE = 1,  // v := scale·n + v;                            factor is not written
} nk_random_kind;

/// In-place random change of panels, a draw for each computed lane and feature.
///
///     u = ⌊w/2⁸⌋/2²⁴        n = ±Φ⁻¹((w mod 2³¹ + ½)/2³²), negative where w < 2³¹
///
/// w is word f mod 4 of Philox4x32-10 with the key `seed` and the counter words f/4, first_sample + b, step, stream; Φ the
/// normal distribution, whose inverse is approximated to 1e-5 (|n| ≤ 6.34). `factors`, panels like `values`, receives
/// what the way back multiplies with; NULL for noise.
typedef struct nk_random_change {
  size_t samples, features, first_sample;
  uint64_t seed;
  uint32_t step, stream;
  nk_random_kind kind;
  float rate, scale, shift, dropped;
  float *values;
  float *factors;
} nk_random_change;

/// In-place normalization of each sample over its features.
///
///     m = Σ x[f]/F, or 0 where not `centers`      s = 1/√(Σ (x[f] − m)²/F + epsilon)
///     x̂[f] = (x[f] − m)·s                         y[f] = gain[f]·x̂[f] + shift[f]
///
/// Both sums run over f in order. `gain` [F]; `shift` [F] or NULL; `normalized`, panels of F features, and `inverses`, panels
/// of one row, receive x̂ and s for the way back, or are NULL.
typedef struct nk_normalization {
  size_t samples, features;
  bool centers;
  float epsilon;
  const float *gain;
  const float *shift;
  float *values;
  float *normalized;
  float *inverses;
} nk_normalization;

/// The way back of `nk_normalization`.
///
///     g[f] = dy[f]·gain[f]      dx[f] = s·(g[f] − Σ g/F − x̂[f]·Σ g·x̂/F), without Σ g where not `centers`
typedef struct nk_normalization_backward {
  size_t samples, features;
  bool centers;
  const float *gain;
  const float *output_gradient;
  const float *normalized;
  const float *inverses;
  float *input_gradient;
} nk_normalization_backward;

/// sums[r] := Σ_b a[b, first_row + r]·b[b, first_row + r] over the B real samples, in the order of `nk_sample_sums`; each
/// product is rounded before it is added.
typedef struct nk_sample_products {
  size_t samples, features, first_row, rows;
  const float *a;
  const float *b;
  float *sums;
} nk_sample_products;

/// Gated linear units: y[f] = x[f]·σ(x[F + f]); `input` panels of 2F features, `output` of F.
///
/// Source: Dauphin, Fan, Auli, Grangier, "Language Modeling with Gated Convolutional Networks", 2017, arXiv:1612.08083.
typedef struct nk_gate {
  size_t samples, outputs;
  const float *input;
  float *output;
} nk_gate;

/// dx[f] = dy[f]·σ(x[F + f])        dx[F + f] = dy[f]·x[f]·σ·(1 − σ)
typedef struct nk_gate_backward {
  size_t samples, outputs;
  const float *input;
  const float *output_gradient;
  float *input_gradient;
} nk_gate_backward;

/// `nk_normalization` of sample rows, with the bits of panels; lanes beyond the features, up to a multiple of 16, are written
/// without meaning, and `gain` and `shift` are readable so far.
typedef struct nk_row_normalization {
  size_t samples, features, stride;
  bool centers;
  float epsilon;
  const float *gain;
  const float *shift;
  float *values;
} nk_row_normalization;

/// `nk_gate` of sample rows; F need not be a multiple of 16.
typedef struct nk_row_gate {
  size_t samples, outputs, input_stride, output_stride;
  const float *input;
  float *output;
} nk_row_gate;

#endif
