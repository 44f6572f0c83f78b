// Embedding of a column of category numbers: a learned vector stands for each. Shapes, lanes and promises are those of
// `neuron_kernels.h`, which includes this file.

#ifndef NK_EMBEDDING_KERNELS_H
#define NK_EMBEDDING_KERNELS_H

#include <stddef.h>

/// The category of a value; what is none, as in lanes without a sample, passes for the first.
static inline size_t nk_category(float value, size_t categories) {
  return value >= 0.0f && value < (float)categories ? (size_t)value : 0;
}

/// Panels without one feature, and behind them the vector of its category.
///
///     y[b,f] = x[b,f], f < column        y[b,f] = x[b,f + 1], column ≤ f < F − 1        y[b,F − 1 + t] = table[x[b,column]][t]
///
/// `input` panels of F features, `output` of F − 1 + width, `table` [categories][width] without gaps.
typedef struct nk_embedding {
  size_t samples, features, column, categories, width;
  const float *table;
  const float *input;
  float *output;
} nk_embedding;

/// The way back of `nk_embedding` to its input: dx[b,f] = dy of the same value, and 0 for the category.
typedef struct nk_embedding_backward {
  size_t samples, features, column, width;
  const float *output_gradient;
  float *input_gradient;
} nk_embedding_backward;

/// Elements first ..< first + count of a table's gradient, counted through [categories][width].
///
///     g[c·width + t] = Σ_b dy[b,F − 1 + t] over the B real samples of category c, in their order
typedef struct nk_embedding_gradient {
  size_t samples, features, column, categories, width, first, count;
  const float *input;
  const float *output_gradient;
  float *gradient;
} nk_embedding_gradient;

/// `nk_embedding` of sample rows, with the bits of panels; `output` must not be `input`.
typedef struct nk_row_embedding {
  size_t samples, features, column, categories, width, input_stride, output_stride;
  const float *table;
  const float *input;
  float *output;
} nk_row_embedding;

#endif
