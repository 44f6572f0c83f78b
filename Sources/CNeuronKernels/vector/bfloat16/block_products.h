// The three matrix products of a dense stage in blocks of 16 pairs, over squares of up to 32 × 32 sums.
//
//     group      panels of B that a share of the second-level cache holds
//     square     up to 32 rows of A: they stay near the core while the group's panels pass
//     samples    panels of 32
//
// The including file has defined how squares are formed: `square_mode`, `enter_squares`, `leave_squares`, `form_square`.

// What the panels of a group may take of a second-level cache of a mebibyte or two: its A takes as much again.
#define SQUARE_GROUP_BYTES (1u << 20)

/// Samples of the panels whose B, `depth` pair rows a panel, fits that share.
INLINE size_t square_group_samples(size_t depth) {
  size_t panels = SQUARE_GROUP_BYTES / (depth * NK_LANES * sizeof(uint32_t));
  return (panels > 0 ? panels : 1) * NK_LANES;
}

/// The last block of B, when there are pairs beyond whole blocks: completed with zeros, so that nothing beyond them is read.
typedef struct last_block {
  _Alignas(64) uint32_t pairs[BLOCK_PAIRS * NK_LANES];
} last_block;

/// Takes the `rest` pairs in that follow `blocks` whole blocks of B.
INLINE void complete_last_block(last_block *last, const uint32_t *b, size_t blocks, size_t rest) {
  memcpy(last->pairs, b + blocks * BLOCK_PAIRS * NK_LANES, rest * NK_LANES * sizeof(uint32_t));
}

/// `depth` pairs of A and B: their whole blocks, and a last one that is completed.
INLINE square_arguments square_of(const uint32_t *a, size_t a_stride, size_t depth, const last_block *last) {
  size_t blocks = depth / BLOCK_PAIRS;
  bool is_ragged = depth % BLOCK_PAIRS != 0;
  return (square_arguments){
      .a = a,
      .a_stride = a_stride,
      .blocks = blocks,
      .last_a = is_ragged ? a + blocks * a_stride : NULL,
      .last_b = is_ragged ? last->pairs : NULL,
  };
}

/// Asks for the A of the next square, a slice of each of its blocks beside every panel of the group.
INLINE tile_stream next_square(const uint32_t *a, size_t a_stride, size_t rows, size_t panel, size_t panels) {
  if (rows == 0) return (tile_stream){0};
  // A row of the stream is two of A.
  size_t slice = slice_of((rows + 1) / 2, panels), first = panel * slice;
  if (first >= (rows + 1) / 2) return (tile_stream){0};
  return read_stream((const float *)a + first * NK_LANES, smaller(slice, (rows + 1) / 2 - first), a_stride);
}

/// A square of outputs over the panels of samples `begin` ..< `end`; `next_rows` are those of the square that follows.
static void forward_square(const nk_bf16_dense_forward *d, size_t row, size_t rows, size_t next_rows, size_t begin,
                           size_t end) {
  _Alignas(64) float sums[NK_LANES * NK_LANES], seed[NK_LANES * NK_LANES];
  last_block last = {0};
  size_t depth = (d->inputs + 1) / 2, input_rows = nk_panel_rows(depth), output_rows = nk_panel_rows(d->outputs);
  for (size_t r = 0; r < rows && d->bias; r++)
    for (size_t i = 0; i < NK_LANES; i += VW) v_store(seed + r * NK_LANES + i, v_set(d->bias[row + r]));
  const uint32_t *a = (const uint32_t *)(d->weights + row * NK_LANES);
  square_arguments t = square_of(a, output_rows * BLOCK_PAIRS, depth, &last);
  t.seed = d->bias ? seed : NULL;
  for (size_t first = begin; first < end; first += NK_LANES) {
    size_t lanes = active_lanes(d->samples - first);
    t.b = d->input + first * input_rows;
    t.c = d->output ? d->output + first * output_rows + row * NK_LANES : sums;
    if (t.last_b) complete_last_block(&last, t.b, t.blocks, depth % BLOCK_PAIRS);
    t.next.streams[0] = next_square(a + rows * BLOCK_PAIRS, t.a_stride, next_rows, (first - begin) / NK_LANES,
                                    panel_count(end - begin));
    form_square(&t, rows, lanes);
    finish_outputs(d, first, row, rows, lanes, t.c);
  }
}

static void block_dense_forward(const nk_bf16_dense_forward *d) {
  size_t group = square_group_samples((d->inputs + 1) / 2), last = d->first_row + d->rows;
  square_mode mode = {0};
  for (size_t begin = 0; begin < d->samples; begin += group) {
    size_t end = smaller(begin + group, d->samples);
    for (size_t row = d->first_row; row < last; row += NK_LANES) {
      size_t rows = smaller(last - row, NK_LANES);
      enter_squares(&mode, rows);
      forward_square(d, row, rows, smaller(last - row - rows, NK_LANES), begin, end);
    }
  }
  leave_squares(&mode);
  finish_softmax_outputs(d);
}

/// A square of inputs, all of one input panel, over the panels of samples `begin` ..< `end`.
static void backward_square(const nk_bf16_dense_backward *d, size_t row, size_t rows, size_t begin, size_t end) {
  _Alignas(64) float sums[NK_LANES * NK_LANES];
  last_block last = {0};
  size_t depth = (d->outputs + 1) / 2, gradient_rows = nk_panel_rows(depth), input_rows = nk_panel_rows(d->inputs);
  const uint32_t *a = d->weights + row / NK_LANES * nk_weight_column_rows(d->outputs) * NK_LANES + row % NK_LANES * BLOCK_PAIRS;
  square_arguments t = square_of(a, NK_LANES * BLOCK_PAIRS, depth, &last);
  bool has_next = row + rows < d->first_row + d->rows;
  for (size_t first = begin; first < end; first += NK_LANES) {
    size_t lanes = active_lanes(d->samples - first);
    t.b = d->output_gradient + first * gradient_rows;
    t.c = d->input_gradient ? d->input_gradient + first * input_rows + row * NK_LANES : sums;
    if (t.last_b) complete_last_block(&last, t.b, t.blocks, depth % BLOCK_PAIRS);
    t.next.streams[0] = next_square(a + nk_weight_column_rows(d->outputs) * NK_LANES, t.a_stride,
                                    has_next ? NK_LANES : 0, (first - begin) / NK_LANES, panel_count(end - begin));
    form_square(&t, rows, lanes);
    finish_inputs(d, first, row, rows, lanes, t.c);
  }
}

static void block_dense_backward(const nk_bf16_dense_backward *d) {
  size_t group = square_group_samples((d->outputs + 1) / 2), last = d->first_row + d->rows;
  square_mode mode = {0};
  for (size_t begin = 0; begin < d->samples; begin += group) {
    for (size_t row = d->first_row, next; row < last; row = next) {
      next = smaller(last, (row / NK_LANES + 1) * NK_LANES);
      enter_squares(&mode, next - row);
      backward_square(d, row, next - row, begin, smaller(begin + group, d->samples));
    }
  }
  leave_squares(&mode);
  finish_softmax_inputs(d);
}

/// The last block of a weight gradient, of both operands: lanes beyond the last sample hold no meaning.
typedef struct last_samples {
  last_block input;
  _Alignas(64) uint32_t gradient[NK_LANES * BLOCK_PAIRS];
} last_samples;

static void complete_last_samples(last_samples *last, const nk_bf16_weight_gradient *g, const uint32_t *a, size_t rows) {
  size_t samples = g->samples % NK_LANES, pairs = samples / 2;
  memset(last, 0, sizeof *last);
  complete_last_block(&last->input, g->input_pairs, g->samples / NK_LANES, (samples + 1) / 2);
  for (size_t r = 0; r < rows; r++) {
    memcpy(last->gradient + r * BLOCK_PAIRS, a + r * BLOCK_PAIRS, pairs * sizeof(uint32_t));
    if (samples % 2) last->gradient[r * BLOCK_PAIRS + pairs] = a[r * BLOCK_PAIRS + pairs] & 0xffffu;
  }
}

static void block_weight_gradient(const nk_bf16_weight_gradient *g) {
  size_t lanes = active_lanes(g->inputs), blocks = g->samples / NK_LANES;
  last_samples last;
  square_mode mode = {0};
  for (size_t row = 0; row < g->rows; row += NK_LANES) {
    size_t rows = smaller(g->rows - row, NK_LANES);
    square_arguments t = {
        .a = (const uint32_t *)(g->output_gradient + (g->first_row + row) * NK_LANES),
        .a_stride = nk_panel_rows(g->outputs) * BLOCK_PAIRS,
        .b = g->input_pairs,
        .c = g->gradient + row * NK_LANES,
        .blocks = blocks,
    };
    look_at_update(&t.next, g->update_reads, g->samples, row, rows);
    if (g->samples % NK_LANES) {
      complete_last_samples(&last, g, t.a + blocks * t.a_stride, rows);
      t.last_a = last.gradient;
      t.last_b = last.input.pairs;
    }
    enter_squares(&mode, rows);
    form_square(&t, rows, lanes);
    for (size_t r = 0; r < rows && g->inputs < NK_LANES; r++)
      memset(t.c + r * NK_LANES + g->inputs, 0, (NK_LANES - g->inputs) * sizeof(float));
  }
  leave_squares(&mode);
}

/// Rounds up to 32 outputs of one block of columns, and their rows with them.
static void pack_square(const nk_bf16_pack_weights *p, size_t row, size_t rows) {
  _Alignas(64) uint32_t pairs[BLOCK_PAIRS * NK_LANES], columns[NK_LANES * NK_LANES];
  size_t count = (rows + 1) / 2;
  uint32_t *to = p->weight_columns + row / NK_LANES * NK_LANES * BLOCK_PAIRS + row % NK_LANES / 2;
  pack_rows(p->weights + row * NK_LANES, rows, NK_LANES, p->weight_rows + row * NK_LANES, pairs);
  if (count == BLOCK_PAIRS) {
    for (size_t r = 0; r < BLOCK_PAIRS; r += BLOCK)
      for (size_t c = 0; c < NK_LANES; c += BLOCK)
        transpose_block((const float *)pairs + r * NK_LANES + c, NK_LANES, (float *)to + c * BLOCK_PAIRS + r, BLOCK_PAIRS);
    return;
  }
  memset(pairs + count * NK_LANES, 0, (BLOCK_PAIRS - count) * NK_LANES * sizeof(uint32_t));
  transpose_panel((const float *)pairs, (float *)columns, BLOCK_PAIRS, NK_LANES);
  for (size_t i = 0; i < NK_LANES; i++) memcpy(to + i * BLOCK_PAIRS, columns + i * NK_LANES, count * sizeof(uint32_t));
}

static void block_pack_weights(const nk_bf16_pack_weights *p) {
  size_t end = p->first_row + p->rows;
  for (size_t row = p->first_row, next; row < end; row = next) {
    next = smaller(end, (row / NK_LANES + 1) * NK_LANES);
    pack_square(p, row, next - row);
  }
}
