// Compares every bfloat16 table that runs here, emulations and the CPU's own dot product alike, with the reference, bit
// for bit, on seeded random shapes.
//
//     bfloat16_checks [cases per kernel] [seed]
//
// Prints and exits as `kernel_checks` does; the digest of the ordinary mode is the same on every processor.

#include "bfloat16_kernels.h"
#include "check_support.h"

typedef struct check_context {
  nk_bf16_arithmetic arithmetic;
  const nk_bf16_kernel_table *reference, *table;
  comparison *result;
} check_context;

// Values. Every fourth case draws words of any bits: infinities, NaN, subnormals and sums that barely underflow.

static bool strange_case;

static uint16_t draw_half(void) {
  float x = draw_float(2.0f);
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (!strange_case) return (uint16_t)(bits >> 16);
  if (toss()) return (uint16_t)random_bits();
  // Products of these lie around the smallest normal number.
  return (uint16_t)((random_bits() & 0x807f) | draw(60, 66) << 7);
}

static uint16_t *random_rows(size_t count) {
  uint16_t *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = draw_half();
  return values;
}

/// Pairs [panels][ceil(features/2)][32]; the odd last feature stands beside zero.
static uint32_t *random_pairs(size_t panels, size_t features) {
  size_t pair_rows = nk_panel_rows((features + 1) / 2), count = panels * pair_rows * NK_LANES;
  uint32_t *values = take(count * sizeof *values);
  for (size_t i = 0; i < count; i++) {
    bool alone = features % 2 && i / NK_LANES % pair_rows == features / 2;
    values[i] = draw_half() | (alone ? 0u : (uint32_t)draw_half() << 16);
  }
  return values;
}

/// Weight rows [ceil(inputs/32)][outputs][32]; lanes beyond the last input are zero.
static uint16_t *weight_rows(size_t inputs, size_t outputs) {
  uint16_t *weights = random_rows(padded(inputs) * nk_panel_rows(outputs));
  for (size_t i = inputs; i < padded(inputs); i++)
    for (size_t o = 0; o < outputs; o++) weights[(i / NK_LANES * nk_panel_rows(outputs) + o) * NK_LANES + i % NK_LANES] = 0;
  return weights;
}

/// Weight columns in the order of an arithmetic; zero beyond the last output.
static uint32_t *weight_columns(nk_bf16_arithmetic arithmetic, size_t inputs, size_t outputs) {
  if (outputs == 0) return NULL;
  size_t panel = nk_weight_column_rows(outputs) * NK_LANES, panels = padded(inputs) / NK_LANES;
  uint32_t *columns = take(panels * panel * sizeof *columns);
  memset(columns, 0, panels * panel * sizeof *columns);
  for (size_t i = 0; i < padded(inputs); i++) {
    for (size_t o = 0; o < outputs; o += 2) {
      size_t at = arithmetic == NK_BF16_PAIRS ? o / 2 * NK_LANES + i % NK_LANES
                                              : (o / NK_LANES * NK_LANES + i % NK_LANES) * 16 + o % NK_LANES / 2;
      columns[i / NK_LANES * panel + at] = draw_half() | (o + 1 == outputs ? 0u : (uint32_t)draw_half() << 16);
    }
  }
  return columns;
}

/// Single precision, subnormals and the smallest normal numbers among it where words are strange.
static float *draw_floats(size_t count) {
  if (!strange_case) return random_floats(count, 2.0f);
  float *values = strange_floats(count);
  for (size_t i = 0; i < count; i++)
    if (toss()) values[i] = draw_float(0x1p-125f);
  return values;
}

static void *unwritten(size_t byte_count) {
  void *block = take(byte_count);
  memset(block, 0xd9, byte_count);
  return block;
}

// Comparisons of halves and words, whose quiet NaN may differ in payload.

static float float_of_half(uint16_t half) {
  uint32_t bits = (uint32_t)half << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void compare_halves(comparison *c, const char *what, size_t at, uint16_t expected, uint16_t actual) {
  compare_value(c, what, at, float_of_half(expected), float_of_half(actual));
}

/// Whether lane b holds a sample, or belongs to a half panel that no call for so many samples may touch.
static bool is_compared(size_t b, size_t samples) { return b < samples || b >= (samples + 15) / 16 * 16; }

static void compare_rows(comparison *c, const char *what, const uint16_t *expected, const uint16_t *actual,
                         size_t samples, size_t features) {
  for (size_t b = 0; b < padded(samples); b++)
    for (size_t f = 0; f < features && is_compared(b, samples); f++) {
      size_t at = (b / NK_LANES * nk_panel_rows(features) + f) * NK_LANES + b % NK_LANES;
      compare_halves(c, what, at, expected[at], actual[at]);
    }
}

/// Compares pair rows, the zero beside an odd last feature included.
static void compare_pairs(comparison *c, const char *what, const uint32_t *expected, const uint32_t *actual,
                          size_t samples, size_t features) {
  size_t pair_rows = (features + 1) / 2;
  for (size_t b = 0; b < padded(samples); b++)
    for (size_t n = 0; n < pair_rows && is_compared(b, samples); n++) {
      size_t at = (b / NK_LANES * pair_rows + n) * NK_LANES + b % NK_LANES;
      compare_halves(c, what, at, (uint16_t)expected[at], (uint16_t)actual[at]);
      compare_halves(c, what, at, (uint16_t)(expected[at] >> 16), (uint16_t)(actual[at] >> 16));
    }
}

/// A run of `count` units or fewer that ends at an even one.
static size_t draw_run(size_t count) { return draw(0, count / 2) * 2; }

// Checks, one a kernel.

static void check_dense_forward(const check_context *x) {
  // Single pairs on top of any bias are the dot product laid bare.
  size_t samples = draw_samples(), inputs = draw(0, 3) ? draw_features() : 2, outputs = draw_features();
  size_t size = padded(samples) * nk_panel_rows(outputs), pairs_size = padded(samples) * nk_panel_rows((outputs + 1) / 2) * sizeof(uint32_t);
  nk_activation activation = draw_activation(outputs);
  // A run of units begins at an even one and ends at one, or at the last.
  size_t first = draw(0, (outputs - 1) / 2) * 2, rows = toss() ? outputs - first : draw_run(outputs - first);
  if (activation.kind == NK_ACTIVATION_SOFTMAX) first = 0, rows = outputs;
  bool keep = toss(), floats = activation.kind == NK_ACTIVATION_SOFTMAX || toss(), pairs = toss();
  nk_bf16_dense_forward d = {
      .samples = samples,
      .inputs = inputs,
      .outputs = outputs,
      .first_row = first,
      .rows = rows,
      .weights = weight_rows(inputs, outputs),
      .bias = toss() ? draw_floats(outputs) : NULL,
      .input = random_pairs(padded(samples) / NK_LANES, inputs),
      .output = floats ? unwritten_floats(size) : NULL,
      .output_pairs = pairs ? unwritten(pairs_size) : NULL,
      .preactivation = keep ? unwritten_floats(size) : NULL,
      .activation = activation,
  };
  nk_bf16_dense_forward e = d;
  e.output = floats ? unwritten_floats(size) : NULL;
  e.output_pairs = pairs ? unwritten(pairs_size) : NULL;
  e.preactivation = keep ? unwritten_floats(size) : NULL;
  x->reference->dense_forward(&e);
  x->table->dense_forward(&d);
  if (floats) compare_panels(x->result, "dense_forward.output", e.output, d.output, samples, outputs);
  if (pairs) compare_pairs(x->result, "dense_forward.pairs", e.output_pairs, d.output_pairs, samples, outputs);
  if (keep) compare_panels(x->result, "dense_forward.z", e.preactivation, d.preactivation, samples, outputs);
}

static void check_dense_backward(const check_context *x) {
  size_t samples = draw_samples(), inputs = draw_features(), outputs = draw_features();
  size_t size = padded(samples) * nk_panel_rows(inputs), panels = padded(samples) / NK_LANES;
  size_t pairs_size = panels * nk_panel_rows((inputs + 1) / 2) * NK_LANES * sizeof(uint32_t);
  nk_activation below = draw_activation(inputs);
  bool reads_z = nk_activation_reads_preactivation(below.kind), softmax = below.kind == NK_ACTIVATION_SOFTMAX;
  bool needs_output = below.kind != NK_ACTIVATION_LINEAR && !reads_z, from_pairs = needs_output && !softmax && toss();
  bool floats = softmax || toss(), halves = toss(), pairs = toss();
  size_t first = draw(0, (inputs - 1) / 2) * 2, rows = toss() ? inputs - first : draw_run(inputs - first);
  if (softmax) first = 0, rows = inputs;
  nk_bf16_dense_backward d = {
      .samples = samples,
      .inputs = inputs,
      .outputs = outputs,
      .first_row = first,
      .rows = rows,
      .weights = weight_columns(x->arithmetic, inputs, outputs),
      .output_gradient = random_pairs(panels, outputs),
      .input_gradient = floats ? unwritten_floats(size) : NULL,
      .gradient_rows = halves ? unwritten(size * sizeof(uint16_t)) : NULL,
      .gradient_pairs = pairs ? unwritten(pairs_size) : NULL,
      .below = below,
      .below_output = needs_output && !from_pairs ? quarters(size) : NULL,
      .below_pairs = from_pairs ? random_pairs(panels, inputs) : NULL,
      .below_preactivation = reads_z ? quarters(size) : NULL,
  };
  nk_bf16_dense_backward e = d;
  e.input_gradient = floats ? unwritten_floats(size) : NULL;
  e.gradient_rows = halves ? unwritten(size * sizeof(uint16_t)) : NULL;
  e.gradient_pairs = pairs ? unwritten(pairs_size) : NULL;
  e.below_preactivation = reads_z ? copy_of(d.below_preactivation, size) : NULL;
  x->reference->dense_backward(&e);
  x->table->dense_backward(&d);
  if (floats) compare_panels(x->result, "dense_backward.floats", e.input_gradient, d.input_gradient, samples, inputs);
  if (halves) compare_rows(x->result, "dense_backward.rows", e.gradient_rows, d.gradient_rows, samples, inputs);
  if (pairs) compare_pairs(x->result, "dense_backward.pairs", e.gradient_pairs, d.gradient_pairs, samples, inputs);
  if (reads_z)
    compare_panels(x->result, "dense_backward.share", e.below_preactivation, d.below_preactivation, samples, inputs);
}

static void check_weight_gradient(const check_context *x) {
  size_t samples = draw_samples(), outputs = draw_features(), inputs = draw(1, NK_LANES);
  size_t first = draw(0, outputs - 1), rows = draw(1, outputs - first);
  // Sample pairs of one panel are a panel whose features are the samples.
  nk_bf16_weight_gradient g = {samples,
                               outputs,
                               first,
                               rows,
                               inputs,
                               random_rows(padded(samples) * nk_panel_rows(outputs)),
                               random_pairs(1, samples),
                               unwritten_floats(rows * NK_LANES),
                               {NULL}};
  if (toss()) g.update_reads[draw(0, NK_UPDATE_STREAMS - 1)] = g.gradient;
  nk_bf16_weight_gradient e = g;
  e.gradient = unwritten_floats(rows * NK_LANES);
  x->reference->weight_gradient(&e);
  x->table->weight_gradient(&g);
  compare_flat(x->result, "weight_gradient", e.gradient, g.gradient, rows * NK_LANES);
}

static void check_sample_sums(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features();
  size_t first = draw(0, features - 1), rows = draw(1, features - first);
  strange_case = false;  // sums of subnormals depend on the mode
  nk_bf16_sample_sums s = {samples, features, first, rows, random_rows(padded(samples) * nk_panel_rows(features)),
                           unwritten_floats(rows)};
  nk_bf16_sample_sums e = s;
  e.sums = unwritten_floats(rows);
  x->reference->sample_sums(&e);
  x->table->sample_sums(&s);
  compare_flat(x->result, "sample_sums", e.sums, s.sums, rows);
}

static void check_pack(const check_context *x) {
  size_t samples = draw_samples(), panels = padded(samples) / NK_LANES, features = draw_features(), first = draw(0, (features - 1) / 2) * 2;
  size_t rows = toss() ? features - first : draw_run(features - first);
  size_t size = panels * nk_panel_rows(features) * NK_LANES, pairs_size = panels * nk_panel_rows((features + 1) / 2) * NK_LANES * sizeof(uint32_t);
  nk_bf16_pack p = {samples,
                    features,
                    first,
                    rows,
                    toss() ? strange_floats(size) : draw_floats(size),
                    unwritten(size * sizeof(uint16_t)),
                    unwritten(pairs_size)};
  nk_bf16_pack e = p;
  e.value_rows = unwritten(size * sizeof(uint16_t));
  e.value_pairs = unwritten(pairs_size);
  x->reference->pack(&e);
  x->table->pack(&p);
  compare_rows(x->result, "pack.rows", e.value_rows, p.value_rows, samples, features);
  compare_pairs(x->result, "pack.pairs", e.value_pairs, p.value_pairs, samples, features);
}

static void check_pack_weights(const check_context *x) {
  size_t outputs = draw_features(), first = draw(0, (outputs - 1) / 2) * 2;
  size_t rows = toss() ? outputs - first : draw_run(outputs - first);
  size_t size = nk_panel_rows(outputs) * NK_LANES, words = nk_weight_column_rows(outputs) * NK_LANES;
  nk_bf16_pack_weights p = {outputs,
                            first,
                            rows,
                            toss() ? strange_floats(size) : draw_floats(size),
                            unwritten(size * sizeof(uint16_t)),
                            unwritten(words * sizeof(uint32_t))};
  nk_bf16_pack_weights e = p;
  e.weight_rows = unwritten(size * sizeof(uint16_t));
  e.weight_columns = unwritten(words * sizeof(uint32_t));
  x->reference->pack_weights(&e);
  x->table->pack_weights(&p);
  for (size_t i = 0; i < size; i++) compare_halves(x->result, "pack_weights.rows", i, e.weight_rows[i], p.weight_rows[i]);
  for (size_t i = 0; i < 2 * words; i++)
    compare_halves(x->result, "pack_weights.columns", i, ((uint16_t *)e.weight_columns)[i], ((uint16_t *)p.weight_columns)[i]);
}

/// Compares all of two blocks of sample pairs, what was never written included.
static void compare_sample_pairs(comparison *c, const char *what, const uint32_t *expected, const uint32_t *actual,
                                 size_t count) {
  for (size_t i = 0; i < count; i++) {
    compare_halves(c, what, i, (uint16_t)expected[i], (uint16_t)actual[i]);
    compare_halves(c, what, i, (uint16_t)(expected[i] >> 16), (uint16_t)(actual[i] >> 16));
  }
}

static void check_transpose(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features(), first = draw(0, 20) * 2;
  size_t capacity = first + padded(samples) + draw(0, 3) * 2, count = padded(features) * capacity / 2;
  size_t first_row = draw(0, (features - 1) / NK_LANES) * NK_LANES;
  size_t rows = toss() ? features - first_row : draw(0, (features - first_row) / NK_LANES) * NK_LANES;
  nk_bf16_transpose t = {samples,
                         features,
                         first_row,
                         rows,
                         first,
                         capacity,
                         random_pairs(padded(samples) / NK_LANES, features),
                         unwritten(count * sizeof(uint32_t))};
  nk_bf16_transpose e = t;
  e.sample_pairs = unwritten(count * sizeof(uint32_t));
  x->reference->transpose(&e);
  x->table->transpose(&t);
  compare_sample_pairs(x->result, "transpose", e.sample_pairs, t.sample_pairs, count);
}

static void check_gather(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features(), rows = draw(1, 60), first = draw(0, 20) * 2;
  size_t capacity = first + padded(samples) + draw(0, 3) * 2, count = padded(features) * capacity / 2;
  size_t pairs_size = padded(samples) * nk_panel_rows((features + 1) / 2) * sizeof(uint32_t);
  nk_element element = toss() ? NK_ELEMENT_UINT8 : NK_ELEMENT_FLOAT32;
  size_t first_row = draw(0, (features - 1) / NK_LANES) * NK_LANES;
  size_t run = toss() ? features - first_row : draw(0, (features - first_row) / NK_LANES) * NK_LANES;
  nk_bf16_gather g = {
      .source =
          {
              .samples = samples,
              .features = features,
              .first_row = first_row,
              .rows = run,
              .first_sample = first,
              .capacity = capacity,
              .element = element,
              .data = data_rows(element, rows * features, 2.0f),
              .indices = random_indices(samples, rows),
              .scale = zero_padded_floats(features, padded(features)),
              .shift = zero_padded_floats(features, padded(features)),
          },
      .pairs = unwritten(pairs_size),
      .sample_pairs = unwritten(count * sizeof(uint32_t)),
  };
  nk_bf16_gather e = g;
  e.pairs = unwritten(pairs_size);
  e.sample_pairs = unwritten(count * sizeof(uint32_t));
  x->reference->gather(&e);
  x->table->gather(&g);
  compare_pairs(x->result, "gather.pairs", e.pairs, g.pairs, samples, features);
  compare_sample_pairs(x->result, "gather.sample_pairs", e.sample_pairs, g.sample_pairs, count);
}

typedef struct named_check {
  const char *name;
  void (*check)(const check_context *);
} named_check;

static const named_check checks[] = {
    {"dense_forward", check_dense_forward}, {"dense_backward", check_dense_backward},
    {"weight_gradient", check_weight_gradient}, {"sample_sums", check_sample_sums},
    {"pack", check_pack}, {"pack_weights", check_pack_weights},
    {"transpose", check_transpose}, {"gather", check_gather},
};

static const char *const names[] = {"pairs", "blocks"};

/// Runs all checks of one table in one floating-point mode; returns how many values differ.
static uint64_t check_table(nk_bf16_arithmetic arithmetic, const nk_bf16_kernel_table *table, const char *kind, size_t cases,
                            uint64_t seed, bool flush) {
  comparison total = {.digest = 0xcbf29ce484222325u};
  for (size_t k = 0; k < sizeof checks / sizeof *checks; k++) {
    for (size_t i = 0; i < cases; i++) {
      random_state = (seed * 1000003 + k) * 1000003 + i;
      strange_case = i % 4 == 3;
      uint64_t before = total.mismatches;
      check_context x = {arithmetic, nk_emulated_bf16_kernels(NK_ISA_REFERENCE, arithmetic), table, &total};
      flush_subnormals(flush);
      checks[k].check(&x);
      flush_subnormals(false);
      release_all();
      if (total.mismatches == before || total.mismatches > 100) continue;
      printf("  %s, case %zu of seed %llu\n", checks[k].name, i, (unsigned long long)seed);
    }
  }
  printf("%-11s %-6s %-9s %-20s %10llu values, %llu differ, digest %016llx\n", table->name, names[arithmetic],
         kind, flush ? "subnormals flushed" : "subnormals kept", (unsigned long long)total.count,
         (unsigned long long)total.mismatches, (unsigned long long)total.digest);
  return total.mismatches;
}

static uint64_t check_both_modes(nk_bf16_arithmetic arithmetic, const nk_bf16_kernel_table *table, const char *kind,
                                 bool runs, size_t cases, uint64_t seed) {
  if (!table) return 0;
  if (!runs) {
    printf("%-11s %-6s %-9s not runnable here\n", table->name, names[arithmetic], kind);
    return 0;
  }
  bool has_loop = table->dot_loop(10) > 0;
  return check_table(arithmetic, table, kind, cases, seed, false) +
         check_table(arithmetic, table, kind, cases, seed, true) + !has_loop;
}

int main(int count, char **arguments) {
  size_t cases = count > 1 ? strtoull(arguments[1], NULL, 10) : 200;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  uint64_t mismatches = 0;
  for (nk_bf16_arithmetic how = NK_BF16_PAIRS; how <= NK_BF16_BLOCKS; how++) {
    for (nk_instruction_set isa = NK_ISA_REFERENCE; isa <= NK_ISA_NEON; isa++) {
      mismatches += check_both_modes(how, nk_emulated_bf16_kernels(isa, how), "emulated", nk_isa_is_runnable(isa), cases,
                                     seed);
      mismatches += check_both_modes(how, nk_hardware_bf16_kernels(isa, how), "hardware",
                                     nk_hardware_bf16_is_runnable(isa, how), cases, seed);
    }
  }
  return mismatches == 0 ? 0 : 1;
}
