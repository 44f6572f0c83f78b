// The kernels of embeddings, for `kernel_checks.c`, which gives check_context and `lines`.

static void check_embeddings(const check_context *x) {
  size_t samples = draw_samples(), features = draw(1, 40), width = draw(1, 20), categories = draw(1, 30);
  size_t column = draw(0, features - 1), outputs = features - 1 + width;
  size_t size = padded(samples) * nk_panel_rows(features), wide = padded(samples) * nk_panel_rows(outputs);
  // Numbers in and out of range, whole or not: what is no category passes for the first.
  const float *input = random_floats(size, 32.0f), *table = random_floats(categories * width, x->reach);
  nk_embedding e = {samples, features, column, categories, width, table, input, unwritten_floats(wide)};
  nk_embedding f = e;
  f.output = unwritten_floats(wide);
  x->reference->embed(&f);
  x->table->embed(&e);
  compare_panels(x->result, "embed", f.output, e.output, samples, outputs);

  const float *gradient = random_floats(wide, x->reach);
  nk_embedding_backward b = {samples, features, column, width, gradient, unwritten_floats(size)};
  nk_embedding_backward c = b;
  c.input_gradient = unwritten_floats(size);
  x->reference->embed_backward(&c);
  x->table->embed_backward(&b);
  compare_panels(x->result, "embed_backward", c.input_gradient, b.input_gradient, samples, features);

  size_t first = draw(0, categories * width - 1), count = draw(1, categories * width - first);
  nk_embedding_gradient g = {samples, features, column, categories, width, first, count, input, gradient,
                             unwritten_floats(count)};
  nk_embedding_gradient h = g;
  h.gradient = unwritten_floats(count);
  x->reference->embedding_gradient(&h);
  x->table->embedding_gradient(&g);
  compare_flat(x->result, "embedding_gradient", h.gradient, g.gradient, count);

  size_t few = draw(1, 16), input_stride = lines(features), output_stride = lines(outputs);
  nk_row_embedding r = {few, features, column, categories, width, input_stride, output_stride, table,
                        random_floats(few * input_stride, 32.0f), unwritten_floats(few * output_stride)};
  nk_row_embedding s = r;
  s.output = unwritten_floats(few * output_stride);
  x->reference->row_embed(&s);
  x->table->row_embed(&r);
  compare_rows(x, "row_embed", s.output, r.output, few, outputs, output_stride);
}
