#include "reference.h"
#include "scalar_lanes.h"

void nk_reference_batch_moments(const nk_batch_moments *m) {
  const float count = (float)m->samples;
  for (size_t r = 0; r < m->rows; r++) {
    float sums[NK_LANES] = {0}, squares[NK_LANES] = {0};
    float first = m->values[panel_index(0, m->first_row + r, m->features)];
    for (size_t b = 0; b < m->samples; b++)
      sums[b % NK_LANES] += m->values[panel_index(b, m->first_row + r, m->features)] - first;
    m->means[r] = first + nk_reference_fold_lanes(sums) / count;
    for (size_t b = 0; b < m->samples; b++) {
      float d = m->values[panel_index(b, m->first_row + r, m->features)] - m->means[r];
      squares[b % NK_LANES] = fmaf(d, d, squares[b % NK_LANES]);
    }
    m->variances[r] = nk_reference_fold_lanes(squares) / count;
  }
}

void nk_reference_batch_normalize(const nk_batch_normalization *n) {
  for (size_t b = 0; b < computed_samples(n->samples); b++) {
    for (size_t f = 0; f < n->features; f++) {
      size_t at = panel_index(b, f, n->features);
      float x = (n->input[at] - n->mean[f]) * (1.0f / sqrtf(n->variance[f] + n->epsilon));
      if (n->normalized) n->normalized[at] = x;
      n->output[at] = fmaf(n->gain ? n->gain[f] : 1.0f, x, n->shift ? n->shift[f] : 0.0f);
    }
  }
}

void nk_reference_batch_normalize_backward(const nk_batch_normalization_backward *n) {
  for (size_t b = 0; b < computed_samples(n->samples); b++) {
    for (size_t f = 0; f < n->features; f++) {
      size_t at = panel_index(b, f, n->features);
      float factor = (n->gain ? n->gain[f] : 1.0f) * (1.0f / sqrtf(n->variance[f] + n->epsilon));
      float d = n->output_gradient[at] - n->share * n->sums[f];
      n->input_gradient[at] = factor * fmaf(-n->normalized[at], n->share * n->products[f], d);
    }
  }
}

void nk_reference_row_batch_normalize(const nk_row_batch_normalization *n) {
  for (size_t b = 0; b < n->samples; b++) {
    float *values = n->values + b * n->stride;
    for (size_t f = 0; f < n->features; f++) {
      float x = (values[f] - n->mean[f]) * (1.0f / sqrtf(n->variance[f] + n->epsilon));
      values[f] = fmaf(n->gain ? n->gain[f] : 1.0f, x, n->shift ? n->shift[f] : 0.0f);
    }
  }
}
