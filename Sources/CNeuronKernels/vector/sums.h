// Sums over samples and over slices: 32 lane sums, folded by halves, whatever the vector width.

/// Folds 32 lane sums to one: 16, 8, 4, 2, 1.
static float fold_lanes(const float *lanes) {
  float folded[NK_LANES / 2];
  for (int l = 0; l < NK_LANES / 2; l++) folded[l] = lanes[l] + lanes[l + NK_LANES / 2];
  for (int width = NK_LANES / 4; width > 0; width /= 2)
    for (int l = 0; l < width; l++) folded[l] += folded[l + width];
  return folded[0];
}

static void sample_sums(const nk_sample_sums *s) {
  _Alignas(64) float lanes[NK_LANES];
  size_t features = nk_panel_rows(s->features);
  for (size_t r = 0; r < s->rows; r++) {
    const float *row = s->values + (s->first_row + r) * NK_LANES;
    for (size_t i = 0; i < NK_LANES; i += VW) {
      vf sum = v_set(0.0f);
      size_t first = 0;
      for (; first + NK_LANES <= s->samples; first += NK_LANES) sum += v_load(row + first * features + i);
      if (first < s->samples) {
        vf rest = v_load(row + first * features + i);
        sum += v_select(v_lanes_below(i, s->samples - first), rest, v_set(0.0f));
      }
      v_store(lanes + i, sum);
    }
    s->sums[r] = fold_lanes(lanes);
  }
}

static double sum_of_squares(const float *values, size_t count) {
  _Alignas(64) float lanes[NK_LANES] = {0};
  for (size_t first = 0; first < count; first += NK_LANES) {
    size_t width = count - first < NK_LANES ? count - first : NK_LANES;
    for (size_t i = 0; i < width; i += VW) {
      vf v = v_load(values + first + i);
      v_store(lanes + i, v_fma(v, v, v_load(lanes + i)));
    }
  }
  return fold_lanes(lanes);
}
