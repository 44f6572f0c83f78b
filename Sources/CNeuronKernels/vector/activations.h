// Activations and their derivatives on rows of 32 lanes, all of them or the half that holds samples.

#include "../pointwise/elementary.h"

#include "../pointwise/activation_functions.h"

#include "../pointwise/philox.h"

/// Runs a statement for every vector `at` of the first `lanes` lanes of `rows` rows.
#define FOR_LANES_OF_ROWS(...)                                                                                         \
  if (lanes == NK_LANES) {                                                                                             \
    for (size_t at = 0; at < rows * NK_LANES; at += VW) __VA_ARGS__;                                                   \
  } else {                                                                                                             \
    for (size_t r = 0; r < rows; r++)                                                                                  \
      for (size_t at = r * NK_LANES; at < r * NK_LANES + NK_HALF_LANES; at += VW) __VA_ARGS__;                         \
  }

// One loop per kind, chosen once for all rows.
#define ACTIVATE_CASE(KIND, NAME, SOURCE)                                                                              \
  case NK_ACTIVATION_##KIND:                                                                                           \
    FOR_LANES_OF_ROWS(v_store(values + at, NAME##_value(v_load(values + at), a, b)))                                   \
    break;

static __attribute__((noinline)) void activate_values(const nk_activation *activation, float *values, size_t rows, size_t lanes) {
  const vf a = v_set(activation->a), b = v_set(activation->b);
  switch (activation->kind) {
    POINTWISE_ACTIVATIONS(ACTIVATE_CASE)
  default:
    break;
  }
}

INLINE float slope_of(const nk_activation *activation, size_t unit) {
  return activation->slopes[activation->shares_slope ? 0 : unit];
}

/// The mean of a randomized slope, which stands for it where nothing is learned.
INLINE nk_activation with_mean_slope(const nk_activation *activation) {
  nk_activation mean = *activation;
  mean.kind = NK_ACTIVATION_LEAKY_RELU;
  mean.a = 0.5f * (activation->a + activation->b);
  return mean;
}

/// Randomized leaky ReLU: finds its slopes in `preactivation` and leaves f′ there.
static void activate_with_slopes(float *values, float *preactivation, size_t rows, size_t lanes) {
  const vf zero = v_set(0.0f), one = v_set(1.0f);
  FOR_LANES_OF_ROWS({
    vf z = v_load(values + at), slope = v_load(preactivation + at);
    v_store(values + at, v_select(z < zero, z * slope, z));
    v_store(preactivation + at, v_select(z > zero, one, slope));
  })
}

/// Activates `rows` rows, the first of them unit `first_row`; softmax is the panel's affair, not a row's.
static void activate_rows(const nk_activation *activation, size_t first_row, size_t rows, size_t lanes, float *values,
                          float *preactivation) {
  if (activation->kind == NK_ACTIVATION_RRELU) {
    nk_activation mean = with_mean_slope(activation);
    if (preactivation)
      activate_with_slopes(values, preactivation, rows, lanes);
    else
      activate_values(&mean, values, rows, lanes);
    return;
  }
  if (preactivation) {
    FOR_LANES_OF_ROWS(v_store(preactivation + at, v_load(values + at)))
  }
  if (activation->kind != NK_ACTIVATION_PRELU) {
    activate_values(activation, values, rows, lanes);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    vf slope = v_set(slope_of(activation, first_row + r));
    for (size_t i = 0; i < lanes; i += VW) {
      float *p = values + r * NK_LANES + i;
      v_store(p, leaky_relu_value(v_load(p), slope, slope));
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

#define FROM_OUTPUT output
#define FROM_PREACTIVATION preactivation
#define DERIVE_CASE(KIND, NAME, SOURCE)                                                                                \
  case NK_ACTIVATION_##KIND:                                                                                           \
    FOR_LANES_OF_ROWS(                                                                                                 \
        v_store(gradient + at, NAME##_gradient(v_load(gradient + at), v_load(FROM_##SOURCE + at), a, b)))              \
    break;

static __attribute__((noinline)) void derive_values(const nk_activation *activation, float *gradient, const float *output,
                          const float *preactivation, size_t rows, size_t lanes) {
  const vf a = v_set(activation->a), b = v_set(activation->b);
  switch (activation->kind) {
    POINTWISE_ACTIVATIONS(DERIVE_CASE)
  case NK_ACTIVATION_RRELU:
    FOR_LANES_OF_ROWS(v_store(gradient + at, v_load(gradient + at) * v_load(preactivation + at)))
    break;
  default:
    break;
  }
}

static void derive_rows(const nk_activation *activation, size_t first_row, size_t rows, size_t lanes, float *gradient,
                        const float *output, float *preactivation) {
  if (activation->kind != NK_ACTIVATION_PRELU) {
    derive_values(activation, gradient, output, preactivation, rows, lanes);
    return;
  }
  for (size_t r = 0; r < rows; r++)
    derive_prelu_row(slope_of(activation, first_row + r), lanes, gradient + r * NK_LANES, preactivation + r * NK_LANES);
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

/// log softmax over the units of each lane, shifted by the largest like softmax.
static void log_softmax_panel(float *values, size_t features, size_t lanes) {
  for (size_t i = 0; i < lanes; i += VW) {
    vf largest = v_load(values + i);
    for (size_t c = 1; c < features; c++) {
      vf z = v_load(values + c * NK_LANES + i);
      largest = v_select(z < largest, largest, z);
    }
    vf sum = v_set(0.0f);
    for (size_t c = 0; c < features; c++) sum += v_exp(v_load(values + c * NK_LANES + i) - largest);
    vf log_sum = v_select(sum == sum, v_log(sum), sum);
    for (size_t c = 0; c < features; c++) {
      float *p = values + c * NK_LANES + i;
      v_store(p, (v_load(p) - largest) - log_sum);
    }
  }
}

/// dz = dy − eʸ·Σ dy.
static void derive_log_softmax_panel(float *gradient, const float *output, size_t features, size_t lanes) {
  for (size_t i = 0; i < lanes; i += VW) {
    vf sum = v_set(0.0f);
    for (size_t c = 0; c < features; c++) sum += v_load(gradient + c * NK_LANES + i);
    for (size_t c = 0; c < features; c++) {
      float *g = gradient + c * NK_LANES + i;
      v_store(g, v_fma(-v_exp(v_load(output + c * NK_LANES + i)), sum, v_load(g)));
    }
  }
}

static void activation_forward(const nk_activation_forward *a) {
  for (size_t first = 0, offset = 0; first < a->samples; first += NK_LANES, offset += nk_panel_rows(a->features) * NK_LANES) {
    size_t lanes = active_lanes(a->samples - first);
    float *preactivation = a->preactivation ? a->preactivation + offset : NULL;
    activate_rows(&a->activation, 0, a->features, lanes, a->values + offset, preactivation);
    if (a->activation.kind == NK_ACTIVATION_SOFTMAX) softmax_panel(a->values + offset, a->features, lanes);
    if (a->activation.kind == NK_ACTIVATION_LOG_SOFTMAX) log_softmax_panel(a->values + offset, a->features, lanes);
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
    if (a->activation.kind == NK_ACTIVATION_LOG_SOFTMAX)
      derive_log_softmax_panel(a->gradient + offset, a->output + offset, a->features, lanes);
  }
}

/// One block of four units at a time: a counter gives them together.
static void random_slopes(const nk_random_slopes *r) {
  size_t end = r->first_row + r->rows;
  for (size_t first = 0; first < r->samples; first += NK_LANES) {
    float *panel = r->slopes + first * nk_panel_rows(r->features);
    for (size_t i = 0; i < active_lanes(r->samples - first); i += VW) {
      vu samples = (vu)v_lane_numbers() + (uint32_t)(r->first_sample + first + i);
      for (size_t block = r->first_row / 4; block * 4 < end; block++) {
        vf slopes[4];
        v_random_slopes(r, block, samples, slopes);
        for (size_t unit = block * 4; unit < block * 4 + 4; unit++)
          if (unit >= r->first_row && unit < end) v_store(panel + unit * NK_LANES + i, slopes[unit % 4]);
      }
    }
  }
}
