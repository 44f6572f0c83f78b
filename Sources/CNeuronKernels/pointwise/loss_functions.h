// The losses, written once for `vector/` and `reference/`; see `elementary.h`. Besides what stands there the including file
// gives v_load, v_store, v_copy_sign, v_tanh and v_select_integer.
//
// y is an output, z one that a sigmoid or a softmax has yet to reach, t its target, e = y − t. NaN stays NaN. `a` and `b` are
// the loss's parameters; `neuron_kernels.h` says which, and gives the equations.

#define UNUSED __attribute__((unused))
#define ZERO v_set(0.0f)
#define ONE v_set(1.0f)
#define HALF v_set(0.5f)

// MARK: - Which way a loss is computed

typedef enum nk_loss_form {
  NK_LOSS_OF_LABELS,    // cross-entropy that needs no targets but labels
  NK_LOSS_OF_ELEMENTS,  // a sum over the outputs, each by itself
  NK_LOSS_OF_PAIRS,     // of two outputs for each target
  NK_LOSS_JOINT,        // of all outputs together
} nk_loss_form;

INLINE nk_loss_form nk_loss_form_of(const nk_loss_head *h) {
  switch (h->loss.kind) {
  case NK_LOSS_CROSS_ENTROPY:
    return h->targets || h->loss.b != 0.0f ? NK_LOSS_JOINT : NK_LOSS_OF_LABELS;
  case NK_LOSS_KL_DIVERGENCE:
  case NK_LOSS_FOCAL:
  case NK_LOSS_CATEGORICAL_HINGE:
  case NK_LOSS_COSINE_SIMILARITY:
    return NK_LOSS_JOINT;
  case NK_LOSS_GAUSSIAN_NLL:
    return NK_LOSS_OF_PAIRS;
  default:
    return NK_LOSS_OF_ELEMENTS;
  }
}

/// What a sample's sum over its outputs is divided by.
INLINE double nk_loss_divisor(const nk_loss_head *h, nk_loss_form form) {
  switch (form) {
  case NK_LOSS_OF_ELEMENTS:
    return (double)h->outputs;
  case NK_LOSS_OF_PAIRS:
    return (double)(h->outputs / 2);
  default:
    return 1.0;
  }
}

// MARK: - Losses of each output by itself

// The sum of the loss over the outputs so far, one more added; and ∂loss/∂y divided by the row's factor.
#define ADD(NAME) INLINE vf NAME##_add(vf sum, vf y, vf t, UNUSED vf a, UNUSED vf b)
#define SLOPE(NAME) INLINE vf NAME##_slope(vf y, vf t, UNUSED vf a, UNUSED vf b)

// A row for each kind: ROW(kind, functions, factor of the slope, what the outputs become where they are not kept).
#define ELEMENT_LOSSES(ROW)                                                                                            \
  ROW(MEAN_SQUARED_ERROR, squared_error, 2.0f, AS_IT_IS)                                                               \
  ROW(MEAN_ABSOLUTE_ERROR, absolute_error, 1.0f, AS_IT_IS)                                                             \
  ROW(MEAN_ABSOLUTE_PERCENTAGE_ERROR, absolute_percentage_error, 100.0f, AS_IT_IS)                                     \
  ROW(MEAN_SQUARED_LOGARITHMIC_ERROR, squared_logarithmic_error, 2.0f, AS_IT_IS)                                       \
  ROW(HUBER, huber, 1.0f, AS_IT_IS)                                                                                    \
  ROW(LOG_COSH, log_cosh, 1.0f, AS_IT_IS)                                                                              \
  ROW(QUANTILE, quantile, 1.0f, AS_IT_IS)                                                                              \
  ROW(BINARY_CROSS_ENTROPY, binary_cross_entropy, 1.0f, SIGMOID_OF)                                                    \
  ROW(BINARY_FOCAL, binary_focal, 1.0f, SIGMOID_OF)                                                                    \
  ROW(POISSON, poisson, 1.0f, AS_IT_IS)                                                                                \
  ROW(LOG_POISSON, log_poisson, 1.0f, AS_IT_IS)                                                                        \
  ROW(HINGE, hinge, 1.0f, AS_IT_IS)                                                                                    \
  ROW(SQUARED_HINGE, squared_hinge, 2.0f, AS_IT_IS)

#define AS_IT_IS(y) (y)
#define SIGMOID_OF(z) v_sigmoid(z)

/// 1, 0 or −1.
INLINE vf error_sign(vf x) { return v_select(x > ZERO, ONE, v_select(x < ZERO, -ONE, x)); }

/// x where it is above 0, else 0.
INLINE vf v_positive(vf x) { return v_select(x < ZERO, ZERO, x); }

ADD(squared_error) {
  vf e = y - t;
  return v_fma(e, e, sum);
}
SLOPE(squared_error) { return y - t; }

ADD(absolute_error) { return sum + v_abs(y - t); }
SLOPE(absolute_error) { return error_sign(y - t); }

/// |t|, held above what it may be divided by.
INLINE vf percentage_base(vf t) {
  vf magnitude = v_abs(t);
  return v_select(magnitude < v_set(1e-7f), v_set(1e-7f), magnitude);
}
ADD(absolute_percentage_error) { return sum + v_set(100.0f) * (v_abs(y - t) / percentage_base(t)); }
SLOPE(absolute_percentage_error) { return error_sign(y - t) / percentage_base(t); }

INLINE vf logarithmic_error(vf y, vf t) { return v_log1p(v_positive(y)) - v_log1p(v_positive(t)); }
ADD(squared_logarithmic_error) {
  vf e = logarithmic_error(y, t);
  return v_fma(e, e, sum);
}
SLOPE(squared_logarithmic_error) { return v_select(y <= ZERO, ZERO, logarithmic_error(y, t) / (ONE + y)); }

ADD(huber) {
  vf magnitude = v_abs(y - t), inner = v_select(magnitude > a, a, magnitude);
  return v_fma(inner, v_fma(-HALF, inner, magnitude), sum);
}
SLOPE(huber) {
  vf e = y - t;
  return v_select(e > a, a, v_select(e < -a, -a, e));
}

// cosh e − 1 = m²/(2 + 2m) with m = e^|e| − 1, which does not cancel near 0; from 10 on the tail is below a rounding.
ADD(log_cosh) {
  vf magnitude = v_abs(y - t), m = v_expm1(v_select(magnitude > v_set(10.0f), v_set(10.0f), magnitude));
  vf near = v_log1p(m * m / v_fma(v_set(2.0f), m, v_set(2.0f)));
  return sum + v_select(magnitude < v_set(10.0f), near, magnitude - v_set(0.6931471805599453f));
}
SLOPE(log_cosh) { return v_tanh(y - t); }

ADD(quantile) {
  vf e = y - t;
  return sum + v_select(e > ZERO, (ONE - a) * e, -a * e);
}
SLOPE(quantile) {
  vf e = y - t;
  return v_select(e > ZERO, ONE - a, v_select(e < ZERO, -a, e));
}

/// t moved from its end of 0 … 1 towards the other: 1 − a of the way to the middle.
INLINE vf smoothed(vf t, vf a, vf b) { return v_fma(t, a, b); }

ADD(binary_cross_entropy) {
  vf target = smoothed(t, a, b), tail = v_log1p(v_exp(-v_abs(y)));
  return sum + (v_select(y > ZERO, y * (ONE - target), -target * y) + tail);
}
SLOPE(binary_cross_entropy) { return v_sigmoid(y) - smoothed(t, a, b); }

// With s = z or −z as t says, p = σ(s) and 1 − p = σ(−s) = e^−softplus(s).
ADD(binary_focal) {
  vf s = v_select(t > HALF, y, -y);
  return v_fma(v_exp(-a * v_softplus(s)), v_softplus(-s), sum);
}
SLOPE(binary_focal) {
  vf s = v_select(t > HALF, y, -y), share = v_exp(-a * v_softplus(s));
  vf slope = -share * v_fma(a * v_sigmoid(s), v_softplus(-s), v_sigmoid(-s));
  return v_select(t > HALF, slope, -slope);
}

/// A rate, held above 0 for its logarithm.
INLINE vf held_rate(vf y) { return v_positive(y) + v_set(1e-7f); }
ADD(poisson) { return sum + v_fma(-t, v_log(held_rate(y)), y); }
SLOPE(poisson) { return ONE - t / held_rate(y); }

ADD(log_poisson) { return sum + v_fma(-t, y, v_exp(y)); }
SLOPE(log_poisson) { return v_exp(y) - t; }

/// 1 for a target above 0, else −1: what a hinge compares with.
INLINE vf side_of(vf t) { return v_select(t > ZERO, ONE, -ONE); }
INLINE vf hinge_margin(vf y, vf t) { return ONE - side_of(t) * y; }
ADD(hinge) { return sum + v_positive(hinge_margin(y, t)); }
SLOPE(hinge) {
  vf margin = hinge_margin(y, t);
  return v_select(margin > ZERO, -side_of(t), v_select(margin == margin, ZERO, margin));
}

ADD(squared_hinge) {
  vf margin = v_positive(hinge_margin(y, t));
  return v_fma(margin, margin, sum);
}
SLOPE(squared_hinge) { return -side_of(t) * v_positive(hinge_margin(y, t)); }

#undef ADD
#undef SLOPE

// MARK: - Losses that join a sample's outputs

/// What a sample's outputs add up to, and after the end what its slopes are formed from.
typedef struct loss_state {
  vf sum, dot, total, squares;
  vi at;
} loss_state;

// One output more; the loss once all are there; ∂loss/∂y of one. Where the row says SHIFTED, y is z less the largest of the
// sample, and the output becomes softmax's p where it is not kept.
#define ADD(NAME) INLINE void NAME##_join(loss_state *s, vf y, vf t, UNUSED int32_t output, UNUSED vf a, UNUSED vf b)
#define END(NAME) INLINE vf NAME##_end(loss_state *s, UNUSED vf a)
#define SLOPE(NAME)                                                                                                    \
  INLINE vf NAME##_part(UNUSED const loss_state *s, UNUSED vf y, vf t, UNUSED int32_t output, UNUSED vf a, UNUSED vf b)

// A row for each kind: ROW(kind, functions, SHIFTED or PLAIN).
#define JOINT_LOSSES(ROW)                                                                                              \
  ROW(CROSS_ENTROPY, soft_cross_entropy, SHIFTED)                                                                      \
  ROW(KL_DIVERGENCE, kl_divergence, SHIFTED)                                                                           \
  ROW(FOCAL, focal, SHIFTED)                                                                                           \
  ROW(CATEGORICAL_HINGE, categorical_hinge, PLAIN)                                                                     \
  ROW(COSINE_SIMILARITY, cosine_similarity, PLAIN)

INLINE loss_state loss_state_begun(void) {
  return (loss_state){ZERO, ZERO, ZERO, v_set(-__builtin_inff()), v_integer_set(0)};
}

/// p of an output, once the exponentials' sum has been inverted.
INLINE vf probability(const loss_state *s, vf shifted) { return v_exp(shifted) * s->sum; }

/// log Σ e^z of shifted z; NaN stays NaN, which the logarithm alone would not see to.
INLINE vf log_of_sum(vf sum) { return v_select(sum == sum, v_log(sum), sum); }

ADD(soft_cross_entropy) {
  vf target = smoothed(t, a, b);
  s->sum += v_exp(y);
  // A target of 0 has no part in the loss, how improbable its output may be.
  s->dot = v_select(target == ZERO, s->dot, v_fma(target, y, s->dot));
  s->total += target;
}
END(soft_cross_entropy) {
  vf loss = v_fma(s->total, log_of_sum(s->sum), -s->dot);
  s->sum = ONE / s->sum;
  return loss;
}
SLOPE(soft_cross_entropy) { return v_fma(probability(s, y), s->total, -smoothed(t, a, b)); }

ADD(kl_divergence) {
  s->sum += v_exp(y);
  s->dot = v_select(t > ZERO, v_fma(t, y - v_log(t), s->dot), s->dot);
  s->total += t;
}
END(kl_divergence) { return soft_cross_entropy_end(s, a); }
SLOPE(kl_divergence) { return v_fma(probability(s, y), s->total, -t); }

ADD(focal) {
  s->sum += v_exp(y);
  s->dot = v_select(t > ZERO, y, s->dot);
}
// loss = −q^a·log p with q = 1 − p of the label; its slope by z is that of −log p times q^a·(1 − a·p·log p/q).
END(focal) {
  vf log_p = s->dot - log_of_sum(s->sum), q = -v_expm1(log_p);
  q = v_select(q < v_set(0x1p-126f), v_set(0x1p-126f), q);
  vf share = v_exp(a * v_log(q));
  s->total = share * v_fma(-a * v_exp(log_p), log_p / q, ONE);
  s->sum = ONE / s->sum;
  return -share * log_p;
}
SLOPE(focal) { return (probability(s, y) - t) * s->total; }

ADD(categorical_hinge) {
  vf other = (ONE - t) * y;
  vi larger = other > s->squares;
  s->squares = v_select(larger, other, s->squares);
  s->at = v_select_integer(larger, v_integer_set(output), s->at);
  s->dot = v_fma(t, y, s->dot);
}
END(categorical_hinge) {
  s->total = ONE + (s->squares - s->dot);
  return v_positive(s->total);
}
SLOPE(categorical_hinge) {
  vf pull = v_select(s->at == v_integer_set(output), ONE - t, ZERO) - t;
  return v_select(s->total > ZERO, pull, v_select(s->total == s->total, ZERO, s->total));
}

// Squares are held above 1e-12, so that nothing is divided by 0.
ADD(cosine_similarity) {
  s->dot = v_fma(y, t, s->dot);
  s->sum = v_fma(y, y, s->sum);
  s->total = v_fma(t, t, s->total);
}
END(cosine_similarity) {
  const vf least = v_set(1e-12f);
  vf outputs = v_select(s->sum < least, least, s->sum), targets = v_select(s->total < least, least, s->total);
  s->total = ONE / (v_sqrt(outputs) * v_sqrt(targets));
  vf cosine = s->dot * s->total;
  s->sum = v_select(s->sum < least, ZERO, cosine / outputs);
  return -cosine;
}
SLOPE(cosine_similarity) { return v_fma(y, s->sum, -(t * s->total)); }

#undef ADD
#undef END
#undef SLOPE

// MARK: - A mean and the logarithm of a variance for each target

/// ½·(s + (t − μ)²·e⁻ˢ), added; and ∂/∂μ and ∂/∂s.
INLINE vf gaussian_nll_add(vf sum, vf mean, vf log_variance, vf t) {
  vf d = t - mean;
  return v_fma(HALF, v_fma(d * v_exp(-log_variance), d, log_variance), sum);
}
INLINE vf gaussian_nll_mean_slope(vf mean, vf log_variance, vf t) { return (mean - t) * v_exp(-log_variance); }
INLINE vf gaussian_nll_variance_slope(vf mean, vf log_variance, vf t) {
  vf d = t - mean;
  return HALF * v_fma(-(d * v_exp(-log_variance)), d, ONE);
}

// MARK: - Softmax and cross-entropy of a label

/// One register column of a panel, its outputs NK_LANES floats apart: z → p unless they are kept, (p − one-hot)·scale into
/// `gradient`, which may be NULL; returns the losses.
INLINE vf cross_entropy_column(size_t outputs, bool keeps_values, float *values, float *gradient, vi label, vi active,
                               vf scale) {
  vf largest = v_load(values);
  for (size_t c = 1; c < outputs; c++) {
    vf z = v_load(values + c * NK_LANES);
    largest = v_select(z < largest, largest, z);
  }
  vf sum = ZERO, at_label = ZERO;
  for (size_t c = 0; c < outputs; c++) {
    vf z = v_load(values + c * NK_LANES) - largest;
    vf e = v_exp(z);
    at_label = v_select(label == v_integer_set((int32_t)c), z, at_label);
    if (!keeps_values) v_store(values + c * NK_LANES, e);
    sum += e;
  }
  vf inverse = ONE / sum;
  for (size_t c = 0; c < outputs; c++) {
    vf value = v_load(values + c * NK_LANES), p = (keeps_values ? v_exp(value - largest) : value) * inverse;
    if (!keeps_values) v_store(values + c * NK_LANES, p);
    if (!gradient) continue;
    vf target = v_select(label == v_integer_set((int32_t)c), ONE, ZERO);
    v_store(gradient + c * NK_LANES, v_select(active, (p - target) * scale, ZERO));
  }
  return v_select(sum == sum, v_log(sum) - at_label, sum);
}

#undef UNUSED
#undef ZERO
#undef ONE
#undef HALF
