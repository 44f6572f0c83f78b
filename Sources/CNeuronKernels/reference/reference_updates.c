#include <math.h>

#include "reference.h"

float nk_reference_update_gradient(const nk_update *u, size_t i) {
  return fmaf(u->parameters[i], u->l2, u->gradients[i] * u->gradient_scale);
}

void nk_reference_update_sgd(const nk_update *u, float rate) {
  for (size_t i = 0; i < u->count; i++) u->parameters[i] = fmaf(nk_reference_update_gradient(u, i), -rate, u->parameters[i]);
}

void nk_reference_update_momentum(const nk_update *u, float rate, float momentum, bool nesterov) {
  for (size_t i = 0; i < u->count; i++) {
    float g = nk_reference_update_gradient(u, i);
    float v = fmaf(u->state0[i], momentum, g);
    u->state0[i] = v;
    u->parameters[i] = fmaf(nesterov ? fmaf(v, momentum, g) : v, -rate, u->parameters[i]);
  }
}

void nk_reference_update_adam(const nk_update *u, float step, float root_correction, float beta1, float one_minus_beta1,
                              float beta2, float one_minus_beta2, float epsilon, float keep) {
  for (size_t i = 0; i < u->count; i++) {
    float g = nk_reference_update_gradient(u, i);
    float m = fmaf(g, one_minus_beta1, u->state0[i] * beta1);
    float v = fmaf(g * one_minus_beta2, g, u->state1[i] * beta2);
    u->state0[i] = m;
    u->state1[i] = v;
    float root = fmaf(sqrtf(v), root_correction, epsilon);
    u->parameters[i] = fmaf(m / root, -step, u->parameters[i] * keep);
  }
}
