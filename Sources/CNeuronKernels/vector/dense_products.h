// The three matrix products of a dense stage, each a loop nest around register tiles with its epilogue on the hot tile.
//
// A group of tiles shares each panel of B, so that B comes from beyond the L2 cache once a group and not once a tile. The
// group's reduction is cut where what its tiles share would leave the caches; partial sums wait in C, which is small for one
// group, and so the cut changes no bit. The sizes are those of the instruction set's tiles (`tile_shapes.h`).

/// A cut of a reduction.
typedef struct reduction_range {
  size_t first, depth;
  bool is_last;
} reduction_range;

INLINE reduction_range reduction_block(size_t first, size_t total, size_t block) {
  size_t depth = smaller(block, total - first);
  return (reduction_range){first, depth, first + depth == total};
}

/// Of `rows` rows, the part that each of `calls` tiles must ask for so that all have been asked for in the end.
INLINE size_t slice_of(size_t rows, size_t calls) { return (rows + calls - 1) / calls; }

INLINE size_t panel_count(size_t samples) { return (samples + NK_LANES - 1) / NK_LANES; }

/// One group of a forward product: tiles `tile` ..< `end` of `tiles`.
typedef struct forward_group {
  size_t tile, end, tiles;
} forward_group;

/// The weights that follow: the group's own in the next cut of the reduction, or those of the group after it.
static tile_outlook forward_outlook(const nk_dense_forward *d, reduction_range k, forward_group g) {
  if (k.is_last && g.end == g.tiles) return (tile_outlook){.a = d->weights};  // nothing follows
  size_t tile = k.is_last ? g.end : g.tile;
  size_t row = tile_start(d->rows, g.tiles, tile);
  size_t end = tile_start(d->rows, g.tiles, smaller(g.tiles, tile + FORWARD_GROUP_TILES));
  return (tile_outlook){
      .a = d->weights + (k.is_last ? 0 : k.first + k.depth) * d->outputs + (d->first_row + row) * NK_LANES,
      .a_rows = slice_of(end - row, panel_count(d->samples) * (g.end - g.tile)),
      .a_advance = d->outputs * NK_LANES,
  };
}

static void forward_tile(const nk_dense_forward *d, reduction_range k, size_t row, size_t rows, size_t sample,
                         size_t lane, size_t lanes, tile_outlook next) {
  size_t offset = sample * d->outputs + row * NK_LANES + lane;
  tile_arguments t = {
      .a = d->weights + k.first * d->outputs + row * NK_LANES,  // k.first is whole panels of 32·O floats
      .a_panel_stride = d->outputs * NK_LANES,
      .b = d->input + sample * d->inputs + k.first * NK_LANES + lane,
      .c = d->output + offset,
      .row_values = d->bias ? d->bias + row : NULL,
      .depth = k.depth,
      .seed = k.first ? TILE_FROM_C : d->bias ? TILE_FROM_ROW_VALUES : TILE_FROM_ZERO,
      .next = next,
  };
  t.next.epilogue = t.c + rows * NK_LANES;
  run_tile(rows_tiles, &t, rows, lanes);
  if (k.is_last) activate_rows(&d->activation, row, rows, lanes, t.c, d->preactivation ? d->preactivation + offset : NULL);
}

/// The panel of B that follows `sample`'s: the next samples', or the first ones' in the next cut of the reduction.
INLINE void look_at_next_panel(tile_outlook *next, const float *b, size_t features, reduction_range k, size_t sample,
                               size_t samples, size_t calls) {
  bool starts_over = sample + NK_LANES >= samples;
  size_t row = starts_over ? k.is_last ? 0 : k.first + k.depth : k.first;
  next->b = b + (starts_over ? 0 : sample + NK_LANES) * features + row * NK_LANES;
  next->b_rows = ASKS_FOR_B ? slice_of(NK_LANES, calls) : 0;
}

static void forward_group_product(const nk_dense_forward *d, reduction_range k, forward_group g) {
  tile_outlook next = forward_outlook(d, k, g);
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES) {
    size_t active = active_lanes(d->samples - sample);
    look_at_next_panel(&next, d->input, d->inputs, k, sample, d->samples, g.end - g.tile);
    for (size_t lane = 0; lane < active; lane += TILE_MAX_LANES) {
      for (size_t tile = g.tile; tile < g.end; tile++) {
        size_t row = tile_start(d->rows, g.tiles, tile), rows = tile_start(d->rows, g.tiles, tile + 1) - row;
        forward_tile(d, k, d->first_row + row, rows, sample, lane, smaller(TILE_MAX_LANES, active - lane), next);
        if (lane > 0) continue;  // the other half of the lanes goes the same way again
        next.a += next.a_rows * NK_LANES;
        next.b += k.depth / NK_LANES * next.b_rows * NK_LANES;
      }
    }
  }
}

static void dense_forward(const nk_dense_forward *d) {
  size_t tiles = tile_count(d->rows);
  for (size_t tile = 0; tile < tiles; tile += FORWARD_GROUP_TILES)
    for (size_t first = 0; first < d->inputs; first += FORWARD_BLOCK)
      forward_group_product(d, reduction_block(first, d->inputs, FORWARD_BLOCK),
                            (forward_group){tile, smaller(tiles, tile + FORWARD_GROUP_TILES), tiles});
  if (d->activation.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES)
    softmax_panel(d->output + sample * d->outputs, d->outputs, active_lanes(d->samples - sample));
}

static void backward_tile(const nk_dense_backward *d, reduction_range n, size_t row, size_t rows, size_t sample,
                          size_t lane, size_t lanes, tile_outlook next) {
  size_t offset = sample * d->inputs + row * NK_LANES + lane;
  tile_arguments t = {
      .a = d->weights + row / NK_LANES * NK_LANES * d->outputs + n.first * NK_LANES + row % NK_LANES,
      .b = d->output_gradient + sample * d->outputs + n.first * NK_LANES + lane,
      .c = d->input_gradient + offset,
      .depth = n.depth,
      .seed = n.first ? TILE_FROM_C : TILE_FROM_ZERO,
      .next = next,
  };
  bool reads_output = n.is_last && d->below_output;
  t.next.epilogue = (reads_output ? d->below_output + offset : t.c) + rows * NK_LANES;
  run_tile(columns_tiles, &t, rows, lanes);
  if (n.is_last)
    derive_rows(&d->below, row, rows, lanes, t.c, d->below_output ? d->below_output + offset : NULL,
                d->below_preactivation ? d->below_preactivation + offset : NULL);
}

/// The inputs `row` ..< `end` of one input panel: their tiles share a panel of output gradients.
static void backward_panel_product(const nk_dense_backward *d, reduction_range n, size_t row, size_t end) {
  size_t tiles = tile_count(end - row), steps = n.depth / NK_LANES;
  bool is_last = n.is_last && end == d->first_row + d->rows;
  // The weights of one input panel lie in one piece, and the next panel's after them.
  tile_outlook next = {
      .a = d->weights + row / NK_LANES * NK_LANES * d->outputs + (n.first + n.depth) * NK_LANES,
      .a_rows = is_last ? 0 : slice_of(NK_LANES, panel_count(d->samples) * tiles),
  };
  next.a_advance = next.a_rows * NK_LANES;
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES) {
    size_t active = active_lanes(d->samples - sample);
    look_at_next_panel(&next, d->output_gradient, d->outputs, n, sample, d->samples, tiles);
    for (size_t lane = 0; lane < active; lane += TILE_MAX_LANES) {
      for (size_t tile = 0; tile < tiles; tile++) {
        size_t first = tile_start(end - row, tiles, tile), rows = tile_start(end - row, tiles, tile + 1) - first;
        backward_tile(d, n, row + first, rows, sample, lane, smaller(TILE_MAX_LANES, active - lane), next);
        if (lane > 0) continue;
        next.a += steps * next.a_advance;
        next.b += steps * next.b_rows * NK_LANES;
      }
    }
  }
}

static void dense_backward(const nk_dense_backward *d) {
  size_t end = d->first_row + d->rows;
  for (size_t row = d->first_row; row < end; row = (row / NK_LANES + 1) * NK_LANES)
    for (size_t first = 0; first < d->outputs; first += BACKWARD_BLOCK)
      backward_panel_product(d, reduction_block(first, d->outputs, BACKWARD_BLOCK), row,
                             smaller(end, (row / NK_LANES + 1) * NK_LANES));
  if (d->below.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES)
    derive_softmax_panel(d->input_gradient + sample * d->inputs, d->below_output + sample * d->inputs, d->inputs,
                         active_lanes(d->samples - sample));
}

static void weight_gradient(const nk_weight_gradient *g) {
  size_t tiles = tile_count(g->rows), lanes = active_lanes(g->inputs);
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t row = tile_start(g->rows, tiles, tile), rows = tile_start(g->rows, tiles, tile + 1) - row;
    tile_arguments t = {
        .a = g->output_gradient + (g->first_row + row) * NK_LANES,
        .a_panel_stride = g->outputs * NK_LANES,
        .b = g->input_transposed,
        .c = g->gradient + row * NK_LANES,
        .depth = g->samples,
        .seed = TILE_FROM_ZERO,
        .next = {.a = g->output_gradient, .b = g->output_gradient, .epilogue = g->output_gradient},
    };
    for (size_t lane = 0; lane < lanes; lane += TILE_MAX_LANES) {
      tile_arguments part = t;
      part.b += lane;
      part.c += lane;
      run_tile(rows_tiles, &part, rows, smaller(TILE_MAX_LANES, lanes - lane));
    }
    if (lanes == NK_LANES) continue;
    for (size_t r = 0; r < rows; r++) memset(t.c + r * NK_LANES + lanes, 0, (NK_LANES - lanes) * sizeof(float));
  }
}
