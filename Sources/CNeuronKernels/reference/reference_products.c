#include <math.h>

#include "reference.h"

void nk_reference_dense_forward(const nk_dense_forward *d) {
  for (size_t b = 0; b < computed_samples(d->samples); b++) {
    for (size_t o = d->first_row; o < d->first_row + d->rows; o++) {
      float z = d->bias ? d->bias[o] : 0.0f;
      for (size_t i = 0; i < d->inputs; i++)
        z = fmaf(d->weights[weight_index(o, i, d->outputs)], d->input[panel_index(b, i, d->inputs)], z);
      d->output[panel_index(b, o, d->outputs)] = z;
    }
  }
  nk_activation_forward activation = {d->samples, d->outputs, d->output, d->preactivation, d->activation};
  nk_reference_activate_units(&activation, d->first_row, d->rows);
}

void nk_reference_dense_backward(const nk_dense_backward *d) {
  for (size_t b = 0; b < computed_samples(d->samples); b++) {
    for (size_t i = d->first_row; i < d->first_row + d->rows; i++) {
      float dx = 0.0f;
      for (size_t o = 0; o < d->outputs; o++)
        dx = fmaf(d->weights[weight_index(o, i, d->outputs)], d->output_gradient[panel_index(b, o, d->outputs)], dx);
      d->input_gradient[panel_index(b, i, d->inputs)] = dx;
    }
  }
  nk_activation_backward below = {d->samples,      d->inputs,              d->input_gradient,
                                  d->below_output, d->below_preactivation, d->below};
  nk_reference_derive_units(&below, d->first_row, d->rows);
}

void nk_reference_weight_gradient(const nk_weight_gradient *g) {
  for (size_t r = 0; r < g->rows; r++) {
    for (size_t i = 0; i < NK_LANES; i++) {
      float sum = 0.0f;
      for (size_t b = 0; i < g->inputs && b < g->samples; b++)
        sum = fmaf(g->output_gradient[panel_index(b, g->first_row + r, g->outputs)],
                   g->input_transposed[b * NK_LANES + i], sum);
      g->gradient[r * NK_LANES + i] = sum;
    }
  }
}

float nk_reference_fold_lanes(float lanes[NK_LANES]) {
  for (size_t width = NK_LANES / 2; width > 0; width /= 2)
    for (size_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
  return lanes[0];
}

void nk_reference_sample_sums(const nk_sample_sums *s) {
  for (size_t r = 0; r < s->rows; r++) {
    float lanes[NK_LANES] = {0};
    for (size_t b = 0; b < s->samples; b++)
      lanes[b % NK_LANES] += s->values[panel_index(b, s->first_row + r, s->features)];
    s->sums[r] = nk_reference_fold_lanes(lanes);
  }
}

double nk_reference_sum_of_squares(const float *values, size_t count) {
  float lanes[NK_LANES] = {0};
  for (size_t i = 0; i < count; i++) lanes[i % NK_LANES] = fmaf(values[i], values[i], lanes[i % NK_LANES]);
  return nk_reference_fold_lanes(lanes);
}
