#include "reference.h"
#include "scalar_math.h"

static float slope_of(const nk_activation *a, size_t unit) {
  return a->kind == NK_ACTIVATION_PRELU ? a->slopes[unit] : a->slope;
}

float nk_reference_activate(const nk_activation *a, size_t unit, float z) {
  switch (a->kind) {
  case NK_ACTIVATION_STEP:
    return z > 0.0f ? 1.0f : z <= 0.0f ? 0.0f : z;
  case NK_ACTIVATION_SIGMOID:
    return scalar_sigmoid(z);
  case NK_ACTIVATION_TANH:
    return scalar_tanh(z);
  case NK_ACTIVATION_RELU:
    return z < 0.0f ? 0.0f : z;
  case NK_ACTIVATION_LEAKY_RELU:
  case NK_ACTIVATION_PRELU:
    return z < 0.0f ? z * slope_of(a, unit) : z;
  default:
    return z;
  }
}

void nk_reference_softmax(float *values, size_t features, size_t stride) {
  float largest = values[0];
  for (size_t c = 1; c < features; c++) largest = values[c * stride] < largest ? largest : values[c * stride];
  float sum = 0.0f;
  for (size_t c = 0; c < features; c++) {
    values[c * stride] = scalar_exp(values[c * stride] - largest);
    sum += values[c * stride];
  }
  float inverse = 1.0f / sum;
  for (size_t c = 0; c < features; c++) values[c * stride] *= inverse;
}

void nk_reference_activate_units(const nk_activation_forward *a, size_t first, size_t count) {
  for (size_t b = 0; b < computed_samples(a->samples); b++) {
    for (size_t f = first; f < first + count; f++) {
      size_t at = panel_index(b, f, a->features);
      if (a->preactivation) a->preactivation[at] = a->values[at];
      a->values[at] = nk_reference_activate(&a->activation, f, a->values[at]);
    }
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX)
      nk_reference_softmax(a->values + panel_index(b, 0, a->features), a->features, NK_LANES);
  }
}

void nk_reference_activation_forward(const nk_activation_forward *a) { nk_reference_activate_units(a, 0, a->features); }

float nk_reference_derive(const nk_activation *a, size_t unit, float gradient, float y, float *z) {
  switch (a->kind) {
  case NK_ACTIVATION_STEP:
    return 0.0f;
  case NK_ACTIVATION_SIGMOID:
    return gradient * (y * (1.0f - y));
  case NK_ACTIVATION_TANH:
    return gradient * fmaf(-y, y, 1.0f);
  case NK_ACTIVATION_RELU:
    return y > 0.0f ? gradient : 0.0f;
  case NK_ACTIVATION_LEAKY_RELU:
    return y > 0.0f ? gradient : gradient * a->slope;
  case NK_ACTIVATION_PRELU: {
    float before = *z;
    *z = before > 0.0f ? 0.0f : gradient * before;
    return before > 0.0f ? gradient : gradient * slope_of(a, unit);
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

void nk_reference_derive_units(const nk_activation_backward *a, size_t first, size_t count) {
  if (a->activation.kind == NK_ACTIVATION_LINEAR) return;
  for (size_t b = 0; b < computed_samples(a->samples); b++) {
    size_t sample = panel_index(b, 0, a->features);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX) {
      derive_softmax(a->gradient + sample, a->output + sample, a->features);
      continue;
    }
    for (size_t f = first; f < first + count; f++) {
      size_t at = sample + f * NK_LANES;
      a->gradient[at] = nk_reference_derive(&a->activation, f, a->gradient[at], a->output[at],
                                            a->preactivation ? a->preactivation + at : NULL);
    }
  }
}

void nk_reference_activation_backward(const nk_activation_backward *a) { nk_reference_derive_units(a, 0, a->features); }
