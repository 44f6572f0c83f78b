#include "reference.h"
#include "scalar_lanes.h"

#include "../pointwise/elementary.h"

#include "../pointwise/loss_functions.h"

/// One sample: its row of the data set, its label (0 without any), its weight, and its values and gradient (or NULL), 32
/// floats from output to output.
typedef struct loss_sample {
  size_t row, label;
  float weight;
  float *values, *gradient;
} loss_sample;

static loss_sample sample_at(const nk_loss_head *h, size_t b) {
  size_t row = h->indices[b], at = panel_index(b, 0, h->outputs);
  loss_sample s = {row, h->labels ? h->labels[row] : 0, 1.0f, h->values + at, h->gradient ? h->gradient + at : NULL};
  if (h->sample_weights) s.weight = h->sample_weights[row];
  if (h->class_weights) s.weight *= h->class_weights[s.label];
  return s;
}

/// What output o of a sample is compared with.
static float target_of(const nk_loss_head *h, const loss_sample *s, size_t o) {
  if (h->targets) return h->targets[s->row * nk_target_width(&h->loss, h->outputs) + o];
  return s->label == (h->outputs == 1 ? 1 : o) ? 1.0f : 0.0f;
}

/// The first class of the largest value; of a single value, on which side of the threshold it is.
static size_t class_of(const nk_loss_head *h, const float *values) {
  if (h->outputs == 1) return values[0] > h->loss.threshold;
  size_t best = 0;
  for (size_t c = 1; c < h->outputs; c++)
    if (values[c * NK_LANES] > values[best * NK_LANES]) best = c;
  return best;
}

#define ELEMENT_CASE(KIND, NAME, FACTOR, OUTPUT)                                                                       \
  case NK_LOSS_##KIND: {                                                                                               \
    float slope = NAME##_slope(*y, t, a, b);                                                                           \
    sum = NAME##_add(sum, *y, t, a, b);                                                                                \
    if (s->gradient) s->gradient[o * NK_LANES] = slope * (FACTOR / (float)h->outputs * h->gradient_scale * s->weight); \
    if (!h->loss.keeps_values) *y = OUTPUT(*y);                                                                        \
    break;                                                                                                             \
  }

static float element_loss(const nk_loss_head *h, const loss_sample *s) {
  float sum = 0.0f, a = h->loss.a, b = h->loss.b;
  for (size_t o = 0; o < h->outputs; o++) {
    float *y = s->values + o * NK_LANES, t = target_of(h, s, o);
    switch (h->loss.kind) {
      ELEMENT_LOSSES(ELEMENT_CASE)
    default:
      break;
    }
  }
  return sum;
}

static float gaussian_loss(const nk_loss_head *h, const loss_sample *s) {
  size_t width = h->outputs / 2;
  float sum = 0.0f, scale = 1.0f / (float)width * h->gradient_scale * s->weight;
  for (size_t o = 0; o < width; o++) {
    float mean = s->values[o * NK_LANES], variance = s->values[(width + o) * NK_LANES], t = target_of(h, s, o);
    sum = gaussian_nll_add(sum, mean, variance, t);
    if (!s->gradient) continue;
    s->gradient[o * NK_LANES] = gaussian_nll_mean_slope(mean, variance, t) * scale;
    s->gradient[(width + o) * NK_LANES] = gaussian_nll_variance_slope(mean, variance, t) * scale;
  }
  return sum;
}

#define SHIFTED(value) ((value) - largest)
#define PLAIN(value) (value)
#define OUTPUT_SHIFTED(y) probability(&state, y)
#define OUTPUT_PLAIN(y) (y)

#define JOINT_CASE(KIND, NAME, SHIFT)                                                                                  \
  case NK_LOSS_##KIND:                                                                                                 \
    for (size_t o = 0; o < h->outputs; o++)                                                                            \
      NAME##_join(&state, SHIFT(s->values[o * NK_LANES]), target_of(h, s, o), (int32_t)o, a, b);                       \
    loss = NAME##_end(&state, a);                                                                                      \
    for (size_t o = 0; o < h->outputs; o++) {                                                                          \
      float y = SHIFT(s->values[o * NK_LANES]), slope = NAME##_part(&state, y, target_of(h, s, o), (int32_t)o, a, b);  \
      if (s->gradient) s->gradient[o * NK_LANES] = slope * (h->gradient_scale * s->weight);                            \
      if (!h->loss.keeps_values) s->values[o * NK_LANES] = OUTPUT_##SHIFT(y);                                          \
    }                                                                                                                  \
    break;

static float joint_loss(const nk_loss_head *h, const loss_sample *s) {
  float loss = 0.0f, a = h->loss.a, b = h->loss.b, largest = s->values[0];
  loss_state state = loss_state_begun();
  for (size_t o = 1; o < h->outputs; o++)
    largest = s->values[o * NK_LANES] < largest ? largest : s->values[o * NK_LANES];
  switch (h->loss.kind) {
    JOINT_LOSSES(JOINT_CASE)
  default:
    break;
  }
  return loss;
}

static float loss_of(const nk_loss_head *h, nk_loss_form form, const loss_sample *s) {
  switch (form) {
  case NK_LOSS_OF_LABELS:
    return cross_entropy_column(h->outputs, h->loss.keeps_values, s->values, s->gradient, (int32_t)s->label, true,
                                h->gradient_scale * s->weight);
  case NK_LOSS_OF_PAIRS:
    return gaussian_loss(h, s);
  case NK_LOSS_JOINT:
    return joint_loss(h, s);
  default:
    return element_loss(h, s);
  }
}

/// The gradient's computed lanes beyond the last sample are zero.
static void clear_unused_lanes(const nk_loss_head *h) {
  for (size_t b = h->samples; h->gradient && b < computed_samples(h->samples); b++)
    for (size_t o = 0; o < h->outputs; o++) h->gradient[panel_index(b, o, h->outputs)] = 0.0f;
}

void nk_reference_loss_head(const nk_loss_head *h) {
  nk_loss_form form = nk_loss_form_of(h);
  size_t slots = computed_samples(h->samples) / NK_HALF_LANES;
  for (size_t slot = 0; slot < slots; slot++) {
    h->loss_sums[slot] = 0;
    h->correct_counts[slot] = 0;
  }
  for (size_t b = 0; b < h->samples; b++) {
    loss_sample s = sample_at(h, b);
    float loss = loss_of(h, form, &s);
    h->loss_sums[b / NK_HALF_LANES] += (double)loss * (double)s.weight;
    if (h->labels) h->correct_counts[b / NK_HALF_LANES] += class_of(h, s.values) == s.label;
  }
  for (size_t slot = 0; slot < slots; slot++) h->loss_sums[slot] /= nk_loss_divisor(h, form);
  clear_unused_lanes(h);
}
