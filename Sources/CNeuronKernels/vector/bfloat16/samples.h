// Samples into pairs and sample pairs, and sums over samples.

// 256-bit blocks of four 64-bit elements: one such element is two lanes of a pair row, four halves.
typedef uint64_t quad_row __attribute__((ext_vector_type(4)));
typedef uint16_t quad_words __attribute__((ext_vector_type(16)));

/// In each 64-bit element the 2 × 2 block of halves, transposed: (a, b), (c, d) becomes (a, c), (b, d).
INLINE quad_row load_quads(const uint32_t *p) {
  quad_words words = *(const quad_words *)p;
  return (quad_row)__builtin_shufflevector(words, words, 0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
}

/// lanes/2 pair rows of 2·rows lanes from `rows` pair rows of `lanes` lanes (8 or 16, 16 or 32), the roles exchanged.
///
/// With rows of features it gives rows of samples, and with rows of samples those of features: up to 16 × 16 elements that
/// are 2 × 2 blocks of halves, transposed within and without.
INLINE void exchange_pairs(const uint32_t *source, size_t rows, size_t lanes, uint32_t *destination) {
  for (size_t r = 0; r < rows; r += 4) {
    for (size_t c = 0; c < lanes; c += 8) {
      const uint32_t *from = source + r * NK_LANES + c;
      uint32_t *to = destination + c / 2 * NK_LANES + 2 * r;
      quad_row r0 = load_quads(from), r1 = load_quads(from + NK_LANES);
      quad_row r2 = load_quads(from + 2 * NK_LANES), r3 = load_quads(from + 3 * NK_LANES);
      quad_row a0 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6), a1 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
      quad_row a2 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6), a3 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
      *(quad_row *)to = __builtin_shufflevector(a0, a2, 0, 1, 4, 5);
      *(quad_row *)(to + NK_LANES) = __builtin_shufflevector(a1, a3, 0, 1, 4, 5);
      *(quad_row *)(to + 2 * NK_LANES) = __builtin_shufflevector(a0, a2, 2, 3, 6, 7);
      *(quad_row *)(to + 3 * NK_LANES) = __builtin_shufflevector(a1, a3, 2, 3, 6, 7);
    }
  }
}

/// Zeroes what stands in sample pairs of `lanes` samples for those from `active` on.
INLINE void clear_samples(uint32_t *sample_pairs, size_t active, size_t lanes) {
  if (active % 2)
    for (size_t i = 0; i < NK_LANES; i++) sample_pairs[active / 2 * NK_LANES + i] &= 0xffffu;
  size_t first = (active + 1) / 2;
  memset(sample_pairs + first * NK_LANES, 0, (lanes / 2 - first) * NK_LANES * sizeof(uint32_t));
}

static void bf16_transpose(const nk_bf16_transpose *t) {
  size_t pair_rows = nk_panel_rows((t->features + 1) / 2), end = t->first_row + t->rows;
  for (size_t first = 0; first < t->samples; first += NK_LANES) {
    size_t active = smaller(t->samples - first, NK_LANES), lanes = active_lanes(active);
    for (size_t feature = t->first_row; feature < end; feature += NK_LANES) {
      size_t rows = smaller((end - feature + 1) / 2, NK_LANES / 2);
      const uint32_t *source = t->pairs + first * pair_rows + feature / 2 * NK_LANES;
      uint32_t *destination = t->sample_pairs + feature * (t->capacity / 2) + (t->first_sample + first) / 2 * NK_LANES;
      // A ragged panel is completed with zero rows first, so that nothing beyond the source's last row is read.
      _Alignas(64) uint32_t completed[NK_LANES / 2 * NK_LANES];
      if (rows < NK_LANES / 2) {
        for (size_t r = 0; r < rows; r++)
          memcpy(completed + r * NK_LANES, source + r * NK_LANES, lanes * sizeof(uint32_t));
        memset(completed + rows * NK_LANES, 0, (NK_LANES / 2 - rows) * NK_LANES * sizeof(uint32_t));
        source = completed;
      }
      exchange_pairs(source, NK_LANES / 2, lanes, destination);
      clear_samples(destination, active, lanes);
    }
  }
}

/// Brings 32 features of a panel's samples in: scaled rows, rounded to sample pairs, and from there to pairs.
INLINE void gather_pairs(const nk_bf16_gather *g, size_t first, size_t feature) {
  _Alignas(64) float rows[NK_LANES * NK_LANES];
  _Alignas(64) uint32_t exchanged[NK_LANES / 2 * NK_LANES];
  const nk_gather *s = &g->source;
  size_t active = smaller(s->samples - first, NK_LANES), lanes = active_lanes(active);
  size_t left = s->first_row + s->rows - feature;
  size_t pair_rows = nk_panel_rows((s->features + 1) / 2);
  if (left <= NK_LANES / 2) memset(rows, 0, sizeof rows);  // only half of each row is gathered
  if (s->element == NK_ELEMENT_UINT8)
    gather_rows(s, NK_ELEMENT_UINT8, s->indices + first, active, feature, left, rows);
  else
    gather_rows(s, NK_ELEMENT_FLOAT32, s->indices + first, active, feature, left, rows);
  uint32_t *sample_pairs = g->sample_pairs + feature * (s->capacity / 2) + (s->first_sample + first) / 2 * NK_LANES;
  pack_rows(rows, active, NK_LANES, NULL, sample_pairs);
  clear_samples(sample_pairs, active, lanes);
  uint32_t *pairs = g->pairs + first * pair_rows + feature / 2 * NK_LANES;
  bool whole = left >= NK_LANES;
  exchange_pairs(sample_pairs, lanes / 2, NK_LANES, whole ? pairs : exchanged);
  for (size_t r = 0; r < (left + 1) / 2 && !whole; r++)
    memcpy(pairs + r * NK_LANES, exchanged + r * NK_LANES, lanes * sizeof(uint32_t));
}

static void bf16_gather(const nk_bf16_gather *g) {
  const nk_gather *s = &g->source;
  for (size_t block = 0; block < GATHER_LOOKAHEAD; block++) prefetch_block(s, 0, s->first_row + block * NK_LANES);
  for (size_t first = 0; first < s->samples; first += NK_LANES) {
    for (size_t feature = s->first_row; feature < s->first_row + s->rows; feature += NK_LANES) {
      prefetch_block(s, first, feature + GATHER_LOOKAHEAD * NK_LANES);
      gather_pairs(g, first, feature);
    }
  }
}

static void bf16_sample_sums(const nk_bf16_sample_sums *s) {
  _Alignas(64) float lanes[NK_LANES];
  size_t features = nk_panel_rows(s->features);
  for (size_t r = 0; r < s->rows; r++) {
    const uint16_t *row = s->values + (s->first_row + r) * NK_LANES;
    for (size_t i = 0; i < NK_LANES; i += VW) {
      vf sum = v_set(0.0f);
      for (size_t first = 0; first < s->samples; first += NK_LANES) {
        const vw_half *words = (const vw_half *)(row + first * features + i);
        vf values = (vf)(__builtin_convertvector(*words, vu) << 16);
        if (first + NK_LANES > s->samples)
          values = v_select(v_lanes_below(i, s->samples - first), values, v_set(0.0f));
        sum += values;
      }
      v_store(lanes + i, sum);
    }
    s->sums[r] = fold_lanes(lanes);
  }
}
