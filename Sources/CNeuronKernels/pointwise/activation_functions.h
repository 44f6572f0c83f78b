// The element-wise activations, written once for `vector/` and `reference/`; see `elementary.h`.
//
// Each has a value f(z) and a gradient g·f′, formed from the output y where y tells f′, else from z. Selections are turned
// so that NaN stays NaN, and arguments are held back where a limit at ±∞ would come out as ∞·0. `a` and `b` are the
// activation's parameters, `neuron_kernels.h` says which.

/// A function of z with parameters, and a gradient from y or z, named below as `from`.
#define UNUSED __attribute__((unused))
#define VALUE(NAME) INLINE vf NAME##_value(vf z, UNUSED vf a, UNUSED vf b)
#define GRADIENT(NAME, FROM) INLINE vf NAME##_gradient(UNUSED vf g, UNUSED vf FROM, UNUSED vf a, UNUSED vf b)

#define ZERO v_set(0.0f)
#define ONE v_set(1.0f)
#define HALF v_set(0.5f)

// A row for each kind: ROW(kind, function, what its gradient reads). PReLU, RReLU and the softmaxes have code of their own.
#define POINTWISE_ACTIVATIONS(ROW)                                                                                     \
  ROW(SCALED_LINEAR, scaled_linear, OUTPUT)                                                                            \
  ROW(STEP, step, OUTPUT)                                                                                              \
  ROW(STEP_STRAIGHT_THROUGH, step_straight_through, PREACTIVATION)                                                     \
  ROW(STEP_PERCEPTRON, step_perceptron, OUTPUT)                                                                        \
  ROW(SIGMOID, sigmoid, OUTPUT)                                                                                        \
  ROW(HARD_SIGMOID, hard_sigmoid, OUTPUT)                                                                              \
  ROW(LOG_SIGMOID, log_sigmoid, OUTPUT)                                                                                \
  ROW(TANH, tanh, OUTPUT)                                                                                              \
  ROW(HARD_TANH, hard_tanh, OUTPUT)                                                                                    \
  ROW(SCALED_TANH, scaled_tanh, OUTPUT)                                                                                \
  ROW(TANH_SHRINK, tanh_shrink, PREACTIVATION)                                                                         \
  ROW(RELU, relu, OUTPUT)                                                                                              \
  ROW(RELU6, relu6, OUTPUT)                                                                                            \
  ROW(LEAKY_RELU, leaky_relu, OUTPUT)                                                                                  \
  ROW(SIGNED_LEAKY_RELU, signed_leaky_relu, PREACTIVATION)                                                             \
  ROW(ELU, elu, OUTPUT)                                                                                                \
  ROW(SELU, selu, OUTPUT)                                                                                              \
  ROW(CELU, celu, OUTPUT)                                                                                              \
  ROW(GELU, gelu, PREACTIVATION)                                                                                       \
  ROW(GELU_TANH, gelu_tanh, PREACTIVATION)                                                                             \
  ROW(SILU, silu, PREACTIVATION)                                                                                       \
  ROW(HARD_SILU, hard_silu, PREACTIVATION)                                                                             \
  ROW(MISH, mish, PREACTIVATION)                                                                                       \
  ROW(SOFTPLUS, softplus, OUTPUT)                                                                                      \
  ROW(SQUAREPLUS, squareplus, OUTPUT)                                                                                  \
  ROW(SOFTSIGN, softsign, OUTPUT)                                                                                      \
  ROW(ELLIOT, elliot, OUTPUT)                                                                                          \
  ROW(EXPONENTIAL, exponential, OUTPUT)                                                                                \
  ROW(GAUSSIAN, gaussian, PREACTIVATION)                                                                               \
  ROW(THRESHOLD, threshold, PREACTIVATION)                                                                             \
  ROW(SOFT_SHRINK, soft_shrink, OUTPUT)                                                                                \
  ROW(HARD_SHRINK, hard_shrink, OUTPUT)

VALUE(scaled_linear) { return z * a; }
GRADIENT(scaled_linear, y) { return g * a; }

VALUE(step) { return v_select(z > ZERO, ONE, v_select(z <= ZERO, ZERO, z)); }
GRADIENT(step, y) { return ZERO; }

VALUE(step_straight_through) { return step_value(z, a, b); }
GRADIENT(step_straight_through, z) { return v_select(v_abs(z) <= ONE, g, ZERO); }

VALUE(step_perceptron) { return step_value(z, a, b); }
GRADIENT(step_perceptron, y) { return g; }

VALUE(sigmoid) { return v_sigmoid(z); }
GRADIENT(sigmoid, y) { return g * (y * (ONE - y)); }

VALUE(hard_sigmoid) { return v_clamp(z + v_set(3.0f), 0.0f, 6.0f) * v_set(1.0f / 6.0f); }
GRADIENT(hard_sigmoid, y) { return v_select(y > ZERO, v_select(y < ONE, g * v_set(1.0f / 6.0f), ZERO), ZERO); }

VALUE(log_sigmoid) { return -v_softplus(-z); }
GRADIENT(log_sigmoid, y) { return -g * v_expm1(y); }

VALUE(tanh) { return v_tanh(z); }
GRADIENT(tanh, y) { return g * v_fma(-y, y, ONE); }

VALUE(hard_tanh) { return v_clamp(z, -1.0f, 1.0f); }
GRADIENT(hard_tanh, y) { return v_select(v_abs(y) < ONE, g, ZERO); }

VALUE(scaled_tanh) { return a * v_tanh(b * z); }
GRADIENT(scaled_tanh, y) { return g * (b * v_fma(-y, y / a, a)); }

/// Below 1 by a fit of (z − tanh z)/z³ with relative error 6e-9, since the difference would cancel; above, z − 1 is exact or
/// nearly so.
///
/// The fit's constant term is a sum of two floats, and what z³ has lost in its second product is added again at the end.
VALUE(tanh_shrink) {
  vf square = z * z, magnitude = v_abs(z), cube = square * z, third = v_set(0.3333333432674408f);
  vf p = v_set(-0.00014280946925282478f);
  p = v_fma(p, square, v_set(0.0009235548204742372f));
  p = v_fma(p, square, v_set(-0.003206871682778001f));
  p = v_fma(p, square, v_set(0.008697887882590294f));
  p = v_fma(p, square, v_set(-0.02182956039905548f));
  p = v_fma(p, square, v_set(0.05396341532468796f));
  p = v_fma(p, square, v_set(-0.13333310186862946f));
  p = v_fma(p, square, v_set(-1.1709715e-08f));
  vf near = v_fma(cube, third, v_fma(cube, p, v_fma(square, z, -cube) * third));
  vf far = (magnitude - ONE) + v_set(2.0f) / (v_exp(magnitude + magnitude) + ONE);
  return v_select(magnitude < ONE, near, v_copy_sign(far, z));
}
GRADIENT(tanh_shrink, z) {
  vf t = v_tanh(z);
  return g * (t * t);
}

VALUE(relu) { return v_select(z < ZERO, ZERO, z); }
GRADIENT(relu, y) { return v_select(y > ZERO, g, ZERO); }

VALUE(relu6) { return v_clamp(z, 0.0f, 6.0f); }
GRADIENT(relu6, y) { return v_select(y > ZERO, v_select(y < v_set(6.0f), g, ZERO), ZERO); }

VALUE(leaky_relu) { return v_select(z < ZERO, z * a, z); }
GRADIENT(leaky_relu, y) { return v_select(y > ZERO, g, g * a); }

// A slope below 0 turns the sign of y round, so that only z tells the branch.
VALUE(signed_leaky_relu) { return leaky_relu_value(z, a, b); }
GRADIENT(signed_leaky_relu, z) { return leaky_relu_gradient(g, z, a, b); }

VALUE(elu) { return v_select(z < ZERO, a * v_expm1(z), z); }
GRADIENT(elu, y) { return v_select(y > ZERO, g, g * (y + a)); }

#define SELU_SCALE v_set(1.0507009873554805f)
#define SELU_FLOOR v_set(1.7580993408473769f)  // the scale times α = 1.6732632423543772
VALUE(selu) { return v_select(z < ZERO, SELU_FLOOR * v_expm1(z), SELU_SCALE * z); }
GRADIENT(selu, y) { return g * v_select(y > ZERO, SELU_SCALE, y + SELU_FLOOR); }

VALUE(celu) { return v_select(z < ZERO, a * v_expm1(z / a), z); }
GRADIENT(celu, y) { return v_select(y > ZERO, g, g * (y / a + ONE)); }

VALUE(gelu) {
  vf share = v_normal_share(v_clamp(z, -15.0f, 15.0f));
  return v_select(z < ZERO, share, z - share);
}
GRADIENT(gelu, z) {
  vf density, tail = v_normal_tail(z, ONE, &density);
  return g * v_fma(v_clamp(z, -15.0f, 15.0f), density, v_select(z < ZERO, tail, ONE - tail));
}

/// 2·√(2/π)·(z + 0.044715·z³), whose sigmoid is ½·(1 + tanh of half of it).
INLINE vf gelu_argument(vf z) { return z * v_fma(z * z, v_set(0.07135481627159823f), v_set(1.5957691216057308f)); }
VALUE(gelu_tanh) {
  vf held = v_select(z < v_set(-104.0f), v_set(-104.0f), z);
  return held * v_sigmoid(gelu_argument(held));
}
GRADIENT(gelu_tanh, z) {
  vf held = v_clamp(z, -104.0f, 104.0f), argument = gelu_argument(held);
  vf s = v_sigmoid(argument), rest = v_sigmoid(-argument);  // 1 − s would cancel
  vf inner = v_fma(held * held, v_set(0.2140644488147947f), v_set(1.5957691216057308f));
  return g * v_fma(held * inner, s * rest, s);
}

// The product takes what the sigmoid's rounding would lose; at +∞ that is 0, and must not meet it.
VALUE(silu) {
  vf held = v_select(z < v_set(-104.0f), v_set(-104.0f), z), bounded = v_select(z > v_set(104.0f), v_set(104.0f), held);
  vf remainder, inverse, quotient = v_sigmoid_quotient(held, &remainder, &inverse);
  return v_fma(held, quotient, bounded * (remainder * inverse));
}
GRADIENT(silu, z) {
  vf held = v_clamp(z, -104.0f, 104.0f), s = v_sigmoid(held), rest = v_sigmoid(-held);
  return g * v_fma(held, s * rest, s);
}

VALUE(hard_silu) {
  vf held = v_select(z < v_set(-3.0f), v_set(-3.0f), z);
  return held * hard_sigmoid_value(held, a, b);
}
GRADIENT(hard_silu, z) {
  vf inner = g * v_fma(z, v_set(1.0f / 3.0f), HALF);
  return v_select(z <= v_set(-3.0f), ZERO, v_select(z < v_set(3.0f), inner, g));
}

// With n = e²ᶻ + 2eᶻ: tanh(log(1 + eᶻ)) = n/(n + 2), and 1 − tanh² = 4(1 + eᶻ)²/(n + 2)². From 20 on both are their limits.
VALUE(mish) {
  vf held = v_select(z < v_set(-104.0f), v_set(-104.0f), z);
  vf e = v_exp(v_clamp(z, -104.0f, 20.0f)), n = e * (e + v_set(2.0f));
  return held * (n / (n + v_set(2.0f)));
}
GRADIENT(mish, z) {
  vf held = v_clamp(z, -104.0f, 20.0f), e = v_exp(held), n = e * (e + v_set(2.0f)), m = n + v_set(2.0f);
  vf inner = held * (v_set(4.0f) * e * (ONE + e) / (m * m));
  return g * (n / m + inner);
}

VALUE(softplus) { return v_softplus(z); }
GRADIENT(softplus, y) { return -g * v_expm1(-y); }

// For z < 0 the sum would cancel, and divides ¼a, with what its rounding has lost. Beyond 2³² the root is |z|, whose square
// could overflow, and nothing is lost.
VALUE(squareplus) {
  vf magnitude = v_abs(z), root = v_sqrt(v_fma(z, z, a));
  vi is_far = magnitude > v_set(0x1p32f);
  root = v_select(is_far, magnitude, root);
  vf sum = v_fma(HALF, magnitude, HALF * root), lost = v_fma(HALF, magnitude, HALF * root - sum);
  vf numerator = v_set(0.25f) * a, inverse = ONE / sum, quotient = numerator * inverse;
  vf remainder = v_fma(-quotient, lost, v_fma(-quotient, sum, numerator));
  return v_select(z < ZERO, v_select(is_far, quotient, v_fma(remainder, inverse, quotient)), sum);
}
GRADIENT(squareplus, y) { return g / (ONE + v_set(0.25f) * a / y / y); }

VALUE(softsign) {
  vf magnitude = v_abs(z);
  return v_select(magnitude < v_set(0x1p127f), z / (ONE + magnitude), v_select(z == z, v_copy_sign(ONE, z), z));
}
GRADIENT(softsign, y) {
  vf rest = ONE - v_abs(y);
  return g * (rest * rest);
}

// For z < 0 as one quotient, because ½ + ½·softsign would cancel.
VALUE(elliot) {
  vf magnitude = v_abs(z), tail = HALF / (ONE + magnitude);
  return v_select(z < ZERO, tail, ONE - tail);
}
GRADIENT(elliot, y) {
  vf rest = v_select(y < HALF, y, ONE - y);
  return g * (v_set(2.0f) * rest * rest);
}

VALUE(exponential) { return v_exp(z); }
GRADIENT(exponential, y) { return g * y; }

/// e^−z², with what the rounded square has lost.
VALUE(gaussian) {
  vf held = v_clamp(z, -11.0f, 11.0f), square = held * held;
  return v_scaled_exp(-square, -v_fma(held, held, -square), ONE);
}
GRADIENT(gaussian, z) {
  vf held = v_clamp(z, -11.0f, 11.0f);
  return g * (v_set(-2.0f) * held * gaussian_value(held, a, b));
}

VALUE(threshold) { return v_select(z <= a, b, z); }
GRADIENT(threshold, z) { return v_select(z > a, g, ZERO); }

VALUE(soft_shrink) { return v_select(z > a, z - a, v_select(z < -a, z + a, v_select(z == z, ZERO, z))); }
GRADIENT(soft_shrink, y) { return v_select(v_abs(y) > ZERO, g, ZERO); }

VALUE(hard_shrink) { return v_select(v_abs(z) <= a, ZERO, z); }
GRADIENT(hard_shrink, y) { return v_select(v_abs(y) > ZERO, g, ZERO); }

#undef UNUSED
#undef VALUE
#undef GRADIENT
#undef ZERO
#undef ONE
#undef HALF
#undef SELU_SCALE
#undef SELU_FLOOR
