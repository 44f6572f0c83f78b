// The values of layers that are no activations, written once; see `elementary.h` and `philox.h`. Besides what those use the
// including file gives v_float.

/// A combination of two values; `combination` is a constant of the loop that calls it.
INLINE vf v_combine(nk_combination combination, vf v, vf o, vf a, vf b) {
  const vf zero = v_set(0.0f);
  switch (combination) {
  case NK_COMBINE_ADD:
    return v + o;
  case NK_COMBINE_MULTIPLY:
    return v * o;
  case NK_COMBINE_PENALTY:
    return v + v_fma(b, o, v_select(o > zero, a, v_select(o < zero, -a, zero)));
  case NK_COMBINE_SCALE:
    return v * a;
  default:
    return v_select(v < a, a, v);
  }
}

/// The number below which a normal draw lies with probability q, for q in 2⁻³³ … ½.
///
/// Source: P. J. Acklam's rational approximation, 2003; in single precision its sums leave errors below 1e-5.
INLINE vf v_lower_normal_quantile(vf q) {
  vf r = q - v_set(0.5f), s = r * r;
  vf above = v_fma(v_set(-39.69683028665376f), s, v_set(220.9460984245205f));
  above = v_fma(above, s, v_set(-275.9285104469687f));
  above = v_fma(above, s, v_set(138.357751867269f));
  above = v_fma(above, s, v_set(-30.66479806614716f));
  above = v_fma(above, s, v_set(2.506628277459239f));
  vf below = v_fma(v_set(-54.47609879822406f), s, v_set(161.5858368580409f));
  below = v_fma(below, s, v_set(-155.6989798598866f));
  below = v_fma(below, s, v_set(66.80131188771972f));
  below = v_fma(below, s, v_set(-13.28068155288572f));
  below = v_fma(below, s, v_set(1.0f));
  vf central = above * r / below;

  vf t = v_sqrt(v_set(-2.0f) * v_log(q));
  vf tail_above = v_fma(v_set(-0.007784894002430293f), t, v_set(-0.3223964580411365f));
  tail_above = v_fma(tail_above, t, v_set(-2.400758277161838f));
  tail_above = v_fma(tail_above, t, v_set(-2.549732539343734f));
  tail_above = v_fma(tail_above, t, v_set(4.374664141464968f));
  tail_above = v_fma(tail_above, t, v_set(2.938163982698783f));
  vf tail_below = v_fma(v_set(0.007784695709041462f), t, v_set(0.3224671290700398f));
  tail_below = v_fma(tail_below, t, v_set(2.445134137142996f));
  tail_below = v_fma(tail_below, t, v_set(3.754408661907416f));
  tail_below = v_fma(tail_below, t, v_set(1.0f));
  return v_select(q < v_set(0.02425f), tail_above / tail_below, central);
}

/// A normal number of a random word.
INLINE vf v_normal(vu word) {
  vf q = (v_float((vi)(word & 0x7fffffffu)) + v_set(0.5f)) * v_set(0x1p-32f);
  vf n = v_lower_normal_quantile(q);
  return v_select((vi)word < 0, -n, n);
}

/// The random words of features 4·block … 4·block + 3 for the samples of the lanes.
INLINE void v_random_words(const nk_random_change *r, size_t block, vu samples, vu words[4]) {
  words[0] = v_broadcast_word((uint32_t)block);
  words[1] = samples;
  words[2] = v_broadcast_word(r->step);
  words[3] = v_broadcast_word(r->stream);
  v_philox(words, r->seed);
}

