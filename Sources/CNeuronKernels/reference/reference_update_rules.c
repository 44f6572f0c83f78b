#include <math.h>

#include "reference.h"

static float sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }

/// kept·before + added·x, and the same of x².
static float mean(float before, float x, float kept, float added) { return fmaf(x, added, before * kept); }
static float square_mean(float before, float x, float kept, float added) { return fmaf(x * added, x, before * kept); }

/// One parameter: its values, and what the rule adds to it times `factor`.
typedef struct element {
  float w, g, s0, s1, s2;
  float change, factor;
} element;

static void adagrad(element *e, const float *c) {
  e->s0 = fmaf(e->g, e->g, e->s0 + c[2]);
  e->change = e->g / (sqrtf(e->s0) + c[1]);
  e->factor = -c[0];
}

static void adadelta(element *e, const float *c) {
  e->s0 = square_mean(e->s0, e->g, c[1], c[2]);
  e->change = sqrtf(e->s1 + c[3]) / sqrtf(e->s0 + c[3]) * e->g;
  e->s1 = square_mean(e->s1, e->change, c[1], c[2]);
  e->factor = -c[0];
}

static void rmsprop(element *e, const float *c) {
  e->s0 = square_mean(e->s0, e->g, c[1], c[2]);
  e->change = e->g / (sqrtf(e->s0) + c[3]);
  e->factor = -c[0];
}

static void rmsprop_momentum(element *e, const float *c) {
  rmsprop(e, c);
  e->change = e->s1 = fmaf(e->s1, c[4], e->change);
}

static void rmsprop_centred(element *e, const float *c) {
  e->s0 = square_mean(e->s0, e->g, c[1], c[2]);
  e->s1 = fmaf(e->g - e->s1, c[2], e->s1);
  float variance = fmaf(-e->s1, e->s1, e->s0);
  e->change = e->g / (sqrtf(variance < 0.0f ? 0.0f : variance) + c[3]);
  e->factor = -c[0];
}

static void rmsprop_centred_momentum(element *e, const float *c) {
  rmsprop_centred(e, c);
  e->change = e->s2 = fmaf(e->s2, c[4], e->change);
}

static void adamax(element *e, const float *c) {
  e->s0 = mean(e->s0, e->g, c[1], c[2]);
  float decayed = e->s1 * c[3], now = fabsf(e->g) + c[4];
  e->s1 = decayed > now ? decayed : now;
  e->change = e->s0 / e->s1;
  e->factor = -c[0];
}

static void nadam(element *e, const float *c) {
  e->s0 = mean(e->s0, e->g, c[3], c[4]);
  e->s1 = square_mean(e->s1, e->g, c[5], c[6]);
  e->change = fmaf(e->s0, c[1], e->g * c[0]) / fmaf(sqrtf(e->s1), c[2], c[7]);
  e->factor = -1.0f;
}

static void amsgrad(element *e, const float *c) {
  e->s0 = mean(e->s0, e->g, c[2], c[3]);
  e->s1 = square_mean(e->s1, e->g, c[4], c[5]);
  e->s2 = e->s2 > e->s1 ? e->s2 : e->s1;
  e->change = e->s0 / fmaf(sqrtf(e->s2), c[1], c[6]);
  e->factor = -c[0];
}

static void adabelief(element *e, const float *c) {
  e->s0 = mean(e->s0, e->g, c[2], c[3]);
  e->s1 = square_mean(e->s1, e->g - e->s0, c[4], c[5]) + c[7];
  e->change = e->s0 / fmaf(sqrtf(e->s1), c[1], c[6]);
  e->factor = -c[0];
}

static void lion(element *e, const float *c) {
  e->change = sign(mean(e->s0, e->g, c[1], c[2]));
  e->s0 = mean(e->s0, e->g, c[3], c[4]);
  e->factor = -c[0];
}

static void yogi(element *e, const float *c) {
  float before = e->s1 + c[6], square = e->g * e->g;
  e->s0 = mean(e->s0 + c[6], e->g, c[2], c[3]);
  e->s1 = fmaf(sign(before - square) * -c[4], square, before);
  e->change = e->s0 / fmaf(sqrtf(e->s1), c[1], c[5]);
  e->factor = -c[0];
}

static void rprop(element *e, const float *c) {
  float agreement = e->g * e->s0;
  float size = (e->s1 + c[5]) * (agreement > 0.0f ? c[2] : agreement < 0.0f ? c[1] : 1.0f);
  if (size < c[3]) size = c[3];
  if (size > c[4]) size = c[4];
  e->s0 = agreement < 0.0f ? 0.0f : e->g;
  e->s1 = size;
  e->change = sign(e->s0) * size;
  e->factor = -c[0];
}

static void quickprop(element *e, const float *c) {
  float slope = -e->g, change = slope * c[0];
  if (e->s0 > 0.001f)
    change = (slope > 0.0f ? change : 0.0f) + (slope > e->s1 * c[2] ? e->s0 * c[1] : e->s0 * slope / (e->s1 - slope));
  else if (e->s0 < -0.001f)
    change = (slope < 0.0f ? change : 0.0f) + (slope < e->s1 * c[2] ? e->s0 * c[1] : e->s0 * slope / (e->s1 - slope));
  e->s0 = e->change = change;
  e->s1 = slope;
  e->factor = 1.0f;
}

/// Its new parameter is `w` itself, without the decay of the others.
static void schedule_free_adamw(element *e, const float *c) {
  float z = c[2] == 1.0f ? e->w : e->s0;
  e->s1 = square_mean(e->s1, e->g, c[3], c[4]);
  float direction = fmaf(e->w, c[7], e->g / fmaf(sqrtf(e->s1), c[5], c[6]));
  e->s0 = fmaf(direction, -c[0], z);
  e->w = fmaf(direction, c[1], fmaf(z, c[2], e->w * (1.0f - c[2])));
}

/// The two directions are new values of `w` as well.
static void lamb_direction(element *e, const float *c) {
  e->s0 = mean(e->s0, e->g, c[2], c[3]);
  e->s1 = square_mean(e->s1, e->g, c[4], c[5]);
  e->w = fmaf(e->s2, c[7], e->s0 * c[0] / fmaf(sqrtf(e->s1), c[1], c[6]));
}

static void decayed_gradient(element *e, const float *c) { e->w = fmaf(e->s0, c[0], e->g); }

typedef void (*rule_function)(element *, const float *);

static const rule_function rules[] = {
    [NK_RULE_ADAGRAD] = adagrad,
    [NK_RULE_ADADELTA] = adadelta,
    [NK_RULE_RMSPROP] = rmsprop,
    [NK_RULE_RMSPROP_MOMENTUM] = rmsprop_momentum,
    [NK_RULE_RMSPROP_CENTRED] = rmsprop_centred,
    [NK_RULE_RMSPROP_CENTRED_MOMENTUM] = rmsprop_centred_momentum,
    [NK_RULE_ADAMAX] = adamax,
    [NK_RULE_NADAM] = nadam,
    [NK_RULE_AMSGRAD] = amsgrad,
    [NK_RULE_ADABELIEF] = adabelief,
    [NK_RULE_LION] = lion,
    [NK_RULE_YOGI] = yogi,
    [NK_RULE_RPROP] = rprop,
    [NK_RULE_QUICKPROP] = quickprop,
    [NK_RULE_SCHEDULE_FREE_ADAMW] = schedule_free_adamw,
    [NK_RULE_LAMB_DIRECTION] = lamb_direction,
    [NK_RULE_DECAYED_GRADIENT] = decayed_gradient,
};

void nk_reference_update_rule(nk_update_rule rule, const nk_update *u, const float *c) {
  float *states[3] = {u->state0, u->state1, u->state2};
  for (size_t i = 0; i < u->count; i++) {
    element e = {.w = u->parameters[i]};
    e.g = rule < NK_RULE_LAMB_DIRECTION ? nk_reference_update_gradient(u, i) : u->gradients[i] * u->gradient_scale;
    float *values[3] = {&e.s0, &e.s1, &e.s2};
    for (int s = 0; s < 3; s++)
      if (states[s]) *values[s] = states[s][i];
    rules[rule](&e, c);
    for (int s = 0; s < 3; s++)
      if (states[s]) states[s][i] = *values[s];
    u->parameters[i] = rule >= NK_RULE_SCHEDULE_FREE_ADAMW ? e.w : fmaf(e.change, e.factor, e.w * u->keep);
  }
}

void nk_reference_clip_values(float *values, size_t count, float limit) {
  for (size_t i = 0; i < count; i++) {
    if (values[i] > limit) values[i] = limit;
    if (values[i] < -limit) values[i] = -limit;
  }
}

void nk_reference_blend(float *values, const float *target, size_t count, float share) {
  for (size_t i = 0; i < count; i++) values[i] = fmaf(target[i] - values[i], share, values[i]);
}
