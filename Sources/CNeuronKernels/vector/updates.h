// The optimizers' update rules: one pass over the slice, every value read and written once.

INLINE vf update_gradient(const nk_update *u, size_t i, vf w) {
  vf g = v_load(u->gradients + i) * u->gradient_scale;
  return v_fma(w, v_set(u->l2), g);
}

// Slices are whole multiples of 16 floats, and every vector width divides 16.
#define FOR_SLICE(u) for (size_t i = 0; i < (u)->count; i += VW)

static void update_sgd(const nk_update *u, float rate) {
  FOR_SLICE(u) {
    vf w = v_load(u->parameters + i);
    v_store(u->parameters + i, v_fma(update_gradient(u, i, w), v_set(-rate), w));
  }
}

static void update_momentum(const nk_update *u, float rate, float momentum, bool nesterov) {
  FOR_SLICE(u) {
    vf w = v_load(u->parameters + i);
    vf g = update_gradient(u, i, w);
    vf v = v_fma(v_load(u->state0 + i), v_set(momentum), g);
    v_store(u->state0 + i, v);
    vf direction = nesterov ? v_fma(v, v_set(momentum), g) : v;
    v_store(u->parameters + i, v_fma(direction, v_set(-rate), w));
  }
}

static void update_adam(const nk_update *u, float step, float root_correction, float beta1, float one_minus_beta1,
                        float beta2, float one_minus_beta2, float epsilon, float keep) {
  FOR_SLICE(u) {
    vf w = v_load(u->parameters + i);
    vf g = update_gradient(u, i, w);
    vf m = v_fma(g, v_set(one_minus_beta1), v_load(u->state0 + i) * beta1);
    vf v = v_fma(g * one_minus_beta2, g, v_load(u->state1 + i) * beta2);
    v_store(u->state0 + i, m);
    v_store(u->state1 + i, v);
    vf root = v_fma(__builtin_elementwise_sqrt(v), v_set(root_correction), v_set(epsilon));
    v_store(u->parameters + i, v_fma(m / root, v_set(-step), w * keep));
  }
}
