// The random slopes of randomized leaky ReLU, written once; see `elementary.h`. Besides what stands there the including
// file gives `vu`, v_broadcast_word, v_high_product and v_unit_float.

/// Four random words for each lane, from the counter (words[0], …, words[3]) under a key, in place.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC '11, doi:10.1145/2063384.2063405.
INLINE void v_philox(vu words[4], uint64_t key) {
  uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    vu first = words[0], second = words[2];
    words[0] = v_high_product(second, 0xCD9E8D57u) ^ words[1] ^ v_broadcast_word(key0);
    words[1] = second * v_broadcast_word(0xCD9E8D57u);
    words[2] = v_high_product(first, 0xD2511F53u) ^ words[3] ^ v_broadcast_word(key1);
    words[3] = first * v_broadcast_word(0xD2511F53u);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/// The slopes of units 4·block … 4·block + 3 for the samples of a counter's lanes.
INLINE void v_random_slopes(const nk_random_slopes *r, size_t block, vu samples, vf slopes[4]) {
  vu words[4] = {v_broadcast_word((uint32_t)block), samples, v_broadcast_word(r->step), v_broadcast_word(r->stream)};
  v_philox(words, r->seed);
  vf range = v_set(r->activation.b - r->activation.a);
  for (int i = 0; i < 4; i++) slopes[i] = v_fma(range, v_unit_float(words[i]), v_set(r->activation.a));
}
