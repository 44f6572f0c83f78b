// Floats into bfloat16 words and pairs, and back. V_ROUND_WORDS is the instruction set's way to round.

typedef uint16_t vw __attribute__((ext_vector_type(2 * VW)));
typedef uint16_t vw_half __attribute__((ext_vector_type(VW)));

#if VW == 16
#define V_LOW_WORDS(w) __builtin_shufflevector(w, w, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define EACH_PAIR(EVEN, ODD)                                                                                           \
  EVEN(0), ODD(0), EVEN(1), ODD(1), EVEN(2), ODD(2), EVEN(3), ODD(3), EVEN(4), ODD(4), EVEN(5), ODD(5), EVEN(6),       \
      ODD(6), EVEN(7), ODD(7), EVEN(8), ODD(8), EVEN(9), ODD(9), EVEN(10), ODD(10), EVEN(11), ODD(11), EVEN(12),       \
      ODD(12), EVEN(13), ODD(13), EVEN(14), ODD(14), EVEN(15), ODD(15)
#else
#define V_LOW_WORDS(w) __builtin_shufflevector(w, w, 0, 1, 2, 3, 4, 5, 6, 7)
#define EACH_PAIR(EVEN, ODD)                                                                                           \
  EVEN(0), ODD(0), EVEN(1), ODD(1), EVEN(2), ODD(2), EVEN(3), ODD(3), EVEN(4), ODD(4), EVEN(5), ODD(5), EVEN(6),       \
      ODD(6), EVEN(7), ODD(7)
#endif
#define LOW_OF_EVEN(i) (i)
#define LOW_OF_ODD(i) (2 * VW + (i))
#define HIGH_OF_EVEN(i) (VW + (i))
#define HIGH_OF_ODD(i) (3 * VW + (i))

INLINE vu v_load_pairs(const uint32_t *p) { return *(const vu *)p; }
INLINE void v_store_pairs(uint32_t *p, vu pairs) { *(vu *)p = pairs; }

/// The even and the odd elements of pairs, as floats.
INLINE vf v_even_of(vu pairs) { return (vf)(pairs << 16); }
INLINE vf v_odd_of(vu pairs) { return (vf)(pairs & 0xffff0000u); }

/// Words of two rows side by side: pairs of their first and of their second half.
INLINE vu v_low_pairs(vw even, vw odd) { return (vu)__builtin_shufflevector(even, odd, EACH_PAIR(LOW_OF_EVEN, LOW_OF_ODD)); }
INLINE vu v_high_pairs(vw even, vw odd) { return (vu)__builtin_shufflevector(even, odd, EACH_PAIR(HIGH_OF_EVEN, HIGH_OF_ODD)); }

/// The words of the lanes from `i` on, VW of them and, where the lanes go on, VW more.
INLINE vw v_words_of_row(const float *row, size_t i, size_t lanes) {
  vf low = v_load(row + i), high = v_set(0.0f);
  if (lanes - i >= 2 * VW) high = v_load(row + i + VW);
  return V_ROUND_WORDS(low, high);
}

/// Stores the words of the lanes from `i` on: 2·VW of them, or where the lanes end before, VW.
INLINE void v_store_words(uint16_t *row, size_t i, size_t lanes, vw words) {
  if (lanes - i >= 2 * VW)
    *(vw *)(row + i) = words;
  else
    *(vw_half *)(row + i) = V_LOW_WORDS(words);
}

/// Rounds `rows` float rows, `lanes` (16 or 32) of each, into word rows and pair rows; an odd last row is paired with zero.
INLINE void pack_rows(const float *values, size_t rows, size_t lanes, uint16_t *value_rows, uint32_t *value_pairs) {
  for (size_t r = 0; r < rows; r += 2) {
    for (size_t i = 0; i < lanes; i += 2 * VW) {
      const float *row = values + r * NK_LANES;
      vw even = v_words_of_row(row, i, lanes), odd = 0;
      if (r + 1 < rows) odd = v_words_of_row(row + NK_LANES, i, lanes);
      if (value_rows) {
        v_store_words(value_rows + r * NK_LANES, i, lanes, even);
        if (r + 1 < rows) v_store_words(value_rows + (r + 1) * NK_LANES, i, lanes, odd);
      }
      if (value_pairs) {
        uint32_t *pairs = value_pairs + r / 2 * NK_LANES + i;
        v_store_pairs(pairs, v_low_pairs(even, odd));
        if (lanes - i >= 2 * VW) v_store_pairs(pairs + VW, v_high_pairs(even, odd));
      }
    }
  }
}

/// The floats of `rows` features from their pair rows, `lanes` of each.
INLINE void unpack_pairs(const uint32_t *pairs, size_t rows, size_t lanes, float *values) {
  for (size_t r = 0; r < rows; r += 2) {
    for (size_t i = 0; i < lanes; i += VW) {
      vu both = v_load_pairs(pairs + r / 2 * NK_LANES + i);
      v_store(values + r * NK_LANES + i, v_even_of(both));
      if (r + 1 < rows) v_store(values + (r + 1) * NK_LANES + i, v_odd_of(both));
    }
  }
}

static void bf16_pack(const nk_bf16_pack *p) {
  size_t rows = nk_panel_rows(p->features), pair_rows = nk_panel_rows((p->features + 1) / 2);
  for (size_t panel = 0; panel * NK_LANES < p->samples; panel++) {
    size_t at = (panel * rows + p->first_row) * NK_LANES;
    size_t pairs_at = (panel * pair_rows + p->first_row / 2) * NK_LANES;
    size_t lanes = active_lanes(p->samples - panel * NK_LANES);
    pack_rows(p->values + at, p->rows, lanes, p->value_rows ? p->value_rows + at : NULL,
              p->value_pairs ? p->value_pairs + pairs_at : NULL);
  }
}

static void pack_panels(size_t samples, size_t features, const float *values, uint16_t *rows, uint32_t *pairs) {
  nk_bf16_pack whole = {samples, features, 0, features, values, rows, pairs};
  bf16_pack(&whole);
}

/// The pairs of two outputs are the columns as they are.
static void bf16_pack_weights(const nk_bf16_pack_weights *p) {
  pack_rows(p->weights + p->first_row * NK_LANES, p->rows, NK_LANES, p->weight_rows + p->first_row * NK_LANES,
            p->weight_columns + p->first_row / 2 * NK_LANES);
}
