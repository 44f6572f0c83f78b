// Batch normalization: each unit over all samples of a minibatch. Shapes, lanes and promises are those of
// `neuron_kernels.h`, which includes this file.

#ifndef NK_BATCH_NORM_KERNELS_H
#define NK_BATCH_NORM_KERNELS_H

#include <stddef.h>

/// Mean and variance of rows first_row ..< first_row + rows over the B ≥ 1 real samples.
///
///     m[r] = p + Σ_b (x[b,r] − p)/B, p = x[0,r]        v[r] = Σ_b (x[b,r] − m[r])²/B
///
/// Both sums go in the order of `nk_sample_sums`. Beginning at the first sample keeps a mean that is large beside the
/// deviation from using up the digits of the sum. `means` and `variances` receive `rows` floats each.
typedef struct nk_batch_moments {
  size_t samples, features, first_row, rows;
  const float *values;
  float *means;
  float *variances;
} nk_batch_moments;

/// Normalization of each feature by its mean and variance.
///
///     s[f] = 1/√(variance[f] + epsilon)        x̂[b,f] = (x[b,f] − mean[f])·s[f]        y = gain[f]·x̂ + shift[f]
///
/// `mean` and `variance` [F]; `gain` and `shift` [F], or NULL for 1 and 0. `output` may be `input`; `normalized` receives x̂
/// for the way back, or is NULL. All three are panels of F features.
typedef struct nk_batch_normalization {
  size_t samples, features;
  float epsilon;
  const float *mean;
  const float *variance;
  const float *gain;
  const float *shift;
  const float *input;
  float *output;
  float *normalized;
} nk_batch_normalization;

/// The way back of `nk_batch_normalization`, where mean and variance are those of the minibatch.
///
///     dx[b,f] = gain[f]·s[f]·(dy[b,f] − share·sums[f] − x̂[b,f]·share·products[f])
///
/// `share` is one over the samples of the minibatch, and `sums` = Σ_b dy, `products` = Σ_b dy·x̂ over all of them [F].
typedef struct nk_batch_normalization_backward {
  size_t samples, features;
  float epsilon, share;
  const float *variance;
  const float *gain;
  const float *sums;
  const float *products;
  const float *output_gradient;
  const float *normalized;
  float *input_gradient;
} nk_batch_normalization_backward;

/// `nk_batch_normalization` of sample rows in place, with the bits of panels; lanes beyond the features, up to a multiple of
/// 16, are written without meaning, and the vectors are readable so far.
typedef struct nk_row_batch_normalization {
  size_t samples, features, stride;
  float epsilon;
  const float *mean;
  const float *variance;
  const float *gain;
  const float *shift;
  float *values;
} nk_row_batch_normalization;

#endif
