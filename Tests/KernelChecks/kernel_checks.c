// Compares every kernel of every table that runs here with the reference, bit for bit, on seeded random shapes.
//
//     kernel_checks [cases per kernel] [seed]
//
// Prints the number of values compared and how many differ, once in the ordinary floating-point mode and once with
// subnormals flushed; exits with 1 when any differs. The digest of the ordinary mode is the same on every processor.

#include <math.h>

#include "check_support.h"

typedef struct check_context {
  const nk_kernel_table *reference, *table;
  comparison *result;
  /// Magnitude of ordinary values; tiny when subnormals are to occur.
  float reach;
} check_context;

static size_t lines(size_t count) { return (count + 15) / 16 * 16; }

/// Weight panels [⌈inputs/32⌉][outputs][32]; lanes beyond the last input are zero.
static float *weight_panels(size_t inputs, size_t outputs, float reach) {
  float *weights = random_floats(padded(inputs) * nk_panel_rows(outputs), reach);
  for (size_t i = inputs; i < padded(inputs); i++)
    for (size_t o = 0; o < outputs; o++) weights[(i / NK_LANES * nk_panel_rows(outputs) + o) * NK_LANES + i % NK_LANES] = 0.0f;
  return weights;
}

/// Compares rows first ..< first + rows of the transposed layout, up to the lanes that are promised to be zero.
static void compare_transposed(comparison *c, const char *what, const float *expected, const float *actual,
                               size_t first, size_t rows, size_t features, size_t capacity) {
  for (size_t s = first; s < first + rows; s++)
    for (size_t f = 0; f < lines(features); f++) {
      size_t at = (f / NK_LANES * capacity + s) * NK_LANES + f % NK_LANES;
      compare_value(c, what, at, expected[at], actual[at]);
    }
}

/// A run of a layer's units.
typedef struct unit_run {
  size_t first, count;
} unit_run;

/// All units, as softmax needs them, or some.
static unit_run draw_units(size_t units, const nk_activation *activation) {
  if (activation->kind == NK_ACTIVATION_SOFTMAX || toss()) return (unit_run){0, units};
  size_t first = draw(0, units - 1);
  return (unit_run){first, draw(1, units - first)};
}

/// All features, or a run of whole panels.
static unit_run draw_panels(size_t features) {
  size_t panels = padded(features) / NK_LANES, first = draw(0, panels - 1) * NK_LANES;
  size_t end = toss() ? features : draw(first / NK_LANES + 1, panels) * NK_LANES;
  return (unit_run){first, (end < features ? end : features) - first};
}

static void check_dense_forward(const check_context *x) {
  size_t samples = draw_samples(), inputs = draw_features(), outputs = draw_features();
  size_t size = padded(samples) * nk_panel_rows(outputs);
  nk_activation activation = draw_activation(outputs);
  unit_run run = draw_units(outputs, &activation);
  bool keep = toss();
  nk_dense_forward d = {
      .samples = samples,
      .inputs = inputs,
      .outputs = outputs,
      .first_row = run.first,
      .rows = run.count,
      .weights = weight_panels(inputs, outputs, 2.0f),
      .bias = toss() ? random_floats(outputs, x->reach) : NULL,
      .input = random_floats(padded(samples) * nk_panel_rows(inputs), x->reach),
      .output = unwritten_floats(size),
      .preactivation = keep ? unwritten_floats(size) : NULL,
      .activation = activation,
  };
  nk_dense_forward e = d;
  e.output = unwritten_floats(size);
  e.preactivation = keep ? unwritten_floats(size) : NULL;
  x->reference->dense_forward(&e);
  x->table->dense_forward(&d);
  compare_panels(x->result, "dense_forward.output", e.output, d.output, samples, outputs);
  if (keep) compare_panels(x->result, "dense_forward.z", e.preactivation, d.preactivation, samples, outputs);
}

/// A panel's halves computed by two calls, each with its pointers moved to its own lanes, are the panel.
static void check_halves(const check_context *x) {
  size_t inputs = draw_features(), outputs = draw_features(), size = NK_LANES * nk_panel_rows(outputs);
  nk_dense_forward d = {
      .samples = NK_LANES,
      .inputs = inputs,
      .outputs = outputs,
      .rows = outputs,
      .weights = weight_panels(inputs, outputs, 2.0f),
      .input = random_floats(NK_LANES * nk_panel_rows(inputs), x->reach),
      .output = unwritten_floats(size),
      .preactivation = unwritten_floats(size),
      .activation = draw_activation(outputs),
  };
  nk_dense_forward e = d;
  e.output = unwritten_floats(size);
  e.preactivation = unwritten_floats(size);
  x->table->dense_forward(&e);
  const float untouched = d.output[0];
  for (size_t half = 0; half < 2; half++) {
    nk_dense_forward h = d;
    h.samples = NK_HALF_LANES;
    h.input += half * NK_HALF_LANES;
    h.output += half * NK_HALF_LANES;
    h.preactivation += half * NK_HALF_LANES;
    x->table->dense_forward(&h);
    for (size_t at = 0; at < size && half == 0; at++)
      if (at % NK_LANES >= NK_HALF_LANES) compare_value(x->result, "halves.untouched", at, untouched, d.output[at]);
  }
  compare_flat(x->result, "halves.output", e.output, d.output, size);
  compare_flat(x->result, "halves.z", e.preactivation, d.preactivation, size);
}

static void check_dense_backward(const check_context *x) {
  size_t samples = draw_samples(), inputs = draw_features(), outputs = draw_features();
  size_t size = padded(samples) * nk_panel_rows(inputs);
  nk_activation below = draw_activation(inputs);
  unit_run run = draw_units(inputs, &below);
  bool reads_z = nk_activation_reads_preactivation(below.kind);
  nk_dense_backward d = {
      .samples = samples,
      .inputs = inputs,
      .outputs = outputs,
      .first_row = run.first,
      .rows = run.count,
      .weights = weight_panels(inputs, outputs, 2.0f),
      .output_gradient = random_floats(padded(samples) * nk_panel_rows(outputs), x->reach),
      .input_gradient = unwritten_floats(size),
      .below = below,
      .below_output = below.kind == NK_ACTIVATION_LINEAR ? NULL : quarters(size),
      .below_preactivation = reads_z ? quarters(size) : NULL,
  };
  nk_dense_backward e = d;
  e.input_gradient = unwritten_floats(size);
  e.below_preactivation = reads_z ? copy_of(d.below_preactivation, size) : NULL;
  x->reference->dense_backward(&e);
  x->table->dense_backward(&d);
  compare_panels(x->result, "dense_backward.input_gradient", e.input_gradient, d.input_gradient, samples, inputs);
  if (reads_z)
    compare_panels(x->result, "dense_backward.share", e.below_preactivation, d.below_preactivation, samples, inputs);
}

static void check_weight_gradient(const check_context *x) {
  size_t samples = draw_samples(), outputs = draw_features(), inputs = draw(1, NK_LANES);
  size_t first = draw(0, outputs - 1), rows = draw(1, outputs - first);
  float *input = random_floats(samples * NK_LANES, x->reach);
  for (size_t b = 0; b < samples; b++)
    for (size_t i = inputs; i < lines(inputs); i++) input[b * NK_LANES + i] = 0.0f;
  float *output_gradient = random_floats(padded(samples) * nk_panel_rows(outputs), x->reach);
  nk_weight_gradient g = {
      .samples = samples,
      .outputs = outputs,
      .first_row = first,
      .rows = rows,
      .inputs = inputs,
      .output_gradient = output_gradient,
      .input_transposed = input,
      .gradient = unwritten_floats(rows * NK_LANES),
  };
  if (toss()) {
    g.first_row_ahead = draw(0, outputs - 1);
    g.rows_ahead = draw(1, outputs - g.first_row_ahead);
  }
  if (toss()) g.update_reads[draw(0, NK_UPDATE_STREAMS - 1)] = random_floats(rows * NK_LANES, 1.0f);
  nk_weight_gradient e = g;
  e.gradient = unwritten_floats(rows * NK_LANES);
  x->reference->weight_gradient(&e);
  x->table->weight_gradient(&g);
  compare_flat(x->result, "weight_gradient", e.gradient, g.gradient, rows * NK_LANES);
}

static void check_sums(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features();
  size_t first = draw(0, features - 1), rows = draw(1, features - first);
  nk_sample_sums s = {samples, features, first, rows, random_floats(padded(samples) * nk_panel_rows(features), x->reach),
                      unwritten_floats(rows)};
  nk_sample_sums e = s;
  e.sums = unwritten_floats(rows);
  x->reference->sample_sums(&e);
  x->table->sample_sums(&s);
  compare_flat(x->result, "sample_sums", e.sums, s.sums, rows);

  size_t count = 16 * draw(1, 20);
  const float *values = random_floats(count, x->reach);
  compare_value(x->result, "sum_of_squares", 0, (float)x->reference->sum_of_squares(values, count),
                (float)x->table->sum_of_squares(values, count));
}

static void check_activation_forward(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  bool keep = toss();
  nk_activation_forward a = {samples, features, toss() ? strange_floats(size) : random_floats(size, 100.0f),
                             keep ? quarters(size) : NULL, draw_activation(features)};
  if (!draw(0, 20)) a.activation.kind = NK_ACTIVATION_LOG_SOFTMAX;
  nk_activation_forward e = a;
  e.values = copy_of(a.values, size);
  e.preactivation = keep ? copy_of(a.preactivation, size) : NULL;
  x->reference->activation_forward(&e);
  x->table->activation_forward(&a);
  compare_panels(x->result, "activation_forward", e.values, a.values, samples, features);
  if (keep) compare_panels(x->result, "activation_forward.z", e.preactivation, a.preactivation, samples, features);
}

static void check_activation_backward(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  nk_activation activation = draw_activation(features);
  if (!draw(0, 20)) activation.kind = NK_ACTIVATION_LOG_SOFTMAX;
  bool reads_z = nk_activation_reads_preactivation(activation.kind);
  nk_activation_backward a = {samples, features, toss() ? strange_floats(size) : random_floats(size, x->reach),
                              activation.kind == NK_ACTIVATION_LINEAR ? NULL : quarters(size),
                              reads_z ? quarters(size) : NULL, activation};
  nk_activation_backward e = a;
  e.gradient = copy_of(a.gradient, size);
  e.preactivation = reads_z ? copy_of(a.preactivation, size) : NULL;
  x->reference->activation_backward(&e);
  x->table->activation_backward(&a);
  compare_panels(x->result, "activation_backward", e.gradient, a.gradient, samples, features);
  if (reads_z) compare_panels(x->result, "activation_backward.share", e.preactivation, a.preactivation, samples, features);
}

static void check_transpose(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features(), first = draw(0, 40);
  size_t capacity = first + padded(samples) + draw(0, 5), size = padded(features) * capacity;
  unit_run run = draw_panels(features);
  nk_transpose t = {samples, features, run.first, run.count, first, capacity,
                    random_floats(padded(samples) * nk_panel_rows(features), x->reach), unwritten_floats(size)};
  nk_transpose e = t;
  e.transposed = unwritten_floats(size);
  x->reference->transpose(&e);
  x->table->transpose(&t);
  compare_transposed(x->result, "transpose", e.transposed, t.transposed, first, lines(samples), features, capacity);
}

static void check_gather(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features(), rows = draw(1, 60), first = draw(0, 40);
  size_t capacity = first + padded(samples) + draw(0, 5);
  size_t transposed_size = padded(features) * capacity, panels_size = padded(samples) * nk_panel_rows(features);
  nk_element element = toss() ? NK_ELEMENT_UINT8 : NK_ELEMENT_FLOAT32;
  unit_run run = draw_panels(features);
  nk_gather g = {
      .samples = samples,
      .features = features,
      .first_row = run.first,
      .rows = run.count,
      .first_sample = first,
      .capacity = capacity,
      .element = element,
      .data = data_rows(element, rows * features, x->reach),
      .indices = random_indices(samples, rows),
      .scale = zero_padded_floats(features, padded(features)),
      .shift = zero_padded_floats(features, padded(features)),
      .panels = unwritten_floats(panels_size),
      .transposed = unwritten_floats(transposed_size),
  };
  nk_gather e = g;
  e.panels = unwritten_floats(panels_size);
  e.transposed = unwritten_floats(transposed_size);
  x->reference->gather(&e);
  x->table->gather(&g);
  compare_panels(x->result, "gather.panels", e.panels, g.panels, samples, features);
  compare_transposed(x->result, "gather.transposed", e.transposed, g.transposed, first, lines(samples), features,
                     capacity);
}

/// Ordinary values, wide ones, quarters (whose largest is often not alone) and strange ones.
static float *draw_logits(size_t count) {
  switch (draw(0, 3)) {
  case 0:
    return random_floats(count, 2.0f);
  case 1:
    return random_floats(count, 150.0f);
  case 2:
    return quarters(count);
  default:
    return strange_floats(count);
  }
}

/// Any loss, with parameters that all can work with.
static nk_loss draw_loss(void) {
  nk_loss loss = {(nk_loss_kind)draw(0, NK_LOSS_KINDS - 1), 0.75f, toss() ? 0.125f : 0.0f, toss(), 0.5f};
  return loss;
}

static void check_loss_head(const check_context *x) {
  size_t samples = draw_samples(), outputs = draw(1, 70), rows = draw(1, 60);
  size_t slots = lines(samples) / NK_HALF_LANES;
  nk_loss loss = draw_loss();
  if (loss.kind == NK_LOSS_GAUSSIAN_NLL) outputs += outputs % 2;
  size_t size = padded(samples) * nk_panel_rows(outputs), classes = outputs == 1 ? 2 : outputs;
  bool rows_as_targets = loss.kind == NK_LOSS_GAUSSIAN_NLL || toss(), labelled = !rows_as_targets || toss();
  bool wants_gradient = toss();
  nk_loss_head h = {
      .loss = loss,
      .samples = samples,
      .outputs = outputs,
      .indices = random_indices(samples, rows),
      .labels = labelled ? random_indices(rows, classes) : NULL,
      .targets = rows_as_targets ? random_floats(rows * nk_target_width(&loss, outputs), 2.0f) : NULL,
      .sample_weights = toss() ? random_floats(rows, 2.0f) : NULL,
      .class_weights = labelled && toss() ? random_floats(classes, 2.0f) : NULL,
      .gradient_scale = x->reach / (float)samples,
      .values = draw_logits(size),
      .gradient = wants_gradient ? unwritten_floats(size) : NULL,
      .loss_sums = take(slots * sizeof(double)),
      .correct_counts = take(slots * sizeof(uint32_t)),
  };
  nk_loss_head e = h;
  e.values = copy_of(h.values, size);
  e.gradient = wants_gradient ? unwritten_floats(size) : NULL;
  e.loss_sums = take(slots * sizeof(double));
  e.correct_counts = take(slots * sizeof(uint32_t));
  x->reference->loss_head(&e);
  x->table->loss_head(&h);
  compare_panels(x->result, "loss.values", e.values, h.values, samples, outputs);
  // Gradient lanes beyond the last sample are promised to be zero: whole panels are compared.
  if (wants_gradient) compare_flat(x->result, "loss.gradient", e.gradient, h.gradient, size);
  for (size_t p = 0; p < slots; p++) {
    bool same = memcmp(&e.loss_sums[p], &h.loss_sums[p], sizeof(double)) == 0 ||
                (e.loss_sums[p] != e.loss_sums[p] && h.loss_sums[p] != h.loss_sums[p]);
    compare_value(x->result, "loss.sum", p, (float)e.loss_sums[p], same ? (float)e.loss_sums[p] : -1.0f);
    compare_value(x->result, "loss.correct", p, (float)e.correct_counts[p], (float)h.correct_counts[p]);
  }
}

static void run_update(const nk_kernel_table *table, const nk_update *u, size_t rule) {
  if (rule == 0) table->update_sgd(u, 0.1f);
  if (rule == 1) table->update_momentum(u, 0.1f, 0.9f, false);
  if (rule == 2) table->update_momentum(u, 0.1f, 0.9f, true);
  if (rule == 3) table->update_adam(u, 0.01f, 3.0f, 0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.999f);
}

static void check_updates(const check_context *x) {
  const size_t adam = 3;
  size_t count = 16 * draw(1, 40), rule = draw(0, adam + 1 + NK_RULE_DECAYED_GRADIENT);
  nk_update u = {
      .count = count,
      .parameters = random_floats(count, 2.0f),
      .gradients = random_floats(count, x->reach),
      .state0 = random_floats(count, x->reach),
      .state1 = random_floats(count, x->reach),
      .state2 = random_floats(count, x->reach),
      .gradient_scale = 0.25f,
      .l2 = toss() ? 0.01f : 0.0f,
      .keep = toss() ? 0.99f : 1.0f,
  };
  // Second moments are never negative.
  for (size_t i = 0; i < count; i++) {
    u.state0[i] = rule > adam ? fabsf(u.state0[i]) : u.state0[i];
    u.state1[i] *= u.state1[i];
    u.state2[i] *= u.state2[i];
  }
  nk_update e = u;
  e.parameters = copy_of(u.parameters, count);
  e.state0 = copy_of(u.state0, count);
  e.state1 = copy_of(u.state1, count);
  e.state2 = copy_of(u.state2, count);
  if (rule <= adam) {
    run_update(x->reference, &e, rule);
    run_update(x->table, &u, rule);
  } else {
    // Any numbers will do for coefficients: the two need only agree.
    const float *coefficients = random_floats(NK_RULE_COEFFICIENTS, 1.0f);
    x->reference->update_rule((nk_update_rule)(rule - adam - 1), &e, coefficients);
    x->table->update_rule((nk_update_rule)(rule - adam - 1), &u, coefficients);
  }
  compare_flat(x->result, "update.parameters", e.parameters, u.parameters, count);
  compare_flat(x->result, "update.state0", e.state0, u.state0, count);
  compare_flat(x->result, "update.state1", e.state1, u.state1, count);
  compare_flat(x->result, "update.state2", e.state2, u.state2, count);
}

static void check_blends(const check_context *x) {
  size_t count = 16 * draw(1, 40);
  float *values = random_floats(count, x->reach), *target = random_floats(count, x->reach);
  float *expected = copy_of(values, count);
  x->reference->blend(expected, target, count, 0.3f);
  x->table->blend(values, target, count, 0.3f);
  x->reference->clip_values(expected, count, 0.5f);
  x->table->clip_values(values, count, 0.5f);
  compare_flat(x->result, "blend, clip_values", expected, values, count);
}

static void check_gradient_lanes(const check_context *x) {
  size_t count = 16 * draw(1, 20), first = 16 * draw(0, 3), lane_count = draw(1, 40);
  const float **lanes = take(lane_count * sizeof *lanes);
  for (size_t l = 0; l < lane_count; l++) lanes[l] = random_floats(first + count, x->reach);
  nk_gradient_lanes g = {count, first, lane_count, lanes, unwritten_floats(count)};
  nk_gradient_lanes e = g;
  e.sums = unwritten_floats(count);
  x->reference->sum_gradient_lanes(&e);
  x->table->sum_gradient_lanes(&g);
  compare_flat(x->result, "gradient_lanes", e.sums, g.sums, count);
}

/// Sample rows hold this many floats from one to the next.
static size_t row_stride(size_t features) { return lines(features) + 16 * draw(0, 1); }

static void compare_rows(const check_context *x, const char *what, const float *expected, const float *actual,
                         size_t samples, size_t features, size_t stride) {
  for (size_t b = 0; b < samples; b++)
    compare_flat(x->result, what, expected + b * stride, actual + b * stride, features);
}

/// An activation whose slopes are readable up to a whole line.
static nk_activation draw_row_activation(size_t units) { return draw_activation(lines(units)); }

static void check_row_forward(const check_context *x) {
  size_t samples = draw(1, 9), inputs = draw_features(), outputs = draw_features();
  size_t blocks = lines(outputs) / NK_OUTPUT_BLOCK, first = draw(0, blocks - 1);
  float *weights = random_floats(lines(outputs) * inputs, 2.0f);
  for (size_t o = outputs; o < lines(outputs); o++)
    for (size_t i = 0; i < inputs; i++) weights[(o / 16 * inputs + i) * 16 + o % 16] = 0.0f;
  nk_row_forward d = {
      .samples = samples,
      .inputs = inputs,
      .outputs = outputs,
      .first_block = first,
      .blocks = draw(1, blocks - first),
      .input_stride = row_stride(inputs),
      .output_stride = row_stride(outputs),
      .weights = weights,
      .bias = toss() ? random_floats(lines(outputs), x->reach) : NULL,
      .activation = draw_row_activation(outputs),
  };
  d.input = random_floats(samples * d.input_stride, x->reach);
  d.output = unwritten_floats(samples * d.output_stride);
  nk_row_forward e = d;
  e.output = unwritten_floats(samples * d.output_stride);
  x->reference->row_forward(&e);
  x->table->row_forward(&d);
  // Outputs of the other blocks stay as they were.
  compare_rows(x, "row_forward", e.output, d.output, samples, outputs, d.output_stride);
}

static void check_row_activation(const check_context *x) {
  size_t samples = draw(1, 5), features = draw(1, 70), stride = row_stride(features), size = samples * stride;
  nk_row_activation a = {samples, features, stride, toss() ? strange_floats(size) : random_floats(size, 100.0f),
                         draw_row_activation(features)};
  nk_row_activation e = a;
  e.values = copy_of(a.values, size);
  x->reference->row_activation(&e);
  x->table->row_activation(&a);
  compare_rows(x, "row_activation", e.values, a.values, samples, features, stride);
}

static void check_row_gather(const check_context *x) {
  size_t samples = draw(1, 9), features = draw_features(), stride = row_stride(features), rows = draw(9, 20);
  bool bytes = toss();
  uint8_t *byte_rows = take(rows * features);
  for (size_t i = 0; i < rows * features; i++) byte_rows[i] = (uint8_t)random_bits();
  nk_row_gather g = {
      .samples = samples,
      .features = features,
      .stride = stride,
      .element = bytes ? NK_ELEMENT_UINT8 : NK_ELEMENT_FLOAT32,
      .data = bytes ? (const void *)byte_rows : random_floats(rows * features, x->reach),
      .indices = toss() ? random_indices(samples, rows) : NULL,
      .scale = zero_padded_floats(features, padded(features)),
      .shift = zero_padded_floats(features, padded(features)),
      .rows = unwritten_floats(samples * stride),
  };
  nk_row_gather e = g;
  e.rows = unwritten_floats(samples * stride);
  x->reference->row_gather(&e);
  x->table->row_gather(&g);
  compare_rows(x, "row_gather", e.rows, g.rows, samples, features, stride);
}

#include "layer_checks.h"

#include "batch_norm_checks.h"

#include "embedding_checks.h"

typedef struct named_check {
  const char *name;
  void (*check)(const check_context *);
} named_check;

static const named_check checks[] = {
    {"dense_forward", check_dense_forward},
    {"halves", check_halves},
    {"dense_backward", check_dense_backward},
    {"weight_gradient", check_weight_gradient},
    {"sums", check_sums},
    {"activation_forward", check_activation_forward},
    {"activation_backward", check_activation_backward},
    {"transpose", check_transpose},
    {"gather", check_gather},
    {"loss_heads", check_loss_head},
    {"updates", check_updates},
    {"blends", check_blends},
    {"gradient_lanes", check_gradient_lanes},
    {"row_forward", check_row_forward},
    {"row_activation", check_row_activation},
    {"row_gather", check_row_gather},
    {"combinations", check_combinations},
    {"random_changes", check_random_changes},
    {"normalizations", check_normalizations},
    {"sample_products", check_sample_products},
    {"gates", check_gates},
    {"batch_norms", check_batch_norms},
    {"embeddings", check_embeddings},
};

/// Runs all checks of one table in one floating-point mode; returns how many values differ.
static uint64_t check_table(const nk_kernel_table *table, size_t cases, uint64_t seed, bool flush) {
  comparison total = {.digest = 0xcbf29ce484222325u};
  for (size_t k = 0; k < sizeof checks / sizeof *checks; k++) {
    for (size_t i = 0; i < cases; i++) {
      random_state = (seed * 1000003 + k) * 1000003 + i;
      uint64_t before = total.mismatches;
      // Every other case of the flushed mode has values whose products are subnormal.
      check_context x = {nk_compiled_kernels(NK_ISA_REFERENCE), table, &total, flush && i % 2 ? 1e-38f : 2.0f};
      flush_subnormals(flush);
      checks[k].check(&x);
      flush_subnormals(false);
      release_all();
      if (total.mismatches == before) continue;
      printf("  %s, case %zu of seed %llu\n", checks[k].name, i, (unsigned long long)seed);
    }
  }
  printf("%-9s %-20s %10llu values, %llu differ, digest %016llx\n", table->name,
         flush ? "subnormals flushed" : "subnormals kept", (unsigned long long)total.count,
         (unsigned long long)total.mismatches, (unsigned long long)total.digest);
  return total.mismatches;
}

int main(int count, char **arguments) {
  size_t cases = count > 1 ? strtoull(arguments[1], NULL, 10) : 200;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  uint64_t mismatches = 0;
  // The reference against itself shows that the checks are repeatable and gives the digest where nothing else runs.
  for (nk_instruction_set isa = NK_ISA_REFERENCE; isa <= NK_ISA_NEON; isa++) {
    const nk_kernel_table *table = nk_compiled_kernels(isa);
    if (!table) continue;
    if (!nk_isa_is_runnable(isa)) {
      printf("%-9s not runnable here\n", table->name);
      continue;
    }
    mismatches += check_table(table, cases, seed, false) + check_table(table, cases, seed, true);
    if (!(table->fma_loop(10) > 0)) mismatches++;
  }
  return mismatches == 0 ? 0 : 1;
}
