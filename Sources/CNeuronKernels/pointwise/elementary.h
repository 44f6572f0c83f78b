// Elementary functions of a single number, written once: `vf` is a register in `vector/` and a float in `reference/`, so
// that both run the same operations in the same order. The including file gives `vf`, `vi`, v_set, v_fma, v_select, v_abs,
// v_sqrt, v_power_of_two, v_integer, v_exp, v_log.
//
// The errors are the worst over all floats, measured by `Tests/KernelChecks/elementary_functions.c` with stride 1.

/// 1.5·2²³: adding it rounds to the nearest integer, which then stands in the low bits.
#define ROUND_SHIFT 12582912.0f

/// x within [low, high]; NaN stays NaN.
INLINE vf v_clamp(vf x, float low, float high) {
  return v_select(x < v_set(low), v_set(low), v_select(x > v_set(high), v_set(high), x));
}

/// The r of x = n·ln 2 + r, |r| ≤ ½ ln 2, and n + ROUND_SHIFT in `shifted`.
INLINE vf v_reduce(vf x, vf *shifted) {
  *shifted = v_fma(x, v_set(1.44269504088896341f), v_set(ROUND_SHIFT));
  vf n = *shifted - v_set(ROUND_SHIFT);
  vf r = v_fma(n, v_set(-0.693359375f), x);
  return v_fma(n, v_set(2.12194440e-4f), r);
}

/// eʳ − 1 for |r| ≤ ½ ln 2.
///
/// Source: S. L. Moshier, Cephes Mathematical Library, single precision (expf).
INLINE vf v_expm1_reduced(vf r) {
  vf p = v_set(1.9875691500e-4f);
  p = v_fma(p, r, v_set(1.3981999507e-3f));
  p = v_fma(p, r, v_set(8.3334519073e-3f));
  p = v_fma(p, r, v_set(4.1665795894e-2f));
  p = v_fma(p, r, v_set(1.6666665459e-1f));
  p = v_fma(p, r, v_set(5.0000001201e-1f));
  return v_fma(p, r * r, r);
}

/// scale·e^(x + rest), for an x ≤ 0 that was rounded and the rest that this left; 0 below −103.98.
INLINE vf v_scaled_exp(vf x, vf rest, vf scale) {
  vf shifted;
  vf r = v_reduce(v_clamp(x, -104.0f, 0.0f), &shifted) + rest;
  vf e = v_fma(v_expm1_reduced(r), scale, scale);
  // 2ⁿ in two factors, so that n below −126 underflows as the product should.
  vi exponent = v_integer(shifted), half = exponent >> 1;
  return e * v_power_of_two(half) * v_power_of_two(exponent - half);
}

/// eˣ − 1; −1 below −17, +∞ above 88.73.
INLINE vf v_expm1(vf x) {
  vf shifted;
  vf q = v_expm1_reduced(v_reduce(v_clamp(x, -30.0f, 89.0f), &shifted));
  vf half = v_power_of_two(v_integer(shifted) - 1);  // 2ⁿ itself would overflow for n = 128
  vf sum = v_fma(half, q, half - v_set(0.5f));
  return sum + sum;
}

/// log(1 + x) for x in [0, 2²³].
INLINE vf v_log1p(vf x) {
  vf u = x + v_set(1.0f);
  // What the sum has lost: u − 1 is exact below 1, u − x above.
  vf lost = v_select(x < v_set(1.0f), x - (u - v_set(1.0f)), v_set(1.0f) - (u - x));
  return v_log(u) + lost / u;
}

/// 1/(1 + e⁻ˣ) as a quotient and, in `remainder` times `inverse`, what its rounding has left; formed from e^−|x| so that
/// both tails keep their relative accuracy.
INLINE vf v_sigmoid_quotient(vf x, vf *remainder, vf *inverse) {
  vf e = v_exp(-v_abs(x));
  vf numerator = v_select(x < v_set(0.0f), e, v_set(1.0f));
  vf sum = v_set(1.0f) + e;
  vf lost = e - (sum - v_set(1.0f));
  *inverse = v_set(1.0f) / sum;
  vf quotient = numerator * *inverse;
  // One step of the division by hand, with what the sum has lost.
  *remainder = v_fma(-quotient, lost, v_fma(-quotient, sum, numerator));
  return quotient;
}

/// 1/(1 + e⁻ˣ).
INLINE vf v_sigmoid(vf x) {
  vf remainder, inverse, quotient = v_sigmoid_quotient(x, &remainder, &inverse);
  return v_select(x == x, v_fma(remainder, inverse, quotient), x);
}

/// log(1 + eˣ).
INLINE vf v_softplus(vf x) {
  vf tail = v_log1p(v_exp(-v_abs(x)));
  return v_select(x > v_set(0.0f), x, v_set(0.0f)) + tail;
}

/// scale times the normal distribution beyond |x|, and its density there.
///
///     tail = ½·erfc(|x|/√2)        density = e^(−x²/2)/√(2π)
///
/// Below 1 the tail is ½ − a·q(a²), a = |x|; above e^(−a²/2)·p((a − 2½)/(a + 2½))/(a + 2½). q and p are least-squares fits
/// of ½·erf(a/√2)/a and ½·erfcx(a/√2)·(a + 2½) with weights driven to equal relative errors, below 2e-8.
INLINE vf v_normal_tail(vf x, vf scale, vf *density) {
  vf a = v_abs(x);
  a = v_select(a > v_set(15.0f), v_set(15.0f), a);
  vf square = a * a, rest = v_fma(a, a, -square);
  vf q = v_set(-7.65420827519847e-06f);
  q = v_fma(q, square, v_set(0.00011348637053743005f));
  q = v_fma(q, square, v_set(-0.0011863299878314137f));
  q = v_fma(q, square, v_set(0.009973322972655296f));
  q = v_fma(q, square, v_set(-0.06649035960435867f));
  q = v_fma(q, square, v_set(0.3989422917366028f));
  vf sum = a + v_set(2.5f), inverse = v_set(1.0f) / sum;
  vf u = (a - v_set(2.5f)) * inverse;
  vf p = v_set(-0.00015805810107849538f);
  p = v_fma(p, u, v_set(-0.0003122350899502635f));
  p = v_fma(p, u, v_set(0.0006844821618869901f));
  p = v_fma(p, u, v_set(0.002524455776438117f));
  p = v_fma(p, u, v_set(-0.0016007296508178115f));
  p = v_fma(p, u, v_set(-0.016386322677135468f));
  p = v_fma(p, u, v_set(0.009235844947397709f));
  p = v_fma(p, u, v_set(0.13198699057102203f));
  p = v_fma(p, u, v_set(-0.43369200825691223f));
  p = v_fma(p, u, v_set(0.7066566348075867f));
  vf half = v_set(-0.5f);
  *density = v_scaled_exp(half * square, half * rest, v_set(0.39894228040143268f));
  vf quotient = p * inverse;
  quotient = v_fma(v_fma(-quotient, sum, p), inverse, quotient);  // the division's last bits
  vf far = v_scaled_exp(half * square, half * rest, scale * quotient);
  return v_select(a < v_set(1.0f), scale * v_fma(-a, q, v_set(0.5f)), far);
}

/// x times the normal distribution beyond |x|, x·½·erfc(|x|/√2) for |x| ≤ 15; GELU from it stays within 2 ULP.
///
/// The forms are those of v_normal_tail, but what each rounding leaves is carried along to the end. The constant terms of q
/// and p are sums of two floats, with which the fits are within 3e-9 of the tail.
INLINE vf v_normal_share(vf x) {
  vf a = v_abs(x), half = v_set(0.5f);
  vf square = a * a, rest = v_fma(a, a, -square);
  // Below 1: ½ − a·q(a²).
  vf q = v_set(-7.465329417755129e-06f);
  q = v_fma(q, square, v_set(0.00011295927833998576f));
  q = v_fma(q, square, v_set(-0.0011857924982905388f));
  q = v_fma(q, square, v_set(0.009973081760108471f));
  q = v_fma(q, square, v_set(-0.06649031490087509f));
  vf q_first = v_set(0.3989422917366028f), q_high = v_fma(q, square, q_first);
  vf q_low = v_fma(q, square, q_first - q_high) + v_set(-1.4059303943270152e-08f);
  vf taken = a * q_high, taken_low = v_fma(a, q_low, v_fma(a, q_high, -taken));
  vf near = half - taken, near_low = (half - near) - taken - taken_low;
  // Above: e^(−a²/2)·p(u)/(a + 2½), u = (a − 2½)/(a + 2½).
  vf middle = v_set(2.5f), sum = a + middle, added = sum - a;
  vf sum_low = (a - (sum - added)) + (middle - added), inverse = v_set(1.0f) / sum;
  vf u = (a - middle) * inverse;
  u = v_fma(v_fma(-u, sum_low, v_fma(-u, sum, a - middle)), inverse, u);
  vf p = v_set(-0.00013840734027326107f);
  p = v_fma(p, u, v_set(-0.00037802549195475876f));
  p = v_fma(p, u, v_set(0.0007120087393559515f));
  p = v_fma(p, u, v_set(0.0025588548742234707f));
  p = v_fma(p, u, v_set(-0.001617706147953868f));
  p = v_fma(p, u, v_set(-0.016392696648836136f));
  p = v_fma(p, u, v_set(0.009238645434379578f));
  p = v_fma(p, u, v_set(0.13198739290237427f));
  p = v_fma(p, u, v_set(-0.4336921274662018f));
  vf p_first = v_set(0.7066566348075867f), p_high = v_fma(p, u, p_first);
  vf p_low = v_fma(p, u, p_first - p_high) + v_set(2.1244449754931338e-08f);
  vf far = p_high * inverse;
  vf far_low = (v_fma(-far, sum_low, v_fma(-far, sum, p_high)) + p_low) * inverse;

  vi is_near = a < v_set(1.0f);
  vf head = v_select(is_near, near, far), low = v_select(is_near, near_low, far_low);
  vf share = x * head, share_low = v_fma(x, low, v_fma(x, head, -share));
  vf power = -half * square;
  vf shifted = v_fma(power, v_set(1.44269504088896341f), v_set(ROUND_SHIFT));
  vf n = shifted - v_set(ROUND_SHIFT);
  vf r = v_fma(n, v_set(-0.693359375f), power) + v_fma(n, v_set(2.12194440e-4f), -half * rest);
  vf e = share + v_fma(v_expm1_reduced(r), share, share_low);
  vi exponent = v_integer(shifted), first = exponent >> 1;
  return v_select(is_near, share + share_low, e * v_power_of_two(first) * v_power_of_two(exponent - first));
}
