#include <math.h>

#include "reference.h"

void nk_reference_row_gather(const nk_row_gather *g) {
  for (size_t b = 0; b < g->samples; b++) {
    size_t row = (g->indices ? g->indices[b] : b) * g->features;
    for (size_t f = 0; f < g->features; f++) {
      float value = g->element == NK_ELEMENT_UINT8 ? (float)((const uint8_t *)g->data)[row + f]
                                                   : ((const float *)g->data)[row + f];
      g->rows[b * g->stride + f] = fmaf(value, g->scale[f], g->shift[f]);
    }
  }
}

/// Where the weight from input i to output o stands in output blocks of `inputs` inputs.
static size_t block_index(size_t o, size_t i, size_t inputs) {
  return (o / NK_OUTPUT_BLOCK * inputs + i) * NK_OUTPUT_BLOCK + o % NK_OUTPUT_BLOCK;
}

void nk_reference_row_forward(const nk_row_forward *d) {
  size_t first = d->first_block * NK_OUTPUT_BLOCK, end = first + d->blocks * NK_OUTPUT_BLOCK;
  for (size_t b = 0; b < d->samples; b++) {
    for (size_t o = first; o < end && o < d->outputs; o++) {
      float z = d->bias ? d->bias[o] : 0.0f;
      for (size_t i = 0; i < d->inputs; i++)
        z = fmaf(d->weights[block_index(o, i, d->inputs)], d->input[b * d->input_stride + i], z);
      d->output[b * d->output_stride + o] = nk_reference_activate(&d->activation, o, z, NULL);
    }
  }
}

void nk_reference_row_activation(const nk_row_activation *a) {
  for (size_t b = 0; b < a->samples; b++) {
    float *values = a->values + b * a->stride;
    for (size_t f = 0; f < a->features; f++) values[f] = nk_reference_activate(&a->activation, f, values[f], NULL);
    nk_reference_couple(a->activation.kind, values, a->features, 1);
  }
}
