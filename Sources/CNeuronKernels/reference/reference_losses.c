#include "reference.h"
#include "scalar_math.h"

/// The first class of the largest value; values stand 32 floats apart.
static size_t first_largest(const float *values, size_t classes) {
  size_t best = 0;
  for (size_t c = 1; c < classes; c++)
    if (values[c * NK_LANES] > values[best * NK_LANES]) best = c;
  return best;
}

/// One sample: z → p in place; returns −log p[label].
static float cross_entropy(float *values, size_t classes, size_t label) {
  float largest = values[0];
  for (size_t c = 1; c < classes; c++) largest = values[c * NK_LANES] < largest ? largest : values[c * NK_LANES];
  float sum = 0.0f, at_label = 0.0f;
  for (size_t c = 0; c < classes; c++) {
    float z = values[c * NK_LANES] - largest;
    if (c == label) at_label = z;
    values[c * NK_LANES] = scalar_exp(z);
    sum += values[c * NK_LANES];
  }
  float inverse = 1.0f / sum;
  for (size_t c = 0; c < classes; c++) values[c * NK_LANES] *= inverse;
  return sum == sum ? scalar_log(sum) - at_label : sum;
}

static void begin_half_panel(const nk_loss_head *h, size_t b) {
  if (b % NK_HALF_LANES != 0) return;
  h->loss_sums[b / NK_HALF_LANES] = 0;
  h->correct_counts[b / NK_HALF_LANES] = 0;
}

/// The gradient's computed lanes beyond the last sample are zero.
static void clear_unused_lanes(const nk_loss_head *h) {
  for (size_t b = h->samples; h->gradient && b < computed_samples(h->samples); b++)
    for (size_t o = 0; o < h->outputs; o++) h->gradient[panel_index(b, o, h->outputs)] = 0.0f;
}

void nk_reference_softmax_cross_entropy(const nk_loss_head *h) {
  for (size_t b = 0; b < h->samples; b++) {
    begin_half_panel(h, b);
    size_t label = h->labels[h->indices[b]], sample = panel_index(b, 0, h->outputs);
    h->loss_sums[b / NK_HALF_LANES] += cross_entropy(h->values + sample, h->outputs, label);
    h->correct_counts[b / NK_HALF_LANES] += first_largest(h->values + sample, h->outputs) == label;
    for (size_t c = 0; h->gradient && c < h->outputs; c++)
      h->gradient[sample + c * NK_LANES] = (h->values[sample + c * NK_LANES] - (c == label)) * h->gradient_scale;
  }
  clear_unused_lanes(h);
}

void nk_reference_mean_squared_error(const nk_loss_head *h) {
  float slope = 2.0f / (float)h->outputs * h->gradient_scale;
  for (size_t b = 0; b < h->samples; b++) {
    begin_half_panel(h, b);
    size_t row = h->indices[b], sample = panel_index(b, 0, h->outputs);
    float loss = 0.0f;
    for (size_t o = 0; o < h->outputs; o++) {
      float target = h->targets ? h->targets[row * h->outputs + o] : h->labels[row] == o;
      float error = h->values[sample + o * NK_LANES] - target;
      loss = fmaf(error, error, loss);
      if (h->gradient) h->gradient[sample + o * NK_LANES] = error * slope;
    }
    h->loss_sums[b / NK_HALF_LANES] += loss;
    if (h->labels) h->correct_counts[b / NK_HALF_LANES] += first_largest(h->values + sample, h->outputs) == h->labels[row];
  }
  for (size_t first = 0; first < h->samples; first += NK_HALF_LANES)
    h->loss_sums[first / NK_HALF_LANES] /= (double)h->outputs;
  clear_unused_lanes(h);
}
