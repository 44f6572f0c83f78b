// Compares the kernels' exp, log, sigmoid and tanh with the C library's double-precision functions.
//
//     elementary_functions [stride]
//
// Walks the bit patterns of all floats in steps of `stride` (1 takes every one) and prints the worst error of each
// function in units in the last place; exits with 1 when one is above its limit. The vector tables return the same bits
// (kernel_checks), so the scalar functions stand for all.

#include <stdio.h>
#include <stdlib.h>

#include "reference/scalar_math.h"

typedef struct function_check {
  const char *name;
  float (*function)(float);
  double (*exact)(double);
  double limit;
  double worst;
  float place;
} function_check;

static float exp_of(float x) { return scalar_exp(x); }
static float log_of(float x) { return scalar_log(x); }
static float sigmoid_of(float x) { return scalar_sigmoid(x); }
static float tanh_of(float x) { return scalar_tanh(x); }
static double exact_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

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
  function_check functions[] = {
      {"exp", exp_of, exp, 2.0, 0.0, 0.0f},
      {"log", log_of, log, 2.0, 0.0, 0.0f},
      {"sigmoid", sigmoid_of, exact_sigmoid, 3.0, 0.0, 0.0f},
      {"tanh", tanh_of, tanh, 2.0, 0.0, 0.0f},
  };
  for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += stride) {
    float x = float_of_bits((int32_t)(uint32_t)bits);
    for (size_t i = 0; i < 4; i++)
      // The logarithm is asked for sums of exponentials only: positive, normal, finite.
      if (i != 1 || (x >= 0x1p-126f && x < HUGE_VALF)) note(&functions[i], x);
  }
  int failures = 0;
  for (size_t i = 0; i < 4; i++) {
    const function_check *f = &functions[i];
    printf("%-8s worst error %.4f ULP at %.9g (limit %g)\n", f->name, f->worst, (double)f->place, f->limit);
    failures += !(f->worst <= f->limit);
  }
  return failures == 0 ? 0 : 1;
}
