// Batch normalization: sums over samples in the order of `sums.h`, then panels of 32 lanes, all of them or the half that
// holds samples, and sample rows.

/// A row's lanes over all samples, folded: Σ (x − c), or Σ (x − c)² where `squares`.
static float centered_sum(const float *row, size_t samples, size_t stride, float center, bool squares) {
  _Alignas(64) float lanes[NK_LANES];
  const vf c = v_set(center);
  for (size_t i = 0; i < NK_LANES; i += VW) {
    vf sum = v_set(0.0f);
    size_t first = 0;
    for (; first + NK_LANES <= samples; first += NK_LANES) {
      vf d = v_load(row + first * stride + i) - c;
      sum = squares ? v_fma(d, d, sum) : sum + d;
    }
    if (first < samples) {
      vf d = v_select(v_lanes_below(i, samples - first), v_load(row + first * stride + i) - c, v_set(0.0f));
      sum = squares ? v_fma(d, d, sum) : sum + d;
    }
    v_store(lanes + i, sum);
  }
  return fold_lanes(lanes);
}

static void batch_moments(const nk_batch_moments *m) {
  const float count = (float)m->samples;
  size_t stride = nk_panel_rows(m->features);
  for (size_t r = 0; r < m->rows; r++) {
    const float *row = m->values + (m->first_row + r) * NK_LANES;
    float mean = row[0] + centered_sum(row, m->samples, stride, row[0], false) / count;
    m->means[r] = mean;
    m->variances[r] = centered_sum(row, m->samples, stride, mean, true) / count;
  }
}

static float inverse_deviation(float variance, float epsilon) {
  return 1.0f / __builtin_elementwise_sqrt(variance + epsilon);
}

static void batch_normalize(const nk_batch_normalization *n) {
  FOR_PANELS(n, n->features) {
    size_t lanes = active_lanes(n->samples - first);
    for (size_t f = 0; f < n->features; f++) {
      const vf mean = v_set(n->mean[f]), inverse = v_set(inverse_deviation(n->variance[f], n->epsilon));
      const vf gain = v_set(n->gain ? n->gain[f] : 1.0f), shift = v_set(n->shift ? n->shift[f] : 0.0f);
      for (size_t i = 0; i < lanes; i += VW) {
        size_t at = offset + f * NK_LANES + i;
        vf x = (v_load(n->input + at) - mean) * inverse;
        if (n->normalized) v_store(n->normalized + at, x);
        v_store(n->output + at, v_fma(gain, x, shift));
      }
    }
  }
}

static void batch_normalize_backward(const nk_batch_normalization_backward *n) {
  FOR_PANELS(n, n->features) {
    size_t lanes = active_lanes(n->samples - first);
    for (size_t f = 0; f < n->features; f++) {
      const vf factor = v_set((n->gain ? n->gain[f] : 1.0f) * inverse_deviation(n->variance[f], n->epsilon));
      const vf sum = v_set(n->share * n->sums[f]), product = v_set(n->share * n->products[f]);
      for (size_t i = 0; i < lanes; i += VW) {
        size_t at = offset + f * NK_LANES + i;
        vf d = v_load(n->output_gradient + at) - sum;
        v_store(n->input_gradient + at, factor * v_fma(-v_load(n->normalized + at), product, d));
      }
    }
  }
}

static void row_batch_normalize(const nk_row_batch_normalization *n) {
  for (size_t b = 0; b < n->samples; b++) {
    float *values = n->values + b * n->stride;
    for (size_t f = 0; f < n->features; f += VW) {
      vf inverse = v_set(1.0f) / v_sqrt(v_load(n->variance + f) + v_set(n->epsilon));
      vf x = (v_load(values + f) - v_load(n->mean + f)) * inverse;
      v_store(values + f, v_fma(n->gain ? v_load(n->gain + f) : v_set(1.0f), x,
                                n->shift ? v_load(n->shift + f) : v_set(0.0f)));
    }
  }
}
