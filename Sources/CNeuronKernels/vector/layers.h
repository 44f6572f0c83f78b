// Layers other than products and activations on panels of 32 lanes, all of them or the half that holds samples, and on
// sample rows.

#include "../pointwise/layer_functions.h"

#define FOR_PANELS(L, FEATURES)                                                                                        \
  for (size_t first = 0, offset = 0; first < (L)->samples;                                                             \
       first += NK_LANES, offset += nk_panel_rows(FEATURES) * NK_LANES)

// One loop per combination, chosen once for all rows.
#define COMBINE_CASE(KIND)                                                                                             \
  case KIND:                                                                                                           \
    FOR_LANES_OF_ROWS(v_store(values + at, v_combine(KIND, v_load(values + at), v_load(other + at), a, b)))            \
    break;

static __attribute__((noinline)) void combine_rows(nk_combination combination, float *values, const float *other,
                                                   size_t rows, size_t lanes, float a_value, float b_value) {
  const vf a = v_set(a_value), b = v_set(b_value);
  switch (combination) {
    COMBINE_CASE(NK_COMBINE_ADD)
    COMBINE_CASE(NK_COMBINE_MULTIPLY)
    COMBINE_CASE(NK_COMBINE_PENALTY)
    COMBINE_CASE(NK_COMBINE_SCALE)
    COMBINE_CASE(NK_COMBINE_RAISE)
  }
}

static void combine_panels(const nk_panel_combination *c) {
  FOR_PANELS(c, c->features) {
    combine_rows(c->combination, c->values + offset, c->other + offset, c->features, active_lanes(c->samples - first),
                 c->a, c->b);
  }
}

static void combine_slices(nk_combination combination, float *values, const float *other, size_t count, float a, float b) {
  size_t whole = count / NK_LANES;
  combine_rows(combination, values, other, whole, NK_LANES, a, b);
  if (count % NK_LANES)  // an odd line is half a row of lanes
    combine_rows(combination, values + whole * NK_LANES, other + whole * NK_LANES, 1, NK_HALF_LANES, a, b);
}

static void drop_vector(const nk_random_change *r, vu word, float *values, float *factors) {
  vi drops = v_unit_float(word) < v_set(r->rate);
  vf kept = v_fma(v_set(r->scale), v_load(values), v_set(r->shift));
  v_store(values, v_select(drops, v_set(r->dropped), kept));
  v_store(factors, v_select(drops, v_set(0.0f), v_set(r->scale)));
}

static void random_change(const nk_random_change *r) {
  FOR_PANELS(r, r->features) {
    for (size_t i = 0; i < active_lanes(r->samples - first); i += VW) {
      vu samples = (vu)v_lane_numbers() + (uint32_t)(r->first_sample + first + i);
      for (size_t block = 0; block * 4 < r->features; block++) {
        vu words[4];
        v_random_words(r, block, samples, words);
        for (size_t f = block * 4; f < smaller(block * 4 + 4, r->features); f++) {
          size_t at = offset + f * NK_LANES + i;
          if (r->kind == NK_RANDOM_DROP)
            drop_vector(r, words[f % 4], r->values + at, r->factors + at);
          else
            v_store(r->values + at, v_fma(v_set(r->scale), v_normal(words[f % 4]), v_load(r->values + at)));
        }
      }
    }
  }
}

/// One vector of lanes through its features, which stand NK_LANES floats apart.
static void normalize_lanes(const nk_normalization *n, float *values, float *normalized, float *inverses) {
  const vf count = v_set((float)n->features);
  vf mean = v_set(0.0f), squares = v_set(0.0f);
  if (n->centers) {
    for (size_t f = 0; f < n->features; f++) mean += v_load(values + f * NK_LANES);
    mean = mean / count;
  }
  for (size_t f = 0; f < n->features; f++) {
    vf d = v_load(values + f * NK_LANES) - mean;
    squares = v_fma(d, d, squares);
  }
  vf inverse = v_set(1.0f) / v_sqrt(squares / count + v_set(n->epsilon));
  for (size_t f = 0; f < n->features; f++) {
    vf x = (v_load(values + f * NK_LANES) - mean) * inverse;
    if (normalized) v_store(normalized + f * NK_LANES, x);
    v_store(values + f * NK_LANES, v_fma(v_set(n->gain[f]), x, v_set(n->shift ? n->shift[f] : 0.0f)));
  }
  if (inverses) v_store(inverses, inverse);
}

static void normalize(const nk_normalization *n) {
  FOR_PANELS(n, n->features) {
    for (size_t i = 0; i < active_lanes(n->samples - first); i += VW)
      normalize_lanes(n, n->values + offset + i, n->normalized ? n->normalized + offset + i : NULL,
                      n->inverses ? n->inverses + first * nk_panel_rows(1) + i : NULL);
  }
}

static void normalize_backward(const nk_normalization_backward *n) {
  const vf count = v_set((float)n->features);
  FOR_PANELS(n, n->features) {
    for (size_t i = 0; i < active_lanes(n->samples - first); i += VW) {
      size_t start = offset + i;
      vf sum = v_set(0.0f), dot = v_set(0.0f);
      for (size_t f = 0; f < n->features; f++) {
        vf g = v_load(n->output_gradient + start + f * NK_LANES) * v_set(n->gain[f]);
        if (n->centers) sum += g;
        dot = v_fma(g, v_load(n->normalized + start + f * NK_LANES), dot);
      }
      sum = sum / count;
      dot = dot / count;
      vf inverse = v_load(n->inverses + first * nk_panel_rows(1) + i);
      for (size_t f = 0; f < n->features; f++) {
        size_t at = start + f * NK_LANES;
        vf g = v_load(n->output_gradient + at) * v_set(n->gain[f]);
        v_store(n->input_gradient + at, inverse * v_fma(-v_load(n->normalized + at), dot, g - sum));
      }
    }
  }
}

static void sample_products(const nk_sample_products *s) {
  _Alignas(64) float lanes[NK_LANES];
  size_t features = nk_panel_rows(s->features);
  for (size_t r = 0; r < s->rows; r++) {
    const float *a = s->a + (s->first_row + r) * NK_LANES, *b = s->b + (s->first_row + r) * NK_LANES;
    for (size_t i = 0; i < NK_LANES; i += VW) {
      vf sum = v_set(0.0f);
      size_t first = 0;
      for (; first + NK_LANES <= s->samples; first += NK_LANES)
        sum += v_load(a + first * features + i) * v_load(b + first * features + i);
      if (first < s->samples) {
        vf rest = v_load(a + first * features + i) * v_load(b + first * features + i);
        sum += v_select(v_lanes_below(i, s->samples - first), rest, v_set(0.0f));
      }
      v_store(lanes + i, sum);
    }
    s->sums[r] = fold_lanes(lanes);
  }
}

static void gate(const nk_gate *g) {
  size_t inputs = nk_panel_rows(2 * g->outputs), outputs = nk_panel_rows(g->outputs);
  for (size_t first = 0; first < g->samples; first += NK_LANES) {
    const float *x = g->input + first * inputs;
    float *y = g->output + first * outputs;
    for (size_t f = 0; f < g->outputs; f++)
      for (size_t i = 0; i < active_lanes(g->samples - first); i += VW)
        v_store(y + f * NK_LANES + i,
                v_load(x + f * NK_LANES + i) * v_sigmoid(v_load(x + (g->outputs + f) * NK_LANES + i)));
  }
}

static void gate_backward(const nk_gate_backward *g) {
  size_t inputs = nk_panel_rows(2 * g->outputs), outputs = nk_panel_rows(g->outputs);
  for (size_t first = 0; first < g->samples; first += NK_LANES) {
    const float *x = g->input + first * inputs, *dy = g->output_gradient + first * outputs;
    float *dx = g->input_gradient + first * inputs;
    for (size_t f = 0; f < g->outputs; f++) {
      for (size_t i = 0; i < active_lanes(g->samples - first); i += VW) {
        size_t linear = f * NK_LANES + i, gated = (g->outputs + f) * NK_LANES + i;
        vf d = v_load(dy + linear), s = v_sigmoid(v_load(x + gated));
        v_store(dx + gated, d * v_load(x + linear) * (s * (v_set(1.0f) - s)));
        v_store(dx + linear, d * s);
      }
    }
  }
}

/// The sums go value by value, in the order of a panel's lane.
static void row_normalize(const nk_row_normalization *n) {
  float count = (float)n->features;
  for (size_t b = 0; b < n->samples; b++) {
    float *values = n->values + b * n->stride;
    float mean = 0.0f, squares = 0.0f;
    if (n->centers) {
      for (size_t f = 0; f < n->features; f++) mean += values[f];
      mean = mean / count;
    }
    for (size_t f = 0; f < n->features; f++) {
      float d = values[f] - mean;
      squares = __builtin_elementwise_fma(d, d, squares);
    }
    vf inverse = v_set(1.0f) / v_sqrt(v_set(squares / count + n->epsilon));
    for (size_t f = 0; f < n->features; f += VW) {
      vf x = (v_load(values + f) - v_set(mean)) * inverse;
      v_store(values + f, v_fma(v_load(n->gain + f), x, n->shift ? v_load(n->shift + f) : v_set(0.0f)));
    }
  }
}

/// The gates begin at any feature, so they are read unaligned, and the last ones one by one.
static void row_gate(const nk_row_gate *g) {
  for (size_t b = 0; b < g->samples; b++) {
    const float *x = g->input + b * g->input_stride;
    float *y = g->output + b * g->output_stride;
    size_t f = 0;
    for (; f + VW <= g->outputs; f += VW)
      v_store(y + f, v_load(x + f) * v_sigmoid(v_load_unaligned(x + g->outputs + f)));
    for (; f < g->outputs; f++) y[f] = x[f] * v_sigmoid(v_set(x[g->outputs + f]))[0];
  }
}
