#include <math.h>

#include "reference.h"

/// Where sample row s's feature f stands in the transposed layout.
static size_t transposed_index(size_t s, size_t f, size_t capacity) {
  return (f / NK_LANES * capacity + s) * NK_LANES + f % NK_LANES;
}

/// The end of a run of features: completed to 16 with zero where it is the last.
static size_t completed_end(size_t first, size_t count) { return first + computed_samples(count); }

void nk_reference_transpose(const nk_transpose *t) {
  for (size_t b = 0; b < computed_samples(t->samples); b++)
    for (size_t f = t->first_row; f < completed_end(t->first_row, t->rows); f++)
      t->transposed[transposed_index(t->first_sample + b, f, t->capacity)] =
          f < t->features ? t->panels[panel_index(b, f, t->features)] : 0.0f;
}

void nk_reference_gather(const nk_gather *g) {
  for (size_t b = 0; b < computed_samples(g->samples); b++) {
    for (size_t f = g->first_row; f < completed_end(g->first_row, g->rows); f++) {
      float x = 0.0f;
      if (b < g->samples && f < g->features) x = fmaf(data_element(g, g->indices[b], f), g->scale[f], g->shift[f]);
      g->transposed[transposed_index(g->first_sample + b, f, g->capacity)] = x;
      if (f < g->features) g->panels[panel_index(b, f, g->features)] = x;
    }
  }
}
