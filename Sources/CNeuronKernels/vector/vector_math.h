// Elementary functions on a vector, the same polynomials and operation order as `reference/scalar_math.h`. The errors are
// the worst over all floats, measured by `Tests/KernelChecks/elementary_functions.c` with stride 1.
//
// Source: S. L. Moshier, Cephes Mathematical Library, single precision (expf, logf, tanhf); coefficients are his.

/// eˣ, 1.02 ULP; +∞ above 88.73, subnormal below −87.34, 0 below −103.98; NaN stays NaN.
INLINE vf v_exp(vf x) {
  const float round_shift = 12582912.0f;  // 1.5·2²³: adding it rounds to the nearest integer
  vf clamped = v_select(x > v_set(89.0f), v_set(89.0f), x);
  clamped = v_select(clamped < v_set(-104.0f), v_set(-104.0f), clamped);
  vf shifted = v_fma(clamped, v_set(1.44269504088896341f), v_set(round_shift));
  vf n = shifted - v_set(round_shift);
  vf r = v_fma(n, v_set(-0.693359375f), clamped);
  r = v_fma(n, v_set(2.12194440e-4f), r);
  vf p = v_set(1.9875691500e-4f);
  p = v_fma(p, r, v_set(1.3981999507e-3f));
  p = v_fma(p, r, v_set(8.3334519073e-3f));
  p = v_fma(p, r, v_set(4.1665795894e-2f));
  p = v_fma(p, r, v_set(1.6666665459e-1f));
  p = v_fma(p, r, v_set(5.0000001201e-1f));
  vf e = v_fma(p, r * r, r) + v_set(1.0f);
  // 2ⁿ in two factors, so that n = 128 overflows and n = −127 … −150 underflows as the product should.
  vi exponent = (vi)shifted - (vi)v_set(round_shift);
  vi half = exponent >> 1;
  vf first = (vf)((vu)(half + 127) << 23);  // unsigned, because NaN's bits would overflow a signed shift
  vf second = (vf)((vu)(exponent - half + 127) << 23);
  return e * first * second;
}

/// Natural logarithm of a positive, normal x, 0.83 ULP.
INLINE vf v_log(vf x) {
  vi bits = (vi)x;
  vi exponent = (bits >> 23) - 126;
  vf m = (vf)((bits & 0x007fffff) | 0x3f000000);  // in [½, 1)
  vi small = m < v_set(0.707106781186547524f);
  exponent += small;  // −1 where the mantissa is doubled
  m = v_select(small, m + m, m) - v_set(1.0f);
  vf e = __builtin_convertvector(exponent, vf);
  vf z = m * m;
  vf p = v_set(7.0376836292e-2f);
  p = v_fma(p, m, v_set(-1.1514610310e-1f));
  p = v_fma(p, m, v_set(1.1676998740e-1f));
  p = v_fma(p, m, v_set(-1.2420140846e-1f));
  p = v_fma(p, m, v_set(1.4249322787e-1f));
  p = v_fma(p, m, v_set(-1.6668057665e-1f));
  p = v_fma(p, m, v_set(2.0000714765e-1f));
  p = v_fma(p, m, v_set(-2.4999993993e-1f));
  p = v_fma(p, m, v_set(3.3333331174e-1f));
  vf y = p * m * z;
  y = v_fma(e, v_set(-2.12194440e-4f), y);
  y = v_fma(z, v_set(-0.5f), y);
  return v_fma(e, v_set(0.693359375f), m + y);
}

/// tanh x, 1.34 ULP: a polynomial below 0.625, 1 − 2/(e^2|x| + 1) above. The sign is x's own, that of −0 too.
INLINE vf v_tanh(vf x) {
  vf magnitude = v_abs(x);
  vf z = x * x;
  vf p = v_set(-5.70498872745e-3f);
  p = v_fma(p, z, v_set(2.06390887954e-2f));
  p = v_fma(p, z, v_set(-5.37397155531e-2f));
  p = v_fma(p, z, v_set(1.33314422036e-1f));
  p = v_fma(p, z, v_set(-3.33332819422e-1f));
  vf near = v_fma(p * z, x, x);
  vf far = v_set(1.0f) - v_set(2.0f) / (v_exp(magnitude + magnitude) + v_set(1.0f));
  return v_copy_sign(v_select(magnitude < v_set(0.625f), near, far), x);
}
