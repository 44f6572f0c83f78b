// Compares the kernels' elementary functions with the C library's double-precision functions.
//
//     elementary_functions [stride [name]]
//     elementary_functions names
//
// Walks the bit patterns of all floats in steps of `stride` (1 takes every one), for one function or all, and prints the worst error of each
// function in units in the last place; exits with 1 when one is above its limit. The vector tables return the same bits
// (kernel_checks), so the scalar functions stand for all.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/scalar_lanes.h"

#include "pointwise/elementary.h"

typedef struct function_check {
  const char *name;
  float (*function)(float);
  double (*exact)(double);
  double limit;
  /// The domain; NaN belongs to those without bounds.
  float lowest, highest;
  double worst;
  float place;
} function_check;

static float tail_of(float x) {
  float density;
  return v_normal_tail(x, 1.0f, &density);
}
static float density_of(float x) {
  float density;
  v_normal_tail(x, 1.0f, &density);
  return density;
}
static float gelu_of(float x) {
  float share = v_normal_share(v_clamp(x, -15.0f, 15.0f));
  return x < 0.0f ? share : x - share;
}
static double exact_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
static double exact_softplus(double x) { return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x))); }
static double exact_tail(double x) { return 0.5 * erfc(fabs(x) * 0.70710678118654752440); }
static double exact_gelu(double x) {
  // Below −15 the product is less than the least float; at −∞ it would be 0·∞.
  return x < -1000.0 ? 0.0 : x * 0.5 * erfc(-x * 0.70710678118654752440);
}
static double exact_density(double x) { return 0.39894228040143267794 * exp(-0.5 * x * x); }

/// Distance from `exact` in units in the last place of its rounding; infinite where only one is NaN or infinite.
static double ulps(float actual, double exact) {
  float rounded = (float)exact;
  if (rounded != rounded || actual != actual) return rounded != rounded && actual != actual ? 0.0 : HUGE_VAL;
  if (isinf(rounded) || isinf(actual)) return rounded == actual ? 0.0 : HUGE_VAL;
  float magnitude = fabsf(rounded) < 0x1p-126f ? 0x1p-126f : fabsf(rounded);
  return fabs((double)actual - exact) / (double)(nextafterf(magnitude, HUGE_VALF) - magnitude);
}

static void note(function_check *f, float x) {
  double error = ulps(f->function(x), f->exact((double)x));
  if (error > f->worst) f->worst = error, f->place = x;
}

int main(int count, char **arguments) {
  uint64_t stride = count > 1 ? strtoull(arguments[1], NULL, 10) : 1021;
  if (stride == 0) stride = 1;
  // The logarithms are asked for sums of exponentials only.
  function_check functions[] = {
      {"exp", v_exp, exp, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"log", v_log, log, 2.0, 0x1p-126f, 0x1.fffffep127f, 0.0, 0.0f},
      {"expm1", v_expm1, expm1, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"log1p", v_log1p, log1p, 2.0, 0.0f, 0x1p23f, 0.0, 0.0f},
      {"sigmoid", v_sigmoid, exact_sigmoid, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"tanh", v_tanh, tanh, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"softplus", v_softplus, exact_softplus, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"tail", tail_of, exact_tail, 4.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"gelu", gelu_of, exact_gelu, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
      {"density", density_of, exact_density, 2.0, -HUGE_VALF, HUGE_VALF, 0.0, 0.0f},
  };
  if (count == 2 && strcmp(arguments[1], "names") == 0) {
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) puts(functions[i].name);
    return 0;
  }
  size_t function_count = 0;
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
    if (count < 3 || strcmp(arguments[2], functions[i].name) == 0) functions[function_count++] = functions[i];
  if (function_count == 0) {
    fprintf(stderr, "no function is called '%s'\n", arguments[2]);
    return 2;
  }
  for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += stride) {
    float x = float_of_bits((int32_t)(uint32_t)bits);
    for (size_t i = 0; i < function_count; i++) {
      bool everywhere = functions[i].lowest == -HUGE_VALF;
      if (everywhere || (x >= functions[i].lowest && x <= functions[i].highest)) note(&functions[i], x);
    }
  }
  int failures = 0;
  for (size_t i = 0; i < function_count; i++) {
    const function_check *f = &functions[i];
    printf("%-8s worst error %.4f ULP at %.9g (limit %g)\n", f->name, f->worst, (double)f->place, f->limit);
    failures += !(f->worst <= f->limit);
  }
  return failures == 0 ? 0 : 1;
}
