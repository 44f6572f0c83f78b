#include "reference.h"
#include "scalar_lanes.h"

#include "../pointwise/elementary.h"

#include "../pointwise/activation_functions.h"

#include "../pointwise/philox.h"

static float slope_of(const nk_activation *activation, size_t unit) {
  return activation->slopes[activation->shares_slope ? 0 : unit];
}

/// Randomized leaky ReLU: with the slope in `kept`, where f′ is left, or with the mean.
static float activate_randomly(const nk_activation *activation, float z, float *kept) {
  float slope = kept ? *kept : 0.5f * (activation->a + activation->b);
  if (kept) *kept = z > 0.0f ? 1.0f : slope;
  return leaky_relu_value(z, slope, slope);
}

#define ACTIVATE_CASE(KIND, NAME, SOURCE)                                                                              \
  case NK_ACTIVATION_##KIND:                                                                                           \
    return NAME##_value(z, activation->a, activation->b);

float nk_reference_activate(const nk_activation *activation, size_t unit, float z, float *kept) {
  if (activation->kind == NK_ACTIVATION_RRELU) return activate_randomly(activation, z, kept);
  if (kept) *kept = z;
  switch (activation->kind) {
    POINTWISE_ACTIVATIONS(ACTIVATE_CASE)
  case NK_ACTIVATION_PRELU:
    return leaky_relu_value(z, slope_of(activation, unit), 0.0f);
  default:
    return z;
  }
}

static float largest_of(const float *values, size_t features, size_t stride) {
  float largest = values[0];
  for (size_t c = 1; c < features; c++) largest = values[c * stride] < largest ? largest : values[c * stride];
  return largest;
}

static void softmax(float *values, size_t features, size_t stride) {
  float largest = largest_of(values, features, stride), sum = 0.0f;
  for (size_t c = 0; c < features; c++) {
    values[c * stride] = scalar_exp(values[c * stride] - largest);
    sum += values[c * stride];
  }
  float inverse = 1.0f / sum;
  for (size_t c = 0; c < features; c++) values[c * stride] *= inverse;
}

static void log_softmax(float *values, size_t features, size_t stride) {
  float largest = largest_of(values, features, stride), sum = 0.0f;
  for (size_t c = 0; c < features; c++) sum += scalar_exp(values[c * stride] - largest);
  float log_sum = sum == sum ? scalar_log(sum) : sum;
  for (size_t c = 0; c < features; c++) values[c * stride] = (values[c * stride] - largest) - log_sum;
}

void nk_reference_couple(nk_activation_kind kind, float *values, size_t features, size_t stride) {
  if (kind == NK_ACTIVATION_SOFTMAX) softmax(values, features, stride);
  if (kind == NK_ACTIVATION_LOG_SOFTMAX) log_softmax(values, features, stride);
}

void nk_reference_activate_units(const nk_activation_forward *a, size_t first, size_t count) {
  for (size_t b = 0; b < computed_samples(a->samples); b++) {
    for (size_t f = first; f < first + count; f++) {
      size_t at = panel_index(b, f, a->features);
      float *kept = a->preactivation ? a->preactivation + at : NULL;
      a->values[at] = nk_reference_activate(&a->activation, f, a->values[at], kept);
    }
    nk_reference_couple(a->activation.kind, a->values + panel_index(b, 0, a->features), a->features, NK_LANES);
  }
}

void nk_reference_activation_forward(const nk_activation_forward *a) { nk_reference_activate_units(a, 0, a->features); }

#define FROM_OUTPUT y
#define FROM_PREACTIVATION *z
#define DERIVE_CASE(KIND, NAME, SOURCE)                                                                                \
  case NK_ACTIVATION_##KIND:                                                                                           \
    return NAME##_gradient(gradient, FROM_##SOURCE, activation->a, activation->b);

float nk_reference_derive(const nk_activation *activation, size_t unit, float gradient, float y, float *z) {
  switch (activation->kind) {
    POINTWISE_ACTIVATIONS(DERIVE_CASE)
  case NK_ACTIVATION_RRELU:
    return gradient * *z;
  case NK_ACTIVATION_PRELU: {
    float before = *z;
    *z = before > 0.0f ? 0.0f : gradient * before;
    return before > 0.0f ? gradient : gradient * slope_of(activation, unit);
  }
  default:
    return gradient;
  }
}

static void derive_softmax(float *gradient, const float *output, size_t features) {
  float dot = 0.0f;
  for (size_t c = 0; c < features; c++) dot = fmaf(gradient[c * NK_LANES], output[c * NK_LANES], dot);
  for (size_t c = 0; c < features; c++) gradient[c * NK_LANES] = output[c * NK_LANES] * (gradient[c * NK_LANES] - dot);
}

static void derive_log_softmax(float *gradient, const float *output, size_t features) {
  float sum = 0.0f;
  for (size_t c = 0; c < features; c++) sum += gradient[c * NK_LANES];
  for (size_t c = 0; c < features; c++)
    gradient[c * NK_LANES] = fmaf(-scalar_exp(output[c * NK_LANES]), sum, gradient[c * NK_LANES]);
}

void nk_reference_derive_units(const nk_activation_backward *a, size_t first, size_t count) {
  if (a->activation.kind == NK_ACTIVATION_LINEAR) return;
  for (size_t b = 0; b < computed_samples(a->samples); b++) {
    size_t sample = panel_index(b, 0, a->features);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX) derive_softmax(a->gradient + sample, a->output + sample, a->features);
    if (a->activation.kind == NK_ACTIVATION_LOG_SOFTMAX)
      derive_log_softmax(a->gradient + sample, a->output + sample, a->features);
    for (size_t f = first; f < first + count; f++) {
      size_t at = sample + f * NK_LANES;
      a->gradient[at] = nk_reference_derive(&a->activation, f, a->gradient[at], a->output ? a->output[at] : 0.0f,
                                            a->preactivation ? a->preactivation + at : NULL);
    }
  }
}

void nk_reference_activation_backward(const nk_activation_backward *a) { nk_reference_derive_units(a, 0, a->features); }

void nk_reference_random_slopes(const nk_random_slopes *r) {
  for (size_t b = 0; b < computed_samples(r->samples); b++) {
    for (size_t f = r->first_row; f < r->first_row + r->rows; f++) {
      float slopes[4];
      v_random_slopes(r, f / 4, (uint32_t)(r->first_sample + b), slopes);
      r->slopes[panel_index(b, f, r->features)] = slopes[f % 4];
    }
  }
}

bool nk_activation_reads_preactivation(nk_activation_kind kind) {
  enum { OUTPUT = false, PREACTIVATION = true };
  switch (kind) {
#define READS_CASE(KIND, NAME, SOURCE)                                                                                 \
  case NK_ACTIVATION_##KIND:                                                                                           \
    return SOURCE;
    POINTWISE_ACTIVATIONS(READS_CASE)
  default:
    return kind == NK_ACTIVATION_PRELU || kind == NK_ACTIVATION_RRELU;
  }
}
