// Moving samples between the two activation layouts, and data set rows into both.

// 8 × 8 blocks on x86-64 and 4 × 4 on NEON: the largest that in-register shuffles move without crossing slow lanes.
#if VW >= 8
#define BLOCK 8
#else
#define BLOCK 4
#endif
typedef float block_row __attribute__((ext_vector_type(BLOCK)));

INLINE block_row load_block_row(const float *p) { return *(const block_row *)p; }
INLINE void store_block_row(float *p, block_row v) { *(block_row *)p = v; }

/// destination[c][r] = source[r][c] for one block; rows `source_stride` and `destination_stride` floats apart.
INLINE void transpose_block(const float *source, size_t source_stride, float *destination, size_t destination_stride) {
#define ROW(r) load_block_row(source + (r) * source_stride)
#define PUT(c, v) store_block_row(destination + (c) * destination_stride, v)
#if BLOCK == 8
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define PAIR_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PAIR_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define HALF_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HALF_HIGH(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
  block_row r0 = ROW(0), r1 = ROW(1), r2 = ROW(2), r3 = ROW(3), r4 = ROW(4), r5 = ROW(5), r6 = ROW(6), r7 = ROW(7);
  block_row a0 = LOW(r0, r1), a1 = HIGH(r0, r1), a2 = LOW(r2, r3), a3 = HIGH(r2, r3);
  block_row a4 = LOW(r4, r5), a5 = HIGH(r4, r5), a6 = LOW(r6, r7), a7 = HIGH(r6, r7);
  block_row b0 = PAIR_LOW(a0, a2), b1 = PAIR_HIGH(a0, a2), b2 = PAIR_LOW(a1, a3), b3 = PAIR_HIGH(a1, a3);
  block_row b4 = PAIR_LOW(a4, a6), b5 = PAIR_HIGH(a4, a6), b6 = PAIR_LOW(a5, a7), b7 = PAIR_HIGH(a5, a7);
  PUT(0, HALF_LOW(b0, b4)), PUT(1, HALF_LOW(b1, b5)), PUT(2, HALF_LOW(b2, b6)), PUT(3, HALF_LOW(b3, b7));
  PUT(4, HALF_HIGH(b0, b4)), PUT(5, HALF_HIGH(b1, b5)), PUT(6, HALF_HIGH(b2, b6)), PUT(7, HALF_HIGH(b3, b7));
#else
  block_row r0 = ROW(0), r1 = ROW(1), r2 = ROW(2), r3 = ROW(3);
  block_row a0 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), a1 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  block_row a2 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), a3 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  PUT(0, __builtin_shufflevector(a0, a2, 0, 1, 4, 5)), PUT(1, __builtin_shufflevector(a0, a2, 2, 3, 6, 7));
  PUT(2, __builtin_shufflevector(a1, a3, 0, 1, 4, 5)), PUT(3, __builtin_shufflevector(a1, a3, 2, 3, 6, 7));
#endif
}

/// Up to 32 × 32: `destination[c][r] = source[r][c]`, both with rows of 32 floats, `columns` rounded up to whole blocks.
INLINE void transpose_panel(const float *source, float *destination, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r += BLOCK)
    for (size_t c = 0; c < columns; c += BLOCK)
      transpose_block(source + r * NK_LANES + c, NK_LANES, destination + c * NK_LANES + r, NK_LANES);
}

/// Takes rows that other cores have read from them, all at once, before stores that would each wait for its line.
INLINE void claim_rows(const float *rows, size_t count) {
  for (size_t r = 0; r < count; r++) prefetch_row(rows + r * NK_LANES, true);
}

static void transpose(const nk_transpose *t) {
  size_t end = t->first_row + t->rows;
  for (size_t first = 0; first < t->samples; first += NK_LANES) {
    size_t lanes = active_lanes(t->samples - first);
    for (size_t feature = t->first_row; feature < end; feature += NK_LANES) {
      size_t left = end - feature;
      const float *source = t->panels + first * nk_panel_rows(t->features) + feature * NK_LANES;
      float *destination = t->transposed + feature * t->capacity + (t->first_sample + first) * NK_LANES;
      if (left >= NK_LANES) {
        claim_rows(destination, lanes);
        transpose_panel(source, destination, NK_LANES, lanes);
        continue;
      }
      // A ragged panel is completed with zero rows first, so that nothing beyond the source's last row is read.
      _Alignas(64) float padded[NK_LANES * NK_LANES];
      size_t rows = active_lanes(left);
      for (size_t r = 0; r < left; r++) memcpy(padded + r * NK_LANES, source + r * NK_LANES, lanes * sizeof(float));
      memset(padded + left * NK_LANES, 0, (rows - left) * NK_LANES * sizeof(float));
      transpose_panel(padded, destination, rows, lanes);
    }
  }
}

/// Scales up to 32 features of `active` data set rows into rows of 32 floats; lanes beyond `left` become zero.
///
/// `element` is a constant at every call, and the scaling stays in registers for all rows.
INLINE void gather_rows(const nk_gather *g, nk_element element, const uint32_t *indices, size_t active, size_t feature,
                        size_t left, float *rows) {
  const size_t features = g->features;
  const void *data = g->data;
  for (size_t i = 0; i < active_lanes(left); i += VW) {
    vf scale = v_load(g->scale + feature + i), shift = v_load(g->shift + feature + i);
    vi kept = v_lanes_below(i, left);
    for (size_t lane = 0; lane < active; lane++) {
      size_t at = indices[lane] * features + feature + i;
      vf x = element == NK_ELEMENT_UINT8
                 ? __builtin_convertvector(*(const vb_unaligned *)((const uint8_t *)data + at), vf)
                 : v_load_unaligned((const float *)data + at);
      v_store(rows + lane * NK_LANES + i, v_select(kept, v_fma(x, scale, shift), v_set(0.0f)));
    }
  }
}

// How many 32-feature blocks ahead rows are asked for: the rows of a panel lie anywhere in the data set, and no hardware
// prefetcher follows 32 streams of two lines each.
#define GATHER_LOOKAHEAD 3

/// Asks for the 32 features from `feature` on of the panel that begins at sample `first`; beyond the end of the features
/// the next panel's first ones are meant.
INLINE void prefetch_block(const nk_gather *g, size_t first, size_t feature) {
  size_t end = g->first_row + g->rows, padded = (g->rows + NK_LANES - 1) / NK_LANES * NK_LANES;
  if (feature >= g->first_row + padded) {
    first += NK_LANES;
    feature -= padded;
  }
  bool bytes = g->element == NK_ELEMENT_UINT8;
  if (bytes && feature % 64 != 0) return;  // two blocks of bytes share a line
  size_t size = bytes ? 1 : sizeof(float);
  for (size_t b = first; b < first + NK_LANES && b < g->samples && feature < end; b++) {
    const char *at = (const char *)g->data + (g->indices[b] * g->features + feature) * size;
    __builtin_prefetch(at, 0, 3);
    if (!bytes) __builtin_prefetch(at + 64, 0, 3);
  }
}

/// Brings 32 features of a panel's samples in: rows of the transposed layout first, then from there the panel.
INLINE void gather_block(const nk_gather *g, size_t first, size_t feature) {
  size_t active = smaller(NK_LANES, g->samples - first), lanes = active_lanes(active);
  size_t left = g->first_row + g->rows - feature;
  float *rows = g->transposed + feature * g->capacity + (g->first_sample + first) * NK_LANES;
  if (left >= NK_LANES) claim_rows(rows, lanes);
  if (g->element == NK_ELEMENT_UINT8)
    gather_rows(g, NK_ELEMENT_UINT8, g->indices + first, active, feature, left, rows);
  else
    gather_rows(g, NK_ELEMENT_FLOAT32, g->indices + first, active, feature, left, rows);
  memset(rows + active * NK_LANES, 0, (lanes - active) * NK_LANES * sizeof(float));
  float *panel = g->panels + first * nk_panel_rows(g->features) + feature * NK_LANES;
  if (left >= NK_LANES) {
    transpose_panel(rows, panel, lanes, NK_LANES);
    return;
  }
  _Alignas(64) float padded[NK_LANES * NK_LANES];
  transpose_panel(rows, padded, lanes, active_lanes(left));
  for (size_t r = 0; r < left; r++) memcpy(panel + r * NK_LANES, padded + r * NK_LANES, lanes * sizeof(float));
}

static void gather(const nk_gather *g) {
  for (size_t block = 0; block < GATHER_LOOKAHEAD; block++) prefetch_block(g, 0, g->first_row + block * NK_LANES);
  for (size_t first = 0; first < g->samples; first += NK_LANES) {
    for (size_t feature = g->first_row; feature < g->first_row + g->rows; feature += NK_LANES) {
      prefetch_block(g, first, feature + GATHER_LOOKAHEAD * NK_LANES);
      gather_block(g, first, feature);
    }
  }
}
