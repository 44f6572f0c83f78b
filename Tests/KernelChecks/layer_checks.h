// The kernels of layers other than products and activations, for `kernel_checks.c`, which gives check_context and `lines`.

static void check_combinations(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  nk_panel_combination c = {samples, features, (nk_combination)draw(0, NK_COMBINE_RAISE), 0.25f, -0.5f,
                            toss() ? strange_floats(size) : random_floats(size, x->reach),
                            toss() ? strange_floats(size) : quarters(size)};
  nk_panel_combination e = c;
  e.values = copy_of(c.values, size);
  float *slice = copy_of(c.values, size), *expected = copy_of(c.values, size);
  x->reference->combine_panels(&e);
  x->table->combine_panels(&c);
  compare_panels(x->result, "combine_panels", e.values, c.values, samples, features);
  size_t count = draw(1, size / 16) * 16;
  x->reference->combine_slices(c.combination, expected, c.other, count, c.a, c.b);
  x->table->combine_slices(c.combination, slice, c.other, count, c.a, c.b);
  compare_flat(x->result, "combine_slices", expected, slice, size);
}

static void check_random_changes(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  nk_random_change r = {.samples = samples, .features = features, .first_sample = draw(0, 1000), .seed = random_bits(),
                        .step = (uint32_t)random_bits(), .stream = (uint32_t)random_bits(),
                        .kind = toss() ? NK_RANDOM_DROP : NK_RANDOM_NOISE, .rate = 0.3f, .scale = 1.25f, .shift = 0.5f,
                        .dropped = -1.0f, .values = random_floats(size, x->reach), .factors = unwritten_floats(size)};
  nk_random_change e = r;
  e.values = copy_of(r.values, size);
  e.factors = unwritten_floats(size);
  x->reference->random_change(&e);
  x->table->random_change(&r);
  compare_panels(x->result, "random_change", e.values, r.values, samples, features);
  compare_panels(x->result, "random_change.factors", e.factors, r.factors, samples, features);
}

static void check_normalizations(const check_context *x) {
  size_t samples = draw_samples(), features = draw_features(), size = padded(samples) * nk_panel_rows(features);
  size_t rows = padded(samples) * nk_panel_rows(1), stride = lines(features);
  bool centers = toss();
  const float *gain = random_floats(stride, 2.0f), *shift = centers ? random_floats(stride, 2.0f) : NULL;
  nk_normalization n = {samples, features, centers, 0.001f, gain, shift, random_floats(size, x->reach),
                        unwritten_floats(size), unwritten_floats(rows)};
  nk_normalization e = n;
  e.values = copy_of(n.values, size);
  e.normalized = unwritten_floats(size);
  e.inverses = unwritten_floats(rows);
  x->reference->normalize(&e);
  x->table->normalize(&n);
  compare_panels(x->result, "normalize", e.values, n.values, samples, features);
  compare_panels(x->result, "normalize.normalized", e.normalized, n.normalized, samples, features);
  compare_panels(x->result, "normalize.inverses", e.inverses, n.inverses, samples, 1);

  nk_normalization_backward b = {samples, features, centers, gain, random_floats(size, x->reach), n.normalized, n.inverses,
                                 unwritten_floats(size)};
  nk_normalization_backward f = b;
  f.input_gradient = unwritten_floats(size);
  x->reference->normalize_backward(&f);
  x->table->normalize_backward(&b);
  compare_panels(x->result, "normalize_backward", f.input_gradient, b.input_gradient, samples, features);

  size_t few = draw(1, 16);
  nk_row_normalization r = {few, features, stride, centers, 0.001f, gain, shift, random_floats(few * stride, x->reach)};
  nk_row_normalization s = r;
  s.values = copy_of(r.values, few * stride);
  x->reference->row_normalize(&s);
  x->table->row_normalize(&r);
  compare_rows(x, "row_normalize", s.values, r.values, few, features, stride);
}

static void check_sample_products(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  size_t first = draw(0, features - 1), rows = draw(1, features - first);
  nk_sample_products s = {samples, features, first, rows, random_floats(size, x->reach), random_floats(size, x->reach),
                          unwritten_floats(rows)};
  nk_sample_products e = s;
  e.sums = unwritten_floats(rows);
  x->reference->sample_products(&e);
  x->table->sample_products(&s);
  compare_flat(x->result, "sample_products", e.sums, s.sums, rows);
}

static void check_gates(const check_context *x) {
  size_t samples = draw_samples(), outputs = draw(1, 70);
  size_t inputs = padded(samples) * nk_panel_rows(2 * outputs), size = padded(samples) * nk_panel_rows(outputs);
  nk_gate g = {samples, outputs, toss() ? strange_floats(inputs) : random_floats(inputs, 20.0f), unwritten_floats(size)};
  nk_gate e = g;
  e.output = unwritten_floats(size);
  x->reference->gate(&e);
  x->table->gate(&g);
  compare_panels(x->result, "gate", e.output, g.output, samples, outputs);

  nk_gate_backward b = {samples, outputs, g.input, random_floats(size, x->reach), unwritten_floats(inputs)};
  nk_gate_backward f = b;
  f.input_gradient = unwritten_floats(inputs);
  x->reference->gate_backward(&f);
  x->table->gate_backward(&b);
  compare_panels(x->result, "gate_backward", f.input_gradient, b.input_gradient, samples, 2 * outputs);

  size_t few = draw(1, 16), input_stride = lines(2 * outputs), output_stride = lines(outputs);
  nk_row_gate r = {few, outputs, input_stride, output_stride, random_floats(few * input_stride, 20.0f),
                   unwritten_floats(few * output_stride)};
  nk_row_gate s = r;
  s.output = unwritten_floats(few * output_stride);
  x->reference->row_gate(&s);
  x->table->row_gate(&r);
  compare_rows(x, "row_gate", s.output, r.output, few, outputs, output_stride);
}
