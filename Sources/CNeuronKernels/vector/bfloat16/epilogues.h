// What follows a product's sums, whatever arithmetic formed them. They have not left the first-level cache: the epilogue
// rounds them into the forms that the next product reads.

/// Activates `rows` rows of sums in place, and rounds them to pairs.
INLINE void finish_outputs(const nk_bf16_dense_forward *d, size_t first, size_t row, size_t rows, size_t lanes,
                           float *sums) {
  float *kept = d->preactivation ? d->preactivation + first * nk_panel_rows(d->outputs) + row * NK_LANES : NULL;
  activate_rows(&d->activation, row, rows, lanes, sums, kept);
  if (!d->output_pairs || d->activation.kind == NK_ACTIVATION_SOFTMAX) return;
  pack_rows(sums, rows, lanes, NULL, d->output_pairs + first * nk_panel_rows((d->outputs + 1) / 2) + row / 2 * NK_LANES);
}

/// The softmax of a forward product, once all its sums stand in the output.
static void finish_softmax_outputs(const nk_bf16_dense_forward *d) {
  if (d->activation.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t first = 0; first < d->samples; first += NK_LANES)
    softmax_panel(d->output + first * nk_panel_rows(d->outputs), d->outputs, active_lanes(d->samples - first));
  pack_panels(d->samples, d->outputs, d->output, NULL, d->output_pairs);
}

/// What the derivative of up to 32 rows reads as y: floats that were kept, or those of the pairs.
INLINE const float *below_rows(const nk_bf16_dense_backward *d, size_t first, size_t row, size_t rows, size_t lanes,
                               float *unpacked) {
  if (d->below_output) return d->below_output + first * nk_panel_rows(d->inputs) + row * NK_LANES;
  if (!d->below_pairs) return NULL;
  unpack_pairs(d->below_pairs + first * nk_panel_rows((d->inputs + 1) / 2) + row / 2 * NK_LANES, rows, lanes, unpacked);
  return unpacked;
}

/// Multiplies `rows` ≤ 32 rows of sums by the derivative below in place, and rounds them into both forms.
INLINE void finish_inputs(const nk_bf16_dense_backward *d, size_t first, size_t row, size_t rows, size_t lanes,
                          float *sums) {
  _Alignas(64) float unpacked[NK_LANES * NK_LANES];
  size_t offset = first * nk_panel_rows(d->inputs) + row * NK_LANES;
  size_t pair_offset = first * nk_panel_rows((d->inputs + 1) / 2) + row / 2 * NK_LANES;
  derive_rows(&d->below, row, rows, lanes, sums, below_rows(d, first, row, rows, lanes, unpacked),
              d->below_preactivation ? d->below_preactivation + offset : NULL);
  if (d->below.kind == NK_ACTIVATION_SOFTMAX) return;
  pack_rows(sums, rows, lanes, d->gradient_rows ? d->gradient_rows + offset : NULL,
            d->gradient_pairs ? d->gradient_pairs + pair_offset : NULL);
}

/// The derivative of a softmax below a backward product, once all its sums stand in the input gradient.
static void finish_softmax_inputs(const nk_bf16_dense_backward *d) {
  if (d->below.kind != NK_ACTIVATION_SOFTMAX) return;
  for (size_t first = 0; first < d->samples; first += NK_LANES) {
    size_t offset = first * nk_panel_rows(d->inputs);
    derive_softmax_panel(d->input_gradient + offset, d->below_output + offset, d->inputs,
                         active_lanes(d->samples - first));
  }
  pack_panels(d->samples, d->inputs, d->input_gradient, d->gradient_rows, d->gradient_pairs);
}
