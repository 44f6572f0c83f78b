// The rules of `nk_update_rule`: one pass over the slice, every value read and written once. Comparisons are written so
// that NaN stays NaN.

#define RULE(NAME) INLINE void update_##NAME(const nk_update *u, const float *c)

// The parameters of a vector and the gradient of the rule.
#define LOAD_GRADIENT vf w = v_load(u->parameters + i), g = update_gradient(u, i, w)

// w' + change·factor
#define MOVE(u, change, factor) v_store((u)->parameters + i, v_fma(change, v_set(factor), w * (u)->keep))

INLINE vf v_root(vf x) { return __builtin_elementwise_sqrt(x); }
INLINE vf v_sign(vf x) { return v_select(v_abs(x) > v_set(0.0f), v_copy_sign(v_set(1.0f), x), x); }
/// b where either is NaN.
INLINE vf v_larger(vf a, vf b) { return v_select(a > b, a, b); }

/// state = kept·state + added·x
INLINE vf running_mean(float *state, vf x, float kept, float added) {
  vf mean = v_fma(x, v_set(added), v_load(state) * kept);
  v_store(state, mean);
  return mean;
}

/// state = kept·state + added·x²
INLINE vf running_square(float *state, vf x, float kept, float added) {
  vf mean = v_fma(x * added, x, v_load(state) * kept);
  v_store(state, mean);
  return mean;
}

/// The divisor √v·correction + ε.
INLINE vf root_divisor(vf v, float correction, float epsilon) {
  return v_fma(v_root(v), v_set(correction), v_set(epsilon));
}

RULE(adagrad) {
  const float rate = c[0], epsilon = c[1], initial = c[2];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf sum = v_fma(g, g, v_load(u->state0 + i) + initial);
    v_store(u->state0 + i, sum);
    MOVE(u, g / (v_root(sum) + epsilon), -rate);
  }
}

RULE(adadelta) {
  const float rate = c[0], rho = c[1], rest = c[2], epsilon = c[3];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf square = running_square(u->state0 + i, g, rho, rest);
    vf change = v_root(v_load(u->state1 + i) + epsilon) / v_root(square + epsilon) * g;
    running_square(u->state1 + i, change, rho, rest);
    MOVE(u, change, -rate);
  }
}

INLINE void update_rmsprop_kind(const nk_update *u, const float *c, bool centred, bool has_momentum) {
  const float rate = c[0], rho = c[1], rest = c[2], epsilon = c[3], momentum = c[4];
  float *velocity = centred ? u->state2 : u->state1;
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf square = running_square(u->state0 + i, g, rho, rest);
    if (centred) {
      vf mean = v_load(u->state1 + i);
      mean = v_fma(g - mean, v_set(rest), mean);
      v_store(u->state1 + i, mean);
      square = v_fma(-mean, mean, square);
      square = v_select(square < v_set(0.0f), v_set(0.0f), square);
    }
    vf change = g / (v_root(square) + epsilon);
    if (has_momentum) {
      change = v_fma(v_load(velocity + i), v_set(momentum), change);
      v_store(velocity + i, change);
    }
    MOVE(u, change, -rate);
  }
}

RULE(adamax) {
  const float step = c[0], beta1 = c[1], rest1 = c[2], beta2 = c[3], epsilon = c[4];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf mean = running_mean(u->state0 + i, g, beta1, rest1);
    vf largest = v_larger(v_load(u->state1 + i) * beta2, v_abs(g) + epsilon);
    v_store(u->state1 + i, largest);
    MOVE(u, mean / largest, -step);
  }
}

RULE(nadam) {
  const float gradient_step = c[0], moment_step = c[1], correction = c[2], beta1 = c[3], rest1 = c[4], beta2 = c[5],
              rest2 = c[6], epsilon = c[7];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf mean = running_mean(u->state0 + i, g, beta1, rest1);
    vf square = running_square(u->state1 + i, g, beta2, rest2);
    vf ahead = v_fma(mean, v_set(moment_step), g * gradient_step);
    MOVE(u, ahead / root_divisor(square, correction, epsilon), -1.0f);
  }
}

RULE(amsgrad) {
  const float step = c[0], correction = c[1], beta1 = c[2], rest1 = c[3], beta2 = c[4], rest2 = c[5], epsilon = c[6];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf mean = running_mean(u->state0 + i, g, beta1, rest1);
    vf largest = v_larger(v_load(u->state2 + i), running_square(u->state1 + i, g, beta2, rest2));
    v_store(u->state2 + i, largest);
    MOVE(u, mean / root_divisor(largest, correction, epsilon), -step);
  }
}

RULE(adabelief) {
  const float step = c[0], correction = c[1], beta1 = c[2], rest1 = c[3], beta2 = c[4], rest2 = c[5], epsilon = c[6],
              inner = c[7];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf mean = running_mean(u->state0 + i, g, beta1, rest1);
    vf surprise = g - mean;
    vf square = v_fma(surprise * rest2, surprise, v_load(u->state1 + i) * beta2) + inner;
    v_store(u->state1 + i, square);
    MOVE(u, mean / root_divisor(square, correction, epsilon), -step);
  }
}

RULE(lion) {
  const float rate = c[0], beta1 = c[1], rest1 = c[2], beta2 = c[3], rest2 = c[4];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf direction = v_fma(g, v_set(rest1), v_load(u->state0 + i) * beta1);
    running_mean(u->state0 + i, g, beta2, rest2);
    MOVE(u, v_sign(direction), -rate);
  }
}

RULE(yogi) {
  const float step = c[0], correction = c[1], beta1 = c[2], rest1 = c[3], rest2 = c[4], epsilon = c[5], initial = c[6];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf mean = v_fma(g, v_set(rest1), (v_load(u->state0 + i) + initial) * beta1);
    vf before = v_load(u->state1 + i) + initial, square = g * g;
    vf second = v_fma(v_sign(before - square) * -rest2, square, before);
    v_store(u->state0 + i, mean);
    v_store(u->state1 + i, second);
    MOVE(u, mean / root_divisor(second, correction, epsilon), -step);
  }
}

RULE(rprop) {
  const float factor = c[0], shrink = c[1], grow = c[2], smallest = c[3], largest = c[4], initial = c[5];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf agreement = g * v_load(u->state0 + i), zero = v_set(0.0f);
    vf size = (v_load(u->state1 + i) + initial) *
              v_select(agreement > zero, v_set(grow), v_select(agreement < zero, v_set(shrink), v_set(1.0f)));
    size = v_select(size < v_set(smallest), v_set(smallest), size);
    size = v_select(size > v_set(largest), v_set(largest), size);
    vf followed = v_select(agreement < zero, zero, g);
    v_store(u->state0 + i, followed);
    v_store(u->state1 + i, size);
    MOVE(u, v_sign(followed) * size, -factor);
  }
}

RULE(quickprop) {
  const float rate = c[0], growth = c[1], shrink = c[2];
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf slope = -g, before = v_load(u->state0 + i), slope_before = v_load(u->state1 + i), zero = v_set(0.0f);
    vi up = before > v_set(0.001f), down = before < v_set(-0.001f);
    vf linear = slope * rate, limit = slope_before * shrink;
    vi far = (up & (slope > limit)) | (down & (slope < limit));
    vf jump = v_select(far, before * growth, before * slope / (slope_before - slope));
    vf gentle = v_select((up & (slope > zero)) | (down & (slope < zero)), linear, zero);
    vf change = v_select(up | down, gentle + jump, linear);
    v_store(u->state0 + i, change);
    v_store(u->state1 + i, slope);
    MOVE(u, change, 1.0f);
  }
}

RULE(schedule_free_adamw) {
  const float rate = c[0], y_step = c[1], share = c[2], beta2 = c[3], rest2 = c[4], correction = c[5], epsilon = c[6],
              decay = c[7];
  const bool is_first = share == 1.0f;
  FOR_SLICE(u) {
    LOAD_GRADIENT;
    vf z = is_first ? w : v_load(u->state0 + i);
    vf square = running_square(u->state1 + i, g, beta2, rest2);
    vf direction = v_fma(w, v_set(decay), g / root_divisor(square, correction, epsilon));
    v_store(u->state0 + i, v_fma(direction, v_set(-rate), z));
    vf y = v_fma(z, v_set(share), w * (1.0f - share));
    v_store(u->parameters + i, v_fma(direction, v_set(y_step), y));
  }
}

RULE(lamb_direction) {
  const float correction1 = c[0], correction2 = c[1], beta1 = c[2], rest1 = c[3], beta2 = c[4], rest2 = c[5],
              epsilon = c[6], decay = c[7];
  FOR_SLICE(u) {
    vf g = v_load(u->gradients + i) * u->gradient_scale;
    vf mean = running_mean(u->state0 + i, g, beta1, rest1);
    vf square = running_square(u->state1 + i, g, beta2, rest2);
    vf change = mean * correction1 / root_divisor(square, correction2, epsilon);
    v_store(u->parameters + i, v_fma(v_load(u->state2 + i), v_set(decay), change));
  }
}

RULE(decayed_gradient) {
  FOR_SLICE(u) {
    vf g = v_load(u->gradients + i) * u->gradient_scale;
    v_store(u->parameters + i, v_fma(v_load(u->state0 + i), v_set(c[0]), g));
  }
}

static void update_rule(nk_update_rule rule, const nk_update *u, const float *c) {
  switch (rule) {
  case NK_RULE_ADAGRAD: return update_adagrad(u, c);
  case NK_RULE_ADADELTA: return update_adadelta(u, c);
  case NK_RULE_RMSPROP: return update_rmsprop_kind(u, c, false, false);
  case NK_RULE_RMSPROP_MOMENTUM: return update_rmsprop_kind(u, c, false, true);
  case NK_RULE_RMSPROP_CENTRED: return update_rmsprop_kind(u, c, true, false);
  case NK_RULE_RMSPROP_CENTRED_MOMENTUM: return update_rmsprop_kind(u, c, true, true);
  case NK_RULE_ADAMAX: return update_adamax(u, c);
  case NK_RULE_NADAM: return update_nadam(u, c);
  case NK_RULE_AMSGRAD: return update_amsgrad(u, c);
  case NK_RULE_ADABELIEF: return update_adabelief(u, c);
  case NK_RULE_LION: return update_lion(u, c);
  case NK_RULE_YOGI: return update_yogi(u, c);
  case NK_RULE_RPROP: return update_rprop(u, c);
  case NK_RULE_QUICKPROP: return update_quickprop(u, c);
  case NK_RULE_SCHEDULE_FREE_ADAMW: return update_schedule_free_adamw(u, c);
  case NK_RULE_LAMB_DIRECTION: return update_lamb_direction(u, c);
  case NK_RULE_DECAYED_GRADIENT: return update_decayed_gradient(u, c);
  }
}

#undef RULE
#undef MOVE
#undef LOAD_GRADIENT

static void clip_values(float *values, size_t count, float limit) {
  for (size_t i = 0; i < count; i += VW) {
    vf v = v_load(values + i);
    v = v_select(v > v_set(limit), v_set(limit), v);
    v_store(values + i, v_select(v < v_set(-limit), v_set(-limit), v));
  }
}

static void blend(float *values, const float *target, size_t count, float share) {
  for (size_t i = 0; i < count; i += VW) {
    vf v = v_load(values + i);
    v_store(values + i, v_fma(v_load(target + i) - v, v_set(share), v));
  }
}
