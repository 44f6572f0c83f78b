// The plain twins of the bfloat16 kernels, with both dot products emulated on single values.

#include "../tables.h"
#include "reference.h"
#include "scalar_bfloat16.h"

/// Where the word that holds lane b's feature f stands in pairs of `features` features.
static size_t pair_index(size_t b, size_t f, size_t features) { return panel_index(b, f / 2, (features + 1) / 2); }

/// Puts a value into its half of a word, the low one when `index` is even.
static void put_half(uint32_t *word, size_t index, uint16_t half) {
  *word = index % 2 ? (*word & 0xffff) | (uint32_t)half << 16 : (*word & 0xffff0000) | half;
}

/// Puts feature f of lane b into pairs; the last of an odd number gets a zero beside it.
static void put_paired(uint32_t *pairs, size_t b, size_t f, size_t features, uint16_t half) {
  uint32_t *word = pairs + pair_index(b, f, features);
  put_half(word, f, half);
  if (f + 1 == features && f % 2 == 0) put_half(word, f + 1, 0);
}

/// Feature f of lane b, from pairs.
static float paired_value(const uint32_t *pairs, size_t b, size_t f, size_t features) {
  uint32_t word = pairs[pair_index(b, f, features)];
  return float_of_bfloat16((uint16_t)(f % 2 ? word >> 16 : word));
}

static void pack(const nk_bf16_pack *p) {
  for (size_t b = 0; b < computed_samples(p->samples); b++) {
    for (size_t f = p->first_row; f < p->first_row + p->rows; f++) {
      uint16_t half = bfloat16_of_float(p->values[panel_index(b, f, p->features)]);
      if (p->value_rows) p->value_rows[panel_index(b, f, p->features)] = half;
      if (p->value_pairs) put_paired(p->value_pairs, b, f, p->features, half);
    }
  }
}

static void pack_panels(size_t samples, size_t features, const float *values, uint16_t *rows, uint32_t *pairs) {
  nk_bf16_pack whole = {samples, features, 0, features, values, rows, pairs};
  pack(&whole);
}

/// Where outputs o and o + 1 of input i stand in the columns of weights, in words.
static size_t column_index(nk_bf16_arithmetic arithmetic, size_t i, size_t o, size_t outputs) {
  size_t panel = i / NK_LANES * nk_weight_column_rows(outputs) * NK_LANES, lane = i % NK_LANES;
  if (arithmetic == NK_BF16_PAIRS) return panel + o / 2 * NK_LANES + lane;
  return panel + (o / NK_LANES * NK_LANES + lane) * (NK_LANES / 2) + o % NK_LANES / 2;
}

static void pack_weights(nk_bf16_arithmetic arithmetic, const nk_bf16_pack_weights *p) {
  for (size_t i = 0; i < NK_LANES; i++) {
    for (size_t o = p->first_row; o < p->first_row + p->rows; o++) {
      uint16_t half = bfloat16_of_float(p->weights[o * NK_LANES + i]);
      uint32_t *word = p->weight_columns + column_index(arithmetic, i, o, p->outputs);
      p->weight_rows[o * NK_LANES + i] = half;
      put_half(word, o, half);
      if (o + 1 == p->outputs && o % 2 == 0) put_half(word, o + 1, 0);
    }
  }
}

static void dense_forward(nk_bf16_arithmetic arithmetic, const nk_bf16_dense_forward *d) {
  for (size_t b = 0; b < computed_samples(d->samples); b++) {
    for (size_t o = d->first_row; o < d->first_row + d->rows; o++) {
      bf16_sum sum = sum_from(arithmetic, d->bias ? d->bias[o] : 0.0f);
      for (size_t i = 0; i < d->inputs; i += 2) {
        const uint16_t *w = d->weights + weight_index(o, i, d->outputs);
        add_pair(&sum, (uint32_t)w[1] << 16 | w[0], d->input[pair_index(b, i, d->inputs)]);
      }
      size_t at = panel_index(b, o, d->outputs);
      float y = nk_reference_activate(&d->activation, o, total_of(&sum), d->preactivation ? d->preactivation + at : NULL);
      if (d->output) d->output[at] = y;
      if (d->output_pairs) put_paired(d->output_pairs, b, o, d->outputs, bfloat16_of_float(y));
    }
  }
  if (d->activation.kind != NK_ACTIVATION_SOFTMAX) return;
  nk_activation_forward softmax = {d->samples, d->outputs, d->output, NULL, d->activation};
  nk_reference_activation_forward(&softmax);
  pack_panels(d->samples, d->outputs, d->output, NULL, d->output_pairs);
}

static float below_value(const nk_bf16_dense_backward *d, size_t b, size_t i) {
  if (d->below_output) return d->below_output[panel_index(b, i, d->inputs)];
  return d->below_pairs ? paired_value(d->below_pairs, b, i, d->inputs) : 0.0f;
}

static void dense_backward(nk_bf16_arithmetic arithmetic, const nk_bf16_dense_backward *d) {
  for (size_t b = 0; b < computed_samples(d->samples); b++) {
    for (size_t i = d->first_row; i < d->first_row + d->rows; i++) {
      bf16_sum sum = sum_from(arithmetic, 0.0f);
      for (size_t o = 0; o < d->outputs; o += 2)
        add_pair(&sum, d->weights[column_index(arithmetic, i, o, d->outputs)],
                 d->output_gradient[pair_index(b, o, d->outputs)]);
      size_t at = panel_index(b, i, d->inputs);
      float dx = nk_reference_derive(&d->below, i, total_of(&sum), below_value(d, b, i),
                                     d->below_preactivation ? d->below_preactivation + at : NULL);
      if (d->input_gradient) d->input_gradient[at] = dx;
      if (d->gradient_rows) d->gradient_rows[at] = bfloat16_of_float(dx);
      if (d->gradient_pairs) put_paired(d->gradient_pairs, b, i, d->inputs, bfloat16_of_float(dx));
    }
  }
  if (d->below.kind != NK_ACTIVATION_SOFTMAX) return;
  nk_activation_backward softmax = {d->samples, d->inputs, d->input_gradient, d->below_output, NULL, d->below};
  nk_reference_activation_backward(&softmax);
  pack_panels(d->samples, d->inputs, d->input_gradient, d->gradient_rows, d->gradient_pairs);
}

static void weight_gradient(nk_bf16_arithmetic arithmetic, const nk_bf16_weight_gradient *g) {
  for (size_t r = 0; r < g->rows; r++) {
    for (size_t i = 0; i < NK_LANES; i++) {
      bf16_sum sum = sum_from(arithmetic, 0.0f);
      for (size_t b = 0; i < g->inputs && b < g->samples; b += 2) {
        const uint16_t *dz = g->output_gradient + panel_index(b, g->first_row + r, g->outputs);
        bool alone = b + 1 == g->samples;  // the lane beside the last of an odd number holds no meaning
        add_pair(&sum, alone ? dz[0] : (uint32_t)dz[1] << 16 | dz[0], g->input_pairs[b / 2 * NK_LANES + i]);
      }
      g->gradient[r * NK_LANES + i] = total_of(&sum);
    }
  }
}

static void sample_sums(const nk_bf16_sample_sums *s) {
  for (size_t r = 0; r < s->rows; r++) {
    float lanes[NK_LANES] = {0};
    for (size_t b = 0; b < s->samples; b++)
      lanes[b % NK_LANES] += float_of_bfloat16(s->values[panel_index(b, s->first_row + r, s->features)]);
    s->sums[r] = nk_reference_fold_lanes(lanes);
  }
}

/// Puts sample `row`'s feature f into sample pairs of `capacity` samples.
static void put_sample_paired(uint32_t *pairs, size_t row, size_t f, size_t capacity, uint16_t half) {
  put_half(pairs + (f / NK_LANES * (capacity / 2) + row / 2) * NK_LANES + f % NK_LANES, row, half);
}

static void transpose(const nk_bf16_transpose *t) {
  for (size_t b = 0; b < computed_samples(t->samples); b++) {
    for (size_t f = t->first_row; f < whole_panels(t->first_row + t->rows); f++) {
      bool real = b < t->samples && f < t->features;
      float x = real ? paired_value(t->pairs, b, f, t->features) : 0.0f;
      put_sample_paired(t->sample_pairs, t->first_sample + b, f, t->capacity, (uint16_t)(bits_of_float(x) >> 16));
    }
  }
}

static void gather(const nk_bf16_gather *g) {
  const nk_gather *s = &g->source;
  for (size_t b = 0; b < computed_samples(s->samples); b++) {
    for (size_t f = s->first_row; f < whole_panels(s->first_row + s->rows); f++) {
      float x = 0.0f;
      if (b < s->samples && f < s->features) x = fmaf(data_element(s, s->indices[b], f), s->scale[f], s->shift[f]);
      uint16_t half = bfloat16_of_float(x);
      put_sample_paired(g->sample_pairs, s->first_sample + b, f, s->capacity, half);
      if (f < s->features) put_paired(g->pairs, b, f, s->features, half);
    }
  }
}

static double dot_loop(nk_bf16_arithmetic arithmetic, size_t iterations) {
  bf16_sum chains[12];
  for (int j = 0; j < 12; j++) chains[j] = sum_from(arithmetic, 1.0f + (float)j);
  for (size_t i = 0; i < iterations; i++)
    for (int j = 0; j < 12; j++) add_pair(&chains[j], 0x3c003c00, 0xbc003c00);
  float sum = 0.0f;
  for (int j = 0; j < 12; j++) sum += total_of(&chains[j]);
  // The sum feeds the result so that no chain is dead; it is finite and adds nothing.
  return 4.0 * 12 * (double)iterations + 0.0 * sum;
}

/// The table of an arithmetic.
#define REFERENCE_TABLE(PREFIX, ARITHMETIC)                                                                            \
  static void PREFIX##_forward(const nk_bf16_dense_forward *d) { dense_forward(ARITHMETIC, d); }                       \
  static void PREFIX##_backward(const nk_bf16_dense_backward *d) { dense_backward(ARITHMETIC, d); }                    \
  static void PREFIX##_weight_gradient(const nk_bf16_weight_gradient *g) { weight_gradient(ARITHMETIC, g); }           \
  static void PREFIX##_pack_weights(const nk_bf16_pack_weights *p) { pack_weights(ARITHMETIC, p); }                    \
  static double PREFIX##_dot_loop(size_t iterations) { return dot_loop(ARITHMETIC, iterations); }                      \
  const nk_bf16_kernel_table nk_reference_##PREFIX##_kernels = {                                                       \
      .name = "reference",                                                                                             \
      .dense_forward = PREFIX##_forward,                                                                               \
      .dense_backward = PREFIX##_backward,                                                                             \
      .weight_gradient = PREFIX##_weight_gradient,                                                                     \
      .sample_sums = sample_sums,                                                                                      \
      .pack = pack,                                                                                                    \
      .pack_weights = PREFIX##_pack_weights,                                                                           \
      .transpose = transpose,                                                                                          \
      .gather = gather,                                                                                                \
      .dot_loop = PREFIX##_dot_loop,                                                                                   \
  };

REFERENCE_TABLE(bf16, NK_BF16_PAIRS)
REFERENCE_TABLE(bf16_block, NK_BF16_BLOCKS)
