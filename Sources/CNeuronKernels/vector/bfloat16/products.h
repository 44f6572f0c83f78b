// The three matrix products of a dense stage in dot products of pairs.

// A tile's A serves many panels of B before the next tile comes, but not more than a share of the last-level cache holds:
// B is read once a tile. Any size from a mebibyte up is as fast on a few thousand samples of 4096 features.
#define PANEL_GROUP_BYTES (4u << 20)

/// Samples of the panels whose B, `depth` pair rows a panel, fits that share.
INLINE size_t panel_group_samples(size_t depth) {
  size_t panels = PANEL_GROUP_BYTES / (depth * NK_LANES * sizeof(uint32_t));
  return (panels > 0 ? panels : 1) * NK_LANES;
}

/// One tile of outputs over the panels of samples `begin` ..< `end`.
static void bf16_forward_tile(const nk_bf16_dense_forward *d, size_t row, size_t rows, size_t begin, size_t end) {
  _Alignas(64) float sums[DOT_TILE_MAX_ROWS * NK_LANES];
  size_t depth = (d->inputs + 1) / 2, input_rows = nk_panel_rows(depth);
  size_t output_rows = nk_panel_rows(d->outputs);
  dot_tile_arguments t = {
      .a = (const uint32_t *)(d->weights + row * NK_LANES),
      .a_panel_stride = output_rows * PAIRS_OF_ROW,
      .row_values = d->bias ? d->bias + row : NULL,
      .depth = depth,
      .seed = d->bias ? TILE_FROM_ROW_VALUES : TILE_FROM_ZERO,
  };
  for (size_t first = begin; first < end; first += NK_LANES) {
    t.b = d->input + first * input_rows;
    t.c = d->output ? d->output + first * output_rows + row * NK_LANES : sums;
    size_t lanes = active_lanes(d->samples - first);
    run_dot_tile(rows_dot_tiles, t, rows, lanes);
    finish_outputs(d, first, row, rows, lanes, t.c);
  }
}

static void bf16_dense_forward(const nk_bf16_dense_forward *d) {
  size_t tiles = dot_tile_count(d->rows), group = panel_group_samples((d->inputs + 1) / 2);
  for (size_t begin = 0; begin < d->samples; begin += group) {
    for (size_t tile = 0; tile < tiles; tile++) {
      size_t row = dot_tile_start(d->rows, tiles, tile), next = dot_tile_start(d->rows, tiles, tile + 1);
      bf16_forward_tile(d, d->first_row + row, next - row, begin, smaller(begin + group, d->samples));
    }
  }
  finish_softmax_outputs(d);
}

/// One tile of inputs over the panels of samples `begin` ..< `end`.
static void bf16_backward_tile(const nk_bf16_dense_backward *d, size_t row, size_t rows, size_t begin, size_t end) {
  _Alignas(64) float sums[DOT_TILE_MAX_ROWS * NK_LANES];
  size_t depth = (d->outputs + 1) / 2, gradient_rows = nk_panel_rows(depth), input_rows = nk_panel_rows(d->inputs);
  dot_tile_arguments t = {
      .a = d->weights + row / NK_LANES * nk_weight_column_rows(d->outputs) * NK_LANES + row % NK_LANES,
      .depth = depth,
      .seed = TILE_FROM_ZERO,
  };
  for (size_t first = begin; first < end; first += NK_LANES) {
    t.b = d->output_gradient + first * gradient_rows;
    t.c = d->input_gradient ? d->input_gradient + first * input_rows + row * NK_LANES : sums;
    size_t lanes = active_lanes(d->samples - first);
    run_dot_tile(columns_dot_tiles, t, rows, lanes);
    finish_inputs(d, first, row, rows, lanes, t.c);
  }
}

static void bf16_dense_backward(const nk_bf16_dense_backward *d) {
  size_t group = panel_group_samples((d->outputs + 1) / 2), end = d->first_row + d->rows;
  for (size_t begin = 0; begin < d->samples; begin += group) {
    // Tiles stay within an input panel, whose weights lie in one piece.
    for (size_t row = d->first_row, next; row < end; row = next) {
      next = smaller(end, (row / NK_LANES + 1) * NK_LANES);
      size_t tiles = dot_tile_count(next - row);
      for (size_t tile = 0; tile < tiles; tile++) {
        size_t lower = dot_tile_start(next - row, tiles, tile), upper = dot_tile_start(next - row, tiles, tile + 1);
        bf16_backward_tile(d, row + lower, upper - lower, begin, smaller(begin + group, d->samples));
      }
    }
  }
  finish_softmax_inputs(d);
}

/// Adds the last of an odd number of samples to a tile: a pair whose other half is zero, because the lane beside it holds
/// no meaning.
static void add_last_sample(const nk_bf16_weight_gradient *g, dot_tile_arguments t, size_t rows, size_t lanes) {
  uint32_t alone[DOT_TILE_MAX_ROWS * PAIRS_OF_ROW];
  size_t pair = g->samples / 2;
  const uint32_t *row = t.a + pair / PAIRS_OF_ROW * t.a_panel_stride + pair % PAIRS_OF_ROW;
  for (size_t r = 0; r < rows; r++) alone[r * PAIRS_OF_ROW] = row[r * PAIRS_OF_ROW] & 0xffffu;
  t.a = alone;
  t.b += pair * NK_LANES;
  t.depth = 1;
  t.seed = TILE_FROM_C;
  t.next = (tile_outlook){0};
  run_dot_tile(rows_dot_tiles, t, rows, lanes);
}

static void bf16_weight_gradient(const nk_bf16_weight_gradient *g) {
  size_t tiles = dot_tile_count(g->rows), lanes = active_lanes(g->inputs);
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t row = dot_tile_start(g->rows, tiles, tile), rows = dot_tile_start(g->rows, tiles, tile + 1) - row;
    dot_tile_arguments t = {
        .a = (const uint32_t *)(g->output_gradient + (g->first_row + row) * NK_LANES),
        .a_panel_stride = nk_panel_rows(g->outputs) * PAIRS_OF_ROW,
        .b = g->input_pairs,
        .c = g->gradient + row * NK_LANES,
        .depth = g->samples / 2,
        .seed = TILE_FROM_ZERO,
    };
    look_at_update(&t.next, g->update_reads, g->samples, row, rows);
    run_dot_tile(rows_dot_tiles, t, rows, lanes);
    if (g->samples % 2) add_last_sample(g, t, rows, lanes);
    for (size_t r = 0; r < rows && g->inputs < NK_LANES; r++)
      memset(t.c + r * NK_LANES + g->inputs, 0, (NK_LANES - g->inputs) * sizeof(float));
  }
}
