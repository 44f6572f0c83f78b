// Embedding of category numbers: features move as registers, vectors are looked up lane by lane.

static void copy_feature(const float *from, float *to, size_t lanes) {
  for (size_t i = 0; i < lanes; i += VW) v_store(to + i, v_load(from + i));
}

static void embed(const nk_embedding *e) {
  size_t inputs = nk_panel_rows(e->features), outputs = nk_panel_rows(e->features - 1 + e->width);
  for (size_t first = 0; first < e->samples; first += NK_LANES) {
    const float *x = e->input + first * inputs, *codes = x + e->column * NK_LANES;
    float *y = e->output + first * outputs, *vectors = y + (e->features - 1) * NK_LANES;
    size_t lanes = active_lanes(e->samples - first);
    for (size_t f = 0; f + 1 < e->features; f++)
      copy_feature(x + (f < e->column ? f : f + 1) * NK_LANES, y + f * NK_LANES, lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
      const float *row = e->table + nk_category(codes[lane], e->categories) * e->width;
      for (size_t t = 0; t < e->width; t++) vectors[t * NK_LANES + lane] = row[t];
    }
  }
}

static void embed_backward(const nk_embedding_backward *e) {
  size_t inputs = nk_panel_rows(e->features), outputs = nk_panel_rows(e->features - 1 + e->width);
  for (size_t first = 0; first < e->samples; first += NK_LANES) {
    const float *dy = e->output_gradient + first * outputs;
    float *dx = e->input_gradient + first * inputs;
    size_t lanes = active_lanes(e->samples - first);
    for (size_t i = 0; i < lanes; i += VW) v_store(dx + e->column * NK_LANES + i, v_set(0.0f));
    for (size_t f = 0; f + 1 < e->features; f++)
      copy_feature(dy + f * NK_LANES, dx + (f < e->column ? f : f + 1) * NK_LANES, lanes);
  }
}

/// A panel's samples one after the other, those whose vectors lie outside of the block passed over.
static void embedding_gradient(const nk_embedding_gradient *e) {
  size_t inputs = nk_panel_rows(e->features), outputs = nk_panel_rows(e->features - 1 + e->width);
  size_t end = e->first + e->count;
  for (size_t i = 0; i < e->count; i++) e->gradient[i] = 0.0f;
  for (size_t b = 0; b < e->samples; b++) {
    size_t panel = b / NK_LANES * NK_LANES, lane = b % NK_LANES;
    size_t start = nk_category(e->input[panel * inputs + e->column * NK_LANES + lane], e->categories) * e->width;
    if (start >= end || start + e->width <= e->first) continue;
    size_t from = start < e->first ? e->first : start, to = smaller(start + e->width, end);
    const float *dy = e->output_gradient + panel * outputs + (e->features - 1) * NK_LANES + lane;
    for (size_t i = from; i < to; i++) e->gradient[i - e->first] += dy[(i - start) * NK_LANES];
  }
}

static void row_embed(const nk_row_embedding *e) {
  for (size_t b = 0; b < e->samples; b++) {
    const float *x = e->input + b * e->input_stride;
    const float *row = e->table + nk_category(x[e->column], e->categories) * e->width;
    float *y = e->output + b * e->output_stride;
    for (size_t f = 0; f + 1 < e->features; f++) y[f] = x[f < e->column ? f : f + 1];
    for (size_t t = 0; t < e->width; t++) y[e->features - 1 + t] = row[t];
  }
}
