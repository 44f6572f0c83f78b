#include "reference.h"

void nk_reference_embed(const nk_embedding *e) {
  size_t outputs = e->features - 1 + e->width;
  for (size_t b = 0; b < computed_samples(e->samples); b++) {
    size_t category = nk_category(e->input[panel_index(b, e->column, e->features)], e->categories);
    for (size_t f = 0; f < outputs; f++) {
      e->output[panel_index(b, f, outputs)] =
          f + 1 >= e->features ? e->table[category * e->width + (f + 1 - e->features)]
                               : e->input[panel_index(b, f < e->column ? f : f + 1, e->features)];
    }
  }
}

void nk_reference_embed_backward(const nk_embedding_backward *e) {
  size_t outputs = e->features - 1 + e->width;
  for (size_t b = 0; b < computed_samples(e->samples); b++) {
    for (size_t f = 0; f < e->features; f++) {
      e->input_gradient[panel_index(b, f, e->features)] =
          f == e->column ? 0.0f : e->output_gradient[panel_index(b, f < e->column ? f : f - 1, outputs)];
    }
  }
}

void nk_reference_embedding_gradient(const nk_embedding_gradient *e) {
  size_t outputs = e->features - 1 + e->width;
  for (size_t i = 0; i < e->count; i++) {
    size_t category = (e->first + i) / e->width, t = (e->first + i) % e->width;
    e->gradient[i] = 0.0f;
    for (size_t b = 0; b < e->samples; b++) {
      if (nk_category(e->input[panel_index(b, e->column, e->features)], e->categories) == category)
        e->gradient[i] += e->output_gradient[panel_index(b, e->features - 1 + t, outputs)];
    }
  }
}

void nk_reference_row_embed(const nk_row_embedding *e) {
  for (size_t b = 0; b < e->samples; b++) {
    const float *x = e->input + b * e->input_stride;
    float *y = e->output + b * e->output_stride;
    size_t category = nk_category(x[e->column], e->categories), next = 0;
    for (size_t f = 0; f < e->features; f++)
      if (f != e->column) y[next++] = x[f];
    for (size_t t = 0; t < e->width; t++) y[next++] = e->table[category * e->width + t];
  }
}
