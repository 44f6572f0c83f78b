// Loss heads: loss, its gradient and the hits of half a panel while its outputs are in the first-level cache.

/// Half a panel: `active` samples of the minibatch from `first` on, where their values and gradient (or NULL) begin, and
/// the half's slot in the sums.
typedef struct half_panel {
  size_t first, active, slot;
  float *values, *gradient;
} half_panel;

INLINE half_panel half_panel_at(const nk_loss_head *h, size_t first) {
  size_t offset = first / NK_LANES * NK_LANES * nk_panel_rows(h->outputs) + first % NK_LANES;
  return (half_panel){first, smaller(NK_HALF_LANES, h->samples - first), first / NK_HALF_LANES, h->values + offset,
                      h->gradient ? h->gradient + offset : NULL};
}

/// The labels of a half panel's lanes; lanes without a sample get class 0 and are masked by the callers.
static void load_labels(const nk_loss_head *h, half_panel p, int32_t labels[NK_HALF_LANES]) {
  for (size_t lane = 0; lane < NK_HALF_LANES; lane++)
    labels[lane] = lane < p.active ? (int32_t)h->labels[h->indices[p.first + lane]] : 0;
}

/// How many samples have their largest value in the label's row (the first of equals counts).
static uint32_t count_hits(half_panel p, size_t outputs, const int32_t *labels) {
  uint32_t hits = 0;
  for (size_t i = 0; i < NK_HALF_LANES; i += VW) {
    vf best = v_load(p.values + i);
    vi best_class = 0;
    for (size_t c = 1; c < outputs; c++) {
      vf v = v_load(p.values + c * NK_LANES + i);
      vi larger = v > best;
      best = v_select(larger, v, best);
      best_class = (best_class & ~larger) | (larger & (int32_t)c);
    }
    vi hit = (best_class == *(const vi *)(labels + i)) & v_lanes_below(i, p.active);
    for (int lane = 0; lane < VW; lane++) hits += hit[lane] != 0;
  }
  return hits;
}

static double sum_lanes(const float *lanes, size_t active) {
  double sum = 0;
  for (size_t lane = 0; lane < active; lane++) sum += lanes[lane];
  return sum;
}

/// One register column of a panel: z → p in `values`, the loss of its lanes, and (p − one-hot)·scale.
INLINE void cross_entropy_column(const nk_loss_head *h, float *values, float *gradient, vi label, vi active, float *losses) {
  vf largest = v_load(values);
  for (size_t c = 1; c < h->outputs; c++) {
    vf z = v_load(values + c * NK_LANES);
    largest = v_select(z < largest, largest, z);
  }
  vf sum = v_set(0.0f), at_label = v_set(0.0f);
  for (size_t c = 0; c < h->outputs; c++) {
    vf z = v_load(values + c * NK_LANES) - largest;
    vf e = v_exp(z);
    at_label = v_select(label == (vi)(int32_t)c, z, at_label);
    v_store(values + c * NK_LANES, e);
    sum += e;
  }
  v_store(losses, v_select(sum == sum, v_log(sum) - at_label, sum));
  vf inverse = v_set(1.0f) / sum;
  for (size_t c = 0; c < h->outputs; c++) {
    vf p = v_load(values + c * NK_LANES) * inverse;
    v_store(values + c * NK_LANES, p);
    if (!gradient) continue;
    vf target = v_select(label == (vi)(int32_t)c, v_set(1.0f), v_set(0.0f));
    v_store(gradient + c * NK_LANES, v_select(active, (p - target) * h->gradient_scale, v_set(0.0f)));
  }
}

static void softmax_cross_entropy(const nk_loss_head *h) {
  _Alignas(64) int32_t labels[NK_HALF_LANES];
  _Alignas(64) float losses[NK_HALF_LANES];
  for (size_t first = 0; first < h->samples; first += NK_HALF_LANES) {
    half_panel p = half_panel_at(h, first);
    load_labels(h, p, labels);
    for (size_t i = 0; i < NK_HALF_LANES; i += VW)
      cross_entropy_column(h, p.values + i, p.gradient ? p.gradient + i : NULL, *(const vi *)(labels + i),
                           v_lanes_below(i, p.active), losses + i);
    h->loss_sums[p.slot] = sum_lanes(losses, p.active);
    h->correct_counts[p.slot] = count_hits(p, h->outputs, labels);
  }
}

/// Puts output `o`'s targets of a half panel's samples into lanes.
static void load_targets(const nk_loss_head *h, half_panel p, size_t o, float targets[NK_HALF_LANES]) {
  for (size_t lane = 0; lane < NK_HALF_LANES; lane++) {
    size_t row = lane < p.active ? h->indices[p.first + lane] : 0;
    targets[lane] = lane >= p.active ? 0.0f : h->targets ? h->targets[row * h->outputs + o] : h->labels[row] == o;
  }
}

static void mean_squared_error(const nk_loss_head *h) {
  _Alignas(64) int32_t labels[NK_HALF_LANES];
  _Alignas(64) float targets[NK_HALF_LANES], losses[NK_HALF_LANES];
  const vf slope = v_set(2.0f / (float)h->outputs * h->gradient_scale);
  for (size_t first = 0; first < h->samples; first += NK_HALF_LANES) {
    half_panel p = half_panel_at(h, first);
    memset(losses, 0, sizeof losses);
    for (size_t o = 0; o < h->outputs; o++) {
      load_targets(h, p, o, targets);
      for (size_t i = 0; i < NK_HALF_LANES; i += VW) {
        size_t at = o * NK_LANES + i;
        vf error = v_load(p.values + at) - v_load(targets + i);
        v_store(losses + i, v_fma(error, error, v_load(losses + i)));
        if (p.gradient) v_store(p.gradient + at, v_select(v_lanes_below(i, p.active), error * slope, v_set(0.0f)));
      }
    }
    h->loss_sums[p.slot] = sum_lanes(losses, p.active) / (double)h->outputs;
    h->correct_counts[p.slot] = 0;
    if (!h->labels) continue;
    load_labels(h, p, labels);
    h->correct_counts[p.slot] = count_hits(p, h->outputs, labels);
  }
}
