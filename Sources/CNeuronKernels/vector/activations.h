// Activations and their derivatives on rows of 32 lanes, all of them or the half that holds samples.

INLINE vf v_activate(nk_activation_kind kind, float slope, vf z) {
  const vf zero = v_set(0.0f);
  switch (kind) {
  case NK_ACTIVATION_STEP:
    return v_select(z > zero, v_set(1.0f), v_select(z <= zero, zero, z));
  case NK_ACTIVATION_SIGMOID:
    return v_sigmoid(z);
  case NK_ACTIVATION_TANH:
    return v_tanh(z);
  case NK_ACTIVATION_RELU:
    return v_select(z < zero, zero, z);  // this way round NaN stays NaN
  case NK_ACTIVATION_LEAKY_RELU:
  case NK_ACTIVATION_PRELU:
    return v_select(z < zero, z * slope, z);
  default:
    return z;
  }
}

/// gradient·f′, from the output y alone where f allows it.
INLINE vf v_derive(nk_activation_kind kind, float slope, vf gradient, vf y) {
  const vf zero = v_set(0.0f), one = v_set(1.0f);
  switch (kind) {
  case NK_ACTIVATION_STEP:
    return zero;
  case NK_ACTIVATION_SIGMOID:
    return gradient * (y * (one - y));
  case NK_ACTIVATION_TANH:
    return gradient * v_fma(-y, y, one);
  case NK_ACTIVATION_RELU:
    return v_select(y > zero, gradient, zero);
  case NK_ACTIVATION_LEAKY_RELU:
    return v_select(y > zero, gradient, gradient * slope);
  default:
    return gradient;
  }
}

/// Runs `statement` for every vector `at` of the first `lanes` lanes of `rows` rows.
#define FOR_LANES_OF_ROWS(statement)                                                                                   \
  if (lanes == NK_LANES) {                                                                                             \
    for (size_t at = 0; at < rows * NK_LANES; at += VW) statement;                                                     \
  } else {                                                                                                             \
    for (size_t r = 0; r < rows; r++)                                                                                  \
      for (size_t at = r * NK_LANES; at < r * NK_LANES + NK_HALF_LANES; at += VW) statement;                           \
  }

// One loop per kind: the switch on `kind` is a constant inside each.
#define ACTIVATE_CASE(KIND)                                                                                            \
  case KIND:                                                                                                           \
    FOR_LANES_OF_ROWS(v_store(values + at, v_activate(KIND, slope, v_load(values + at))))                              \
    break;

INLINE void activate_values(nk_activation_kind kind, float slope, float *values, size_t rows, size_t lanes) {
  switch (kind) {
    ACTIVATE_CASE(NK_ACTIVATION_STEP)
    ACTIVATE_CASE(NK_ACTIVATION_SIGMOID)
    ACTIVATE_CASE(NK_ACTIVATION_TANH)
    ACTIVATE_CASE(NK_ACTIVATION_RELU)
    ACTIVATE_CASE(NK_ACTIVATION_LEAKY_RELU)
  default:
    break;
  }
}

/// Activates `rows` rows, the first of them unit `first_row`; softmax is the panel's affair, not a row's.
static void activate_rows(const nk_activation *activation, size_t first_row, size_t rows, size_t lanes, float *values,
                          float *preactivation) {
  if (preactivation) {
    FOR_LANES_OF_ROWS(v_store(preactivation + at, v_load(values + at)))
  }
  if (activation->kind != NK_ACTIVATION_PRELU) {
    activate_values(activation->kind, activation->slope, values, rows, lanes);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    float slope = activation->slopes[first_row + r];
    for (size_t i = 0; i < lanes; i += VW) {
      float *p = values + r * NK_LANES + i;
      v_store(p, v_activate(NK_ACTIVATION_PRELU, slope, v_load(p)));
    }
  }
}

/// PReLU's way back, which needs the sign of z and leaves ∂loss/∂slope where z was.
INLINE void derive_prelu_row(float slope, size_t lanes, float *gradient, float *preactivation) {
  const vf zero = v_set(0.0f);
  for (size_t i = 0; i < lanes; i += VW) {
    vf g = v_load(gradient + i), z = v_load(preactivation + i);
    vi positive = z > zero;  // at 0 the slope holds, as leaky ReLU's does
    v_store(gradient + i, v_select(positive, g, g * slope));
    v_store(preactivation + i, v_select(positive, zero, g * z));
  }
}

#define DERIVE_CASE(KIND)                                                                                              \
  case KIND:                                                                                                           \
    FOR_LANES_OF_ROWS(v_store(gradient + at, v_derive(KIND, slope, v_load(gradient + at), v_load(output + at))))       \
    break;

INLINE void derive_values(nk_activation_kind kind, float slope, float *gradient, const float *output, size_t rows,
                          size_t lanes) {
  switch (kind) {
    DERIVE_CASE(NK_ACTIVATION_STEP)
    DERIVE_CASE(NK_ACTIVATION_SIGMOID)
    DERIVE_CASE(NK_ACTIVATION_TANH)
    DERIVE_CASE(NK_ACTIVATION_RELU)
    DERIVE_CASE(NK_ACTIVATION_LEAKY_RELU)
  default:
    break;
  }
}

static void derive_rows(const nk_activation *activation, size_t first_row, size_t rows, size_t lanes, float *gradient,
                        const float *output, float *preactivation) {
  if (activation->kind != NK_ACTIVATION_PRELU) {
    derive_values(activation->kind, activation->slope, gradient, output, rows, lanes);
    return;
  }
  for (size_t r = 0; r < rows; r++)
    derive_prelu_row(activation->slopes[first_row + r], lanes, gradient + r * NK_LANES, preactivation + r * NK_LANES);
}

/// Softmax over the `features` units of each lane: shifted by the largest, so it cannot overflow.
static void softmax_panel(float *values, size_t features, size_t lanes) {
  for (size_t i = 0; i < lanes; i += VW) {
    vf largest = v_load(values + i);
    for (size_t c = 1; c < features; c++) {
      vf z = v_load(values + c * NK_LANES + i);
      largest = v_select(z < largest, largest, z);
    }
    vf sum = v_set(0.0f);
    for (size_t c = 0; c < features; c++) {
      float *p = values + c * NK_LANES + i;
      vf e = v_exp(v_load(p) - largest);
      v_store(p, e);
      sum += e;
    }
    vf inverse = v_set(1.0f) / sum;
    for (size_t c = 0; c < features; c++) {
      float *p = values + c * NK_LANES + i;
      v_store(p, v_load(p) * inverse);
    }
  }
}

/// dz = y·(dy − Σ y·dy), the product with softmax's Jacobian.
static void derive_softmax_panel(float *gradient, const float *output, size_t features, size_t lanes) {
  for (size_t i = 0; i < lanes; i += VW) {
    vf dot = v_set(0.0f);
    for (size_t c = 0; c < features; c++)
      dot = v_fma(v_load(gradient + c * NK_LANES + i), v_load(output + c * NK_LANES + i), dot);
    for (size_t c = 0; c < features; c++) {
      float *g = gradient + c * NK_LANES + i;
      v_store(g, v_load(output + c * NK_LANES + i) * (v_load(g) - dot));
    }
  }
}

static void activation_forward(const nk_activation_forward *a) {
  for (size_t first = 0, offset = 0; first < a->samples; first += NK_LANES, offset += nk_panel_rows(a->features) * NK_LANES) {
    size_t lanes = active_lanes(a->samples - first);
    float *preactivation = a->preactivation ? a->preactivation + offset : NULL;
    activate_rows(&a->activation, 0, a->features, lanes, a->values + offset, preactivation);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX) softmax_panel(a->values + offset, a->features, lanes);
  }
}

static void activation_backward(const nk_activation_backward *a) {
  if (a->activation.kind == NK_ACTIVATION_LINEAR) return;  // f′ = 1, and `output` may be NULL
  for (size_t first = 0, offset = 0; first < a->samples; first += NK_LANES, offset += nk_panel_rows(a->features) * NK_LANES) {
    size_t lanes = active_lanes(a->samples - first);
    float *preactivation = a->preactivation ? a->preactivation + offset : NULL;
    derive_rows(&a->activation, 0, a->features, lanes, a->gradient + offset, a->output + offset, preactivation);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX)
      derive_softmax_panel(a->gradient + offset, a->output + offset, a->features, lanes);
  }
}
