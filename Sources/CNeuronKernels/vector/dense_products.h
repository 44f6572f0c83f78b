// The three matrix products of a dense stage, each a loop nest around register tiles with its epilogue on the hot tile.
//
//     sweep      1024 of the reduction: of B, what all samples bring to a sweep stays in the L3 cache
//     group      a few tiles: they share each panel of B, so that it comes from beyond the L2 cache once a group
//     block      the part of a sweep whose panel of B stays near the core while the group's tiles read it
//     samples    panels of 32
//     tiles
//
// Partial sums wait in C, so no cut changes a bit. The sizes are those of the instruction set's tiles (`tile_shapes.h`).

#define REDUCTION_SWEEP 1024

/// A block of a reduction, and the sweep that it belongs to.
typedef struct reduction_block {
  size_t first, depth, sweep;
  bool ends_sweep, is_last;
} reduction_block;

INLINE reduction_block reduction_block_at(size_t sweep, size_t offset, size_t total, size_t block) {
  size_t end = smaller(sweep + REDUCTION_SWEEP, total), first = sweep + offset, depth = smaller(block, end - first);
  return (reduction_block){first, depth, sweep, first + depth == end, first + depth == total};
}

/// Of `rows` rows, the part that each of `calls` tiles must ask for so that all have been asked for in the end.
INLINE size_t slice_of(size_t rows, size_t calls) { return (rows + calls - 1) / calls; }

INLINE size_t panel_count(size_t samples) { return (samples + NK_LANES - 1) / NK_LANES; }

/// The panel of B that follows `sample`'s: the next samples', or the first ones' in the block that follows.
INLINE tile_stream next_panel(const float *b, size_t features, reduction_block k, size_t sample, size_t samples,
                              size_t calls) {
  bool starts_over = sample + NK_LANES >= samples;
  size_t row = !starts_over ? k.first : k.ends_sweep ? k.sweep : k.first + k.depth;
  size_t rows = ASKS_FOR_B ? slice_of(NK_LANES, calls) : 0;
  return read_stream(b + (starts_over ? 0 : sample + NK_LANES) * nk_panel_rows(features) + row * NK_LANES, rows,
                     rows * NK_LANES);
}

/// One row after the other of what the next tile's epilogue reads.
INLINE tile_stream row_by_row(const float *rows) { return read_stream(rows, 1, NK_LANES); }

/// One row after the other of the next tile's C.
INLINE tile_stream row_by_row_written(const float *rows) { return written_stream(rows, 1, NK_LANES); }

// The streams of a product's outlook.
enum { NEXT_WEIGHTS, NEXT_PANEL, NEXT_C, NEXT_EPILOGUE };

/// One group of a forward product: tiles `tile` ..< `end` of `tiles`.
typedef struct forward_group {
  size_t tile, end, tiles;
} forward_group;

/// The weights that follow: the group's own in the next block, the next group's, or the first group's in the next sweep.
static tile_stream next_forward_weights(const nk_dense_forward *d, reduction_block k, forward_group g) {
  bool ends_groups = g.end == g.tiles;
  if (k.is_last && ends_groups) return (tile_stream){0};
  size_t tile = !k.ends_sweep ? g.tile : ends_groups ? 0 : g.end;
  size_t block = k.ends_sweep && !ends_groups ? k.sweep : k.first + k.depth;
  size_t row = tile_start(d->rows, g.tiles, tile);
  size_t end = tile_start(d->rows, g.tiles, smaller(g.tiles, tile + FORWARD_GROUP_TILES));
  return read_stream(d->weights + block * nk_panel_rows(d->outputs) + (d->first_row + row) * NK_LANES,
                     slice_of(end - row, panel_count(d->samples) * (g.end - g.tile)),
                     nk_panel_rows(d->outputs) * NK_LANES);
}

static void forward_tile(const nk_dense_forward *d, reduction_block k, size_t row, size_t rows, size_t sample,
                         size_t lane, size_t lanes, tile_outlook next) {
  size_t output_rows = nk_panel_rows(d->outputs), offset = sample * output_rows + row * NK_LANES + lane;
  tile_arguments t = {
      .a = d->weights + k.first * output_rows + row * NK_LANES,  // k.first is whole panels
      .a_panel_stride = output_rows * NK_LANES,
      .b = d->input + sample * nk_panel_rows(d->inputs) + k.first * NK_LANES + lane,
      .c = d->output + offset,
      .row_values = d->bias ? d->bias + row : NULL,
      .depth = k.depth,
      .seed = k.first ? TILE_FROM_C : d->bias ? TILE_FROM_ROW_VALUES : TILE_FROM_ZERO,
      .next = next,
  };
  run_tile(rows_tiles, &t, rows, lanes);
  if (k.is_last) activate_rows(&d->activation, row, rows, lanes, t.c, d->preactivation ? d->preactivation + offset : NULL);
}

static void forward_group_product(const nk_dense_forward *d, reduction_block k, forward_group g) {
  tile_outlook next = {{next_forward_weights(d, k, g)}};
  tile_stream *weights = &next.streams[NEXT_WEIGHTS], *panel = &next.streams[NEXT_PANEL];
  size_t group_row = d->first_row + tile_start(d->rows, g.tiles, g.tile), output_rows = nk_panel_rows(d->outputs);
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES) {
    size_t active = active_lanes(d->samples - sample);
    *panel = next_panel(d->input, d->inputs, k, sample, d->samples, g.end - g.tile);
    for (size_t lane = 0; lane < active; lane += TILE_MAX_LANES) {
      for (size_t tile = g.tile; tile < g.end; tile++) {
        size_t row = tile_start(d->rows, g.tiles, tile), end = tile_start(d->rows, g.tiles, tile + 1);
        next.streams[NEXT_C] =
            row_by_row_written(tile + 1 < g.end ? d->output + sample * output_rows + (d->first_row + end) * NK_LANES
                                                : d->output + (sample + NK_LANES) * output_rows + group_row * NK_LANES);
        forward_tile(d, k, d->first_row + row, end - row, sample, lane, smaller(TILE_MAX_LANES, active - lane), next);
        if (lane > 0) continue;  // the other half of the lanes goes the same way again
        if (weights->rows) weights->row += weights->rows * NK_LANES;
        if (panel->rows) panel->row += k.depth / NK_LANES * panel->advance;
      }
    }
  }
}

static void forward_sweep(const nk_dense_forward *d, size_t sweep) {
  size_t tiles = tile_count(d->rows), depth = smaller(REDUCTION_SWEEP, d->inputs - sweep);
  for (size_t tile = 0; tile < tiles; tile += FORWARD_GROUP_TILES)
    for (size_t offset = 0; offset < depth; offset += FORWARD_BLOCK)
      forward_group_product(d, reduction_block_at(sweep, offset, d->inputs, FORWARD_BLOCK),
                            (forward_group){tile, smaller(tiles, tile + FORWARD_GROUP_TILES), tiles});
}

static void dense_forward(const nk_dense_forward *d) {
  for (size_t sweep = 0; sweep < d->inputs; sweep += REDUCTION_SWEEP) forward_sweep(d, sweep);
  if (d->activation.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES)
    softmax_panel(d->output + sample * nk_panel_rows(d->outputs), d->outputs, active_lanes(d->samples - sample));
}

static void backward_tile(const nk_dense_backward *d, reduction_block n, size_t row, size_t rows, size_t sample,
                          size_t lane, size_t lanes, tile_outlook next) {
  size_t offset = sample * nk_panel_rows(d->inputs) + row * NK_LANES + lane, output_rows = nk_panel_rows(d->outputs);
  tile_arguments t = {
      .a = d->weights + row / NK_LANES * NK_LANES * output_rows + n.first * NK_LANES + row % NK_LANES,
      .b = d->output_gradient + sample * output_rows + n.first * NK_LANES + lane,
      .c = d->input_gradient + offset,
      .depth = n.depth,
      .seed = n.first ? TILE_FROM_C : TILE_FROM_ZERO,
      .next = next,
  };
  t.next.streams[NEXT_C] = row_by_row_written(t.c + rows * NK_LANES);
  if (n.is_last && d->below_output)
    t.next.streams[NEXT_EPILOGUE] = row_by_row(d->below_output + offset + rows * NK_LANES);
  run_tile(columns_tiles, &t, rows, lanes);
  if (n.is_last)
    derive_rows(&d->below, row, rows, lanes, t.c, d->below_output ? d->below_output + offset : NULL,
                d->below_preactivation ? d->below_preactivation + offset : NULL);
}

/// The weights that follow: further down the input panel of `row`, or the next panel's; each lie in one piece.
static tile_stream next_backward_weights(const nk_dense_backward *d, reduction_block n, size_t row, size_t end,
                                         size_t tiles) {
  bool ends_panels = end == d->first_row + d->rows;
  size_t panel = (row / NK_LANES + (n.ends_sweep && !ends_panels)) * NK_LANES;
  size_t block = n.ends_sweep && !ends_panels ? n.sweep : n.first + n.depth;
  if (n.is_last && ends_panels) return (tile_stream){0};
  size_t rows = slice_of(NK_LANES, panel_count(d->samples) * tiles);
  return read_stream(d->weights + panel * nk_panel_rows(d->outputs) + block * NK_LANES, rows, rows * NK_LANES);
}

/// The inputs `row` ..< `end` of one input panel: their tiles share a panel of output gradients.
static void backward_panel_product(const nk_dense_backward *d, reduction_block n, size_t row, size_t end) {
  size_t tiles = tile_count(end - row), steps = n.depth / NK_LANES;
  tile_outlook next = {{next_backward_weights(d, n, row, end, tiles)}};
  tile_stream *weights = &next.streams[NEXT_WEIGHTS], *gradients = &next.streams[NEXT_PANEL];
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES) {
    size_t active = active_lanes(d->samples - sample);
    *gradients = next_panel(d->output_gradient, d->outputs, n, sample, d->samples, tiles);
    for (size_t lane = 0; lane < active; lane += TILE_MAX_LANES) {
      for (size_t tile = 0; tile < tiles; tile++) {
        size_t first = tile_start(end - row, tiles, tile), rows = tile_start(end - row, tiles, tile + 1) - first;
        backward_tile(d, n, row + first, rows, sample, lane, smaller(TILE_MAX_LANES, active - lane), next);
        if (lane > 0) continue;
        if (weights->rows) weights->row += steps * weights->advance;
        if (gradients->rows) gradients->row += steps * gradients->advance;
      }
    }
  }
}

static void backward_sweep(const nk_dense_backward *d, size_t sweep) {
  size_t end = d->first_row + d->rows, depth = smaller(REDUCTION_SWEEP, d->outputs - sweep);
  for (size_t row = d->first_row; row < end; row = (row / NK_LANES + 1) * NK_LANES)
    for (size_t offset = 0; offset < depth; offset += BACKWARD_BLOCK)
      backward_panel_product(d, reduction_block_at(sweep, offset, d->outputs, BACKWARD_BLOCK), row,
                             smaller(end, (row / NK_LANES + 1) * NK_LANES));
}

static void dense_backward(const nk_dense_backward *d) {
  for (size_t sweep = 0; sweep < d->outputs; sweep += REDUCTION_SWEEP) backward_sweep(d, sweep);
  if (d->below.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t sample = 0; sample < d->samples; sample += NK_LANES) {
    size_t offset = sample * nk_panel_rows(d->inputs);
    derive_softmax_panel(d->input_gradient + offset, d->below_output + offset, d->inputs,
                         active_lanes(d->samples - sample));
  }
}

/// Asks for what the update of rows row ..< row + rows reads: in slices beside the tile, or at once where it is too short.
static void look_at_update(tile_outlook *next, const float *const *update_reads, size_t samples, size_t row,
                           size_t rows) {
  size_t times = samples / NK_LANES, slice = slice_of(rows, times > 0 ? times : 1);
  for (int i = 0; i < NK_UPDATE_STREAMS; i++) {
    if (!update_reads[i]) continue;
    tile_stream stream = written_stream(update_reads[i] + row * NK_LANES, slice, slice * NK_LANES);
    if (times > 0)
      next->streams[i] = stream;
    else
      prefetch_stream(&stream);
  }
}

// The stream of a weight gradient's outlook that is left beside those of the update.
enum { NEXT_GRADIENTS = NK_UPDATE_STREAMS };

/// Asks for tile `tile`'s part of the output gradients of calls to come: as many rows of each panel of samples.
INLINE tile_stream gradients_ahead(const nk_weight_gradient *g, size_t tiles, size_t tile) {
  size_t first = tile_start(g->rows_ahead, tiles, tile), rows = tile_start(g->rows_ahead, tiles, tile + 1) - first;
  return read_stream(g->output_gradient + (g->first_row_ahead + first) * NK_LANES, rows,
                     nk_panel_rows(g->outputs) * NK_LANES);
}

static void weight_gradient(const nk_weight_gradient *g) {
  size_t tiles = tile_count(g->rows), lanes = active_lanes(g->inputs);
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t row = tile_start(g->rows, tiles, tile), rows = tile_start(g->rows, tiles, tile + 1) - row;
    tile_arguments t = {
        .a = g->output_gradient + (g->first_row + row) * NK_LANES,
        .a_panel_stride = nk_panel_rows(g->outputs) * NK_LANES,
        .b = g->input_transposed,
        .c = g->gradient + row * NK_LANES,
        .depth = g->samples,
        .seed = TILE_FROM_ZERO,
    };
    look_at_update(&t.next, g->update_reads, g->samples, row, rows);
    if (g->rows_ahead) t.next.streams[NEXT_GRADIENTS] = gradients_ahead(g, tiles, tile);
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
