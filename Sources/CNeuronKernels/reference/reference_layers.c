#include "reference.h"
#include "scalar_lanes.h"

#include "../pointwise/elementary.h"

#include "../pointwise/philox.h"

#include "../pointwise/layer_functions.h"

void nk_reference_combine_panels(const nk_panel_combination *c) {
  for (size_t b = 0; b < computed_samples(c->samples); b++) {
    for (size_t f = 0; f < c->features; f++) {
      size_t at = panel_index(b, f, c->features);
      c->values[at] = v_combine(c->combination, c->values[at], c->other[at], c->a, c->b);
    }
  }
}

void nk_reference_combine_slices(nk_combination combination, float *values, const float *other, size_t count, float a,
                                 float b) {
  for (size_t i = 0; i < count; i++) values[i] = v_combine(combination, values[i], other[i], a, b);
}

void nk_reference_random_change(const nk_random_change *r) {
  for (size_t b = 0; b < computed_samples(r->samples); b++) {
    for (size_t f = 0; f < r->features; f++) {
      uint32_t words[4];
      v_random_words(r, f / 4, (uint32_t)(r->first_sample + b), words);
      size_t at = panel_index(b, f, r->features);
      if (r->kind == NK_RANDOM_NOISE) {
        r->values[at] = fmaf(r->scale, v_normal(words[f % 4]), r->values[at]);
        continue;
      }
      bool drops = v_unit_float(words[f % 4]) < r->rate;
      r->values[at] = drops ? r->dropped : fmaf(r->scale, r->values[at], r->shift);
      r->factors[at] = drops ? 0.0f : r->scale;
    }
  }
}

/// 1/σ of one sample's features, `stride` floats apart, and their mean.
static float inverse_deviation(const float *values, size_t features, size_t stride, bool centers, float epsilon,
                               float *mean) {
  float sum = 0.0f, squares = 0.0f;
  for (size_t f = 0; centers && f < features; f++) sum += values[f * stride];
  *mean = centers ? sum / (float)features : 0.0f;
  for (size_t f = 0; f < features; f++) {
    float d = values[f * stride] - *mean;
    squares = fmaf(d, d, squares);
  }
  return 1.0f / sqrtf(squares / (float)features + epsilon);
}

void nk_reference_normalize(const nk_normalization *n) {
  for (size_t b = 0; b < computed_samples(n->samples); b++) {
    size_t sample = panel_index(b, 0, n->features);
    float mean, inverse = inverse_deviation(n->values + sample, n->features, NK_LANES, n->centers, n->epsilon, &mean);
    for (size_t f = 0; f < n->features; f++) {
      size_t at = sample + f * NK_LANES;
      float x = (n->values[at] - mean) * inverse;
      if (n->normalized) n->normalized[at] = x;
      n->values[at] = fmaf(n->gain[f], x, n->shift ? n->shift[f] : 0.0f);
    }
    if (n->inverses) n->inverses[panel_index(b, 0, 1)] = inverse;
  }
}

void nk_reference_normalize_backward(const nk_normalization_backward *n) {
  for (size_t b = 0; b < computed_samples(n->samples); b++) {
    size_t sample = panel_index(b, 0, n->features);
    float sum = 0.0f, dot = 0.0f;
    for (size_t f = 0; f < n->features; f++) {
      float g = n->output_gradient[sample + f * NK_LANES] * n->gain[f];
      if (n->centers) sum += g;
      dot = fmaf(g, n->normalized[sample + f * NK_LANES], dot);
    }
    sum = sum / (float)n->features;
    dot = dot / (float)n->features;
    for (size_t f = 0; f < n->features; f++) {
      size_t at = sample + f * NK_LANES;
      float g = n->output_gradient[at] * n->gain[f];
      n->input_gradient[at] = n->inverses[panel_index(b, 0, 1)] * fmaf(-n->normalized[at], dot, g - sum);
    }
  }
}

void nk_reference_sample_products(const nk_sample_products *s) {
  for (size_t r = 0; r < s->rows; r++) {
    float lanes[NK_LANES] = {0};
    for (size_t b = 0; b < s->samples; b++) {
      size_t at = panel_index(b, s->first_row + r, s->features);
      lanes[b % NK_LANES] += s->a[at] * s->b[at];
    }
    s->sums[r] = nk_reference_fold_lanes(lanes);
  }
}

void nk_reference_gate(const nk_gate *g) {
  for (size_t b = 0; b < computed_samples(g->samples); b++) {
    for (size_t f = 0; f < g->outputs; f++)
      g->output[panel_index(b, f, g->outputs)] = g->input[panel_index(b, f, 2 * g->outputs)] *
                                                 v_sigmoid(g->input[panel_index(b, g->outputs + f, 2 * g->outputs)]);
  }
}

void nk_reference_gate_backward(const nk_gate_backward *g) {
  for (size_t b = 0; b < computed_samples(g->samples); b++) {
    for (size_t f = 0; f < g->outputs; f++) {
      size_t linear = panel_index(b, f, 2 * g->outputs), gated = panel_index(b, g->outputs + f, 2 * g->outputs);
      float d = g->output_gradient[panel_index(b, f, g->outputs)], s = v_sigmoid(g->input[gated]);
      g->input_gradient[linear] = d * s;
      g->input_gradient[gated] = d * g->input[linear] * (s * (1.0f - s));
    }
  }
}

void nk_reference_row_normalize(const nk_row_normalization *n) {
  for (size_t b = 0; b < n->samples; b++) {
    float *values = n->values + b * n->stride;
    float mean, inverse = inverse_deviation(values, n->features, 1, n->centers, n->epsilon, &mean);
    for (size_t f = 0; f < n->features; f++)
      values[f] = fmaf(n->gain[f], (values[f] - mean) * inverse, n->shift ? n->shift[f] : 0.0f);
  }
}

void nk_reference_row_gate(const nk_row_gate *g) {
  for (size_t b = 0; b < g->samples; b++) {
    const float *x = g->input + b * g->input_stride;
    for (size_t f = 0; f < g->outputs; f++) g->output[b * g->output_stride + f] = x[f] * v_sigmoid(x[g->outputs + f]);
  }
}
