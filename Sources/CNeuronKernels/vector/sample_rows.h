// A few samples as rows, with outputs in the lanes: one sample costs what one sample needs, and not a panel's 16 lanes.
//
// A tile is R output blocks × S samples held in registers while the inputs go by. Each step loads R lines of weights,
// each from a stream of its own, and multiplies them with S broadcast inputs; a weight that comes from beyond the
// first-level cache is used for all samples at once.
//
//     c[s][o] = bias[o] + Σ_i w[o][i]·x[s][i]        in the order of i, as in a panel

#define BLOCK_VECTORS (NK_OUTPUT_BLOCK / VW)
/// Samples that share a pass over the weights.
#define ROW_TILE_SAMPLES 4
/// Blocks that the samples of a call visit together, so that a second group of samples finds the weights in the cache.
#define ROW_TILE_BLOCKS 8

/// Arguments common to all tiles: the first of R blocks, the first of S samples.
typedef struct row_tile_arguments {
  const float *weights;
  const float *bias;
  const float *input;
  float *output;
  size_t block_stride;  // floats from one block of weights to the next
  size_t input_stride, output_stride;
  size_t inputs;
} row_tile_arguments;

#define FOR_SAMPLES(S) _Pragma("clang loop unroll(full)") for (int s = 0; s < S; s++)

#define DEFINE_ROW_TILE(R, S)                                                                                          \
  static void row_tile_##R##x##S(const row_tile_arguments *t) {                                                        \
    vf c[S][R * BLOCK_VECTORS];                                                                                        \
    FOR_VECTORS(R *BLOCK_VECTORS) FOR_SAMPLES(S) c[s][j] = t->bias ? v_load(t->bias + j * VW) : v_set(0.0f);           \
    const float *w = t->weights, *x = t->input;                                                                        \
    for (size_t k = t->inputs; k > 0; k--, w += NK_OUTPUT_BLOCK, x++) {                                                \
      vf inputs[S];                                                                                                    \
      FOR_SAMPLES(S) inputs[s] = v_set(x[s * t->input_stride]);                                                        \
      FOR_VECTORS(R *BLOCK_VECTORS) {                                                                                  \
        vf weights = v_load(w + j / BLOCK_VECTORS * t->block_stride + j % BLOCK_VECTORS * VW);                         \
        FOR_SAMPLES(S) c[s][j] = v_fma(weights, inputs[s], c[s][j]);                                                   \
      }                                                                                                                \
    }                                                                                                                  \
    FOR_SAMPLES(S) FOR_VECTORS(R *BLOCK_VECTORS) v_store(t->output + s * t->output_stride + j * VW, c[s][j]);          \
  }

#define ROW_TILES_TO_1(S) DEFINE_ROW_TILE(1, S)
#define ROW_TILES_TO_2(S) ROW_TILES_TO_1(S) DEFINE_ROW_TILE(2, S)
#define ROW_TILES_TO_4(S) ROW_TILES_TO_2(S) DEFINE_ROW_TILE(3, S) DEFINE_ROW_TILE(4, S)
#define ROW_TILES_TO_8(S)                                                                                              \
  ROW_TILES_TO_4(S) DEFINE_ROW_TILE(5, S) DEFINE_ROW_TILE(6, S) DEFINE_ROW_TILE(7, S) DEFINE_ROW_TILE(8, S)
#define ROW_NAMES_TO_1(S) row_tile_1x##S
#define ROW_NAMES_TO_2(S) ROW_NAMES_TO_1(S), row_tile_2x##S
#define ROW_NAMES_TO_4(S) ROW_NAMES_TO_2(S), row_tile_3x##S, row_tile_4x##S
#define ROW_NAMES_TO_8(S) ROW_NAMES_TO_4(S), row_tile_5x##S, row_tile_6x##S, row_tile_7x##S, row_tile_8x##S

typedef void (*row_tile_function)(const row_tile_arguments *);

// The tallest tile of 1, 2, 3 and 4 samples: enough chains to cover a multiply-add's latency, and no more accumulators
// than registers. `row_tiles[samples - 1][blocks - 1]`.
#if VW == 16
ROW_TILES_TO_8(1) ROW_TILES_TO_4(2) ROW_TILES_TO_4(3) ROW_TILES_TO_4(4)
static const size_t tallest_row_tiles[ROW_TILE_SAMPLES] = {8, 4, 4, 4};
static const row_tile_function row_tiles[ROW_TILE_SAMPLES][ROW_TILE_BLOCKS] = {
    {ROW_NAMES_TO_8(1)}, {ROW_NAMES_TO_4(2)}, {ROW_NAMES_TO_4(3)}, {ROW_NAMES_TO_4(4)}};
#else
ROW_TILES_TO_4(1) ROW_TILES_TO_2(2) ROW_TILES_TO_2(3) ROW_TILES_TO_1(4)
static const size_t tallest_row_tiles[ROW_TILE_SAMPLES] = {4, 2, 2, 1};
static const row_tile_function row_tiles[ROW_TILE_SAMPLES][ROW_TILE_BLOCKS] = {
    {ROW_NAMES_TO_4(1)}, {ROW_NAMES_TO_2(2)}, {ROW_NAMES_TO_2(3)}, {ROW_NAMES_TO_1(4)}};
#endif

/// Activates values that stand side by side, the first of them unit `first_unit`; softmax leaves z.
static void activate_units(const nk_activation *activation, size_t first_unit, float *values, size_t count) {
  if (activation->kind == NK_ACTIVATION_RRELU) {
    nk_activation mean = with_mean_slope(activation);
    activate_units(&mean, first_unit, values, count);
    return;
  }
  if (activation->kind != NK_ACTIVATION_PRELU) {
    size_t pairs = count / NK_LANES;
    activate_values(activation, values, pairs, NK_LANES);
    if (count % NK_LANES)  // an odd block is half a row of lanes
      activate_values(activation, values + pairs * NK_LANES, 1, NK_HALF_LANES);
    return;
  }
  for (size_t i = 0; i < count; i += VW) {
    vf z = v_load(values + i), shared = v_set(activation->slopes[0]);
    v_store(values + i,
            leaky_relu_value(z, activation->shares_slope ? shared : v_load(activation->slopes + first_unit + i), shared));
  }
}

/// Samples first ..< first + samples, at most four, through `blocks` blocks from `block` on.
INLINE void forward_few(const nk_row_forward *d, size_t block, size_t blocks, size_t first, size_t samples) {
  size_t tallest = tallest_row_tiles[samples - 1], tiles = (blocks + tallest - 1) / tallest;
  for (size_t tile = 0; tile < tiles; tile++) {
    size_t start = tile_start(blocks, tiles, tile), height = tile_start(blocks, tiles, tile + 1) - start;
    size_t unit = (block + start) * NK_OUTPUT_BLOCK;
    row_tile_arguments t = {
        .weights = d->weights + unit * d->inputs,
        .bias = d->bias ? d->bias + unit : NULL,
        .input = d->input + first * d->input_stride,
        .output = d->output + first * d->output_stride + unit,
        .block_stride = d->inputs * NK_OUTPUT_BLOCK,
        .input_stride = d->input_stride,
        .output_stride = d->output_stride,
        .inputs = d->inputs,
    };
    row_tiles[samples - 1][height - 1](&t);
    for (size_t s = 0; s < samples; s++)
      activate_units(&d->activation, unit, t.output + s * t.output_stride, height * NK_OUTPUT_BLOCK);
  }
}

static void row_forward(const nk_row_forward *d) {
  size_t visits = (d->blocks + ROW_TILE_BLOCKS - 1) / ROW_TILE_BLOCKS;
  size_t groups = (d->samples + ROW_TILE_SAMPLES - 1) / ROW_TILE_SAMPLES;
  for (size_t visit = 0; visit < visits; visit++) {
    size_t block = tile_start(d->blocks, visits, visit), blocks = tile_start(d->blocks, visits, visit + 1) - block;
    for (size_t group = 0; group < groups; group++) {
      size_t first = tile_start(d->samples, groups, group);
      forward_few(d, d->first_block + block, blocks, first, tile_start(d->samples, groups, group + 1) - first);
    }
  }
}

/// Softmax over one row; the maximum and the sum go value by value, in the order of a panel's lane.
static void softmax_row(float *values, size_t features) {
  float largest = values[0];
  for (size_t c = 1; c < features; c++) largest = values[c] < largest ? largest : values[c];
  for (size_t i = 0; i < features; i += VW) v_store(values + i, v_exp(v_load(values + i) - v_set(largest)));
  float sum = 0.0f;
  for (size_t c = 0; c < features; c++) sum += values[c];
  vf inverse = v_set(1.0f / sum);
  for (size_t i = 0; i < features; i += VW) v_store(values + i, v_load(values + i) * inverse);
}

/// log softmax over one row, in the same order.
static void log_softmax_row(float *values, size_t features) {
  float largest = values[0];
  for (size_t c = 1; c < features; c++) largest = values[c] < largest ? largest : values[c];
  float sum = 0.0f;
  for (size_t i = 0; i < features; i += VW) {
    vf e = v_exp(v_load(values + i) - v_set(largest));
    for (size_t lane = 0; lane < VW && i + lane < features; lane++) sum += e[lane];
  }
  vf log_sum = sum == sum ? v_log(v_set(sum)) : v_set(sum);
  for (size_t i = 0; i < features; i += VW) v_store(values + i, (v_load(values + i) - v_set(largest)) - log_sum);
}

static void row_activation(const nk_row_activation *a) {
  size_t padded = (a->features + NK_OUTPUT_BLOCK - 1) / NK_OUTPUT_BLOCK * NK_OUTPUT_BLOCK;
  for (size_t b = 0; b < a->samples; b++) {
    float *values = a->values + b * a->stride;
    activate_units(&a->activation, 0, values, padded);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX) softmax_row(values, a->features);
    if (a->activation.kind == NK_ACTIVATION_LOG_SOFTMAX) log_softmax_row(values, a->features);
  }
}

/// One row, `element` a constant at every call; the last features come one by one, since nothing beyond the row is read.
INLINE void gather_row(const nk_row_gather *g, nk_element element, size_t at, float *row) {
  const uint8_t *bytes = (const uint8_t *)g->data + at;
  const float *floats = (const float *)g->data + at;
  size_t i = 0;
  for (; i + VW <= g->features; i += VW) {
    vf x = element == NK_ELEMENT_UINT8 ? __builtin_convertvector(*(const vb_unaligned *)(bytes + i), vf)
                                       : v_load_unaligned(floats + i);
    v_store(row + i, v_fma(x, v_load(g->scale + i), v_load(g->shift + i)));
  }
  for (; i < g->features; i++)
    row[i] = __builtin_elementwise_fma(element == NK_ELEMENT_UINT8 ? (float)bytes[i] : floats[i], g->scale[i], g->shift[i]);
}

static void row_gather(const nk_row_gather *g) {
  for (size_t b = 0; b < g->samples; b++) {
    size_t at = (g->indices ? g->indices[b] : b) * g->features;
    float *row = g->rows + b * g->stride;
    if (g->element == NK_ELEMENT_UINT8)
      gather_row(g, NK_ELEMENT_UINT8, at, row);
    else
      gather_row(g, NK_ELEMENT_FLOAT32, at, row);
  }
}
