// The three matrix products of a dense stage, each a loop nest around register tiles with its epilogue on the hot tile.

// The reduction is cut where the panel of B that a tile streams would leave the L2 cache: 1024 steps × 128 bytes.
// Partial sums wait in C, so the cut changes no bit.
#define REDUCTION_BLOCK 1024

static void dense_forward(const nk_dense_forward *d) {
  size_t tiles = tile_count(d->outputs);
  for (size_t k0 = 0; k0 < d->inputs; k0 += REDUCTION_BLOCK) {
    size_t depth = d->inputs - k0 < REDUCTION_BLOCK ? d->inputs - k0 : REDUCTION_BLOCK;
    bool last_block = k0 + depth == d->inputs;
    for (size_t tile = 0; tile < tiles; tile++) {
      size_t row = tile_start(d->outputs, tiles, tile), rows = tile_start(d->outputs, tiles, tile + 1) - row;
      tile_arguments t = {
          .a = d->weights + k0 * d->outputs + row * NK_LANES,  // k0 is whole panels of 32·O floats
          .a_panel_stride = d->outputs * NK_LANES,
          .row_values = d->bias ? d->bias + row : NULL,
          .depth = depth,
          .seed = k0 ? TILE_FROM_C : d->bias ? TILE_FROM_ROW_VALUES : TILE_FROM_ZERO,
      };
      for (size_t first = 0; first < d->samples; first += NK_LANES) {
        size_t offset = first * d->outputs + row * NK_LANES;
        t.b = d->input + first * d->inputs + k0 * NK_LANES;
        t.c = d->output + offset;
        run_tile(rows_tiles, t, rows, active_lanes(d->samples - first));
        if (last_block)
          activate_rows(&d->activation, row, rows, t.c, d->preactivation ? d->preactivation + offset : NULL);
      }
    }
  }
  if (d->activation.kind == NK_ACTIVATION_SOFTMAX)
    for (size_t first = 0; first < d->samples; first += NK_LANES)
      softmax_panel(d->output + first * d->outputs, d->outputs);
}

static void dense_backward(const nk_dense_backward *d) {
  for (size_t n0 = 0; n0 < d->outputs; n0 += REDUCTION_BLOCK) {
    size_t depth = d->outputs - n0 < REDUCTION_BLOCK ? d->outputs - n0 : REDUCTION_BLOCK;
    bool last_block = n0 + depth == d->outputs;
    for (size_t panel = 0; panel < d->inputs; panel += NK_LANES) {
      size_t inputs = d->inputs - panel < NK_LANES ? d->inputs - panel : NK_LANES;
      size_t tiles = tile_count(inputs);
      for (size_t tile = 0; tile < tiles; tile++) {
        size_t lane = tile_start(inputs, tiles, tile), rows = tile_start(inputs, tiles, tile + 1) - lane;
        tile_arguments t = {
            .a = d->weights + panel * d->outputs + n0 * NK_LANES + lane,
            .depth = depth,
            .seed = n0 ? TILE_FROM_C : TILE_FROM_ZERO,
        };
        for (size_t first = 0; first < d->samples; first += NK_LANES) {
          size_t offset = first * d->inputs + (panel + lane) * NK_LANES;
          t.b = d->output_gradient + first * d->outputs + n0 * NK_LANES;
          t.c = d->input_gradient + offset;
          run_tile(columns_tiles, t, rows, active_lanes(d->samples - first));
          if (last_block)
            derive_rows(&d->below, panel + lane, rows, t.c, d->below_output ? d->below_output + offset : NULL,
                        d->below_preactivation ? d->below_preactivation + offset : NULL);
        }
      }
    }
  }
  if (d->below.kind == NK_ACTIVATION_SOFTMAX)
    for (size_t first = 0; first < d->samples; first += NK_LANES)
      derive_softmax_panel(d->input_gradient + first * d->inputs, d->below_output + first * d->inputs, d->inputs);
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
    };
    run_tile(rows_tiles, t, rows, lanes);
    if (lanes == NK_LANES) continue;
    for (size_t r = 0; r < rows; r++) memset(t.c + r * NK_LANES + lanes, 0, (NK_LANES - lanes) * sizeof(float));
  }
}
