// The kernels of batch normalization, for `kernel_checks.c`, which gives check_context and `lines`.

static void check_batch_norms(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 70), size = padded(samples) * nk_panel_rows(features);
  size_t first = draw(0, features - 1), rows = draw(1, features - first), stride = lines(features);
  nk_batch_moments m = {samples, features, first, rows, random_floats(size, x->reach), unwritten_floats(rows),
                        unwritten_floats(rows)};
  nk_batch_moments e = m;
  e.means = unwritten_floats(rows);
  e.variances = unwritten_floats(rows);
  x->reference->batch_moments(&e);
  x->table->batch_moments(&m);
  compare_flat(x->result, "batch_moments.means", e.means, m.means, rows);
  compare_flat(x->result, "batch_moments.variances", e.variances, m.variances, rows);

  const float *mean = random_floats(stride, 2.0f), *gain = toss() ? random_floats(stride, 2.0f) : NULL;
  const float *shift = toss() ? random_floats(stride, 2.0f) : NULL;
  float *variance = random_floats(stride, 2.0f);
  for (size_t f = 0; f < stride; f++) variance[f] *= variance[f];
  nk_batch_normalization n = {samples, features, 0.001f, mean, variance, gain, shift, m.values, unwritten_floats(size),
                              toss() ? unwritten_floats(size) : NULL};
  nk_batch_normalization o = n;
  o.output = unwritten_floats(size);
  if (n.normalized) o.normalized = unwritten_floats(size);
  x->reference->batch_normalize(&o);
  x->table->batch_normalize(&n);
  compare_panels(x->result, "batch_normalize", o.output, n.output, samples, features);
  if (n.normalized)
    compare_panels(x->result, "batch_normalize.normalized", o.normalized, n.normalized, samples, features);

  nk_batch_normalization_backward b = {samples, features, 0.001f, 1.0f / (float)samples, variance, gain,
                                       random_floats(stride, 2.0f), random_floats(stride, 2.0f),
                                       random_floats(size, x->reach), m.values, unwritten_floats(size)};
  nk_batch_normalization_backward f = b;
  f.input_gradient = unwritten_floats(size);
  x->reference->batch_normalize_backward(&f);
  x->table->batch_normalize_backward(&b);
  compare_panels(x->result, "batch_normalize_backward", f.input_gradient, b.input_gradient, samples, features);

  size_t few = draw(1, 16);
  nk_row_batch_normalization r = {few, features, stride, 0.001f, mean, variance, gain, shift,
                                  random_floats(few * stride, x->reach)};
  nk_row_batch_normalization s = r;
  s.values = copy_of(r.values, few * stride);
  x->reference->row_batch_normalize(&s);
  x->table->row_batch_normalize(&r);
  compare_rows(x, "row_batch_normalize", s.values, r.values, few, features, stride);
}
