#include <math.h>

#include "reference.h"

/// Where sample row s's feature f stands in the transposed layout.
static size_t transposed_index(size_t s, size_t f, size_t capacity) {
  return (f / NK_LANES * capacity + s) * NK_LANES + f % NK_LANES;
}

void nk_reference_transpose(const nk_transpose *t) {
  for (size_t b = 0; b < whole_panels(t->samples); b++)
    for (size_t f = 0; f < computed_samples(t->features); f++)
      t->transposed[transposed_index(t->first_sample + b, f, t->capacity)] =
          f < t->features ? t->panels[panel_index(b, f, t->features)] : 0.0f;
}

void nk_reference_gather(const nk_gather *g) {
  for (size_t b = 0; b < whole_panels(g->samples); b++) {
    for (size_t f = 0; f < computed_samples(g->features); f++) {
      float x = 0.0f;
      if (b < g->samples && f < g->features) x = fmaf(data_element(g, g->indices[b], f), g->scale[f], g->shift[f]);
      g->transposed[transposed_index(g->first_sample + b, f, g->capacity)] = x;
      if (f < g->features && b < computed_samples(g->samples)) g->panels[panel_index(b, f, g->features)] = x;
    }
  }
}
