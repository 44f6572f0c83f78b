// The source of nk_project for one instruction set. The including file defines PROJECTION_ROWS and PROJECTION_NAME, and
// pushes the target attribute around this include. A tile of PROJECTION_ROWS² overlaps, or of PROJECTION_ROWS vectors by 8
// places, stays in registers; which tile a number is in changes no bit.

#define ROWS PROJECTION_ROWS
#define NAMED_(name, suffix) name##_##suffix
#define NAMED(name, suffix) NAMED_(name, suffix)

static inline void NAMED(overlap_tile, PROJECTION_NAME)(const nk_projection *p, size_t i0, size_t rows, size_t j0,
                                                        size_t columns, size_t first, size_t end) {
  eight sums[ROWS][ROWS];
  const double *x[ROWS], *q[ROWS];
  for (size_t r = 0; r < ROWS; r++) {
    // Beyond the last, the first once more: its numbers are not kept.
    x[r] = p->vectors + (i0 + (r < rows ? r : 0)) * p->length;
    q[r] = p->basis + (j0 + (r < columns ? r : 0)) * p->length;
    for (size_t c = 0; c < ROWS; c++) sums[r][c] = (eight)0.0;
  }
  for (size_t k = first; k < end; k += 8) {
    eight b[ROWS];
    _Pragma("clang loop unroll(full)") for (size_t c = 0; c < ROWS; c++) b[c] = LOAD_EIGHT(q[c] + k);
    _Pragma("clang loop unroll(full)") for (size_t r = 0; r < ROWS; r++) {
      eight a = LOAD_EIGHT(x[r] + k);
      _Pragma("clang loop unroll(full)") for (size_t c = 0; c < ROWS; c++) sums[r][c] += a * b[c];
    }
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++) {
      double lanes[8];
      STORE_EIGHT(lanes, sums[r][c]);
      p->overlaps[(i0 + r) * p->basis_count + j0 + c] += fold_eight(lanes);
    }
}

static inline void NAMED(subtract_tile, PROJECTION_NAME)(const nk_projection *p, size_t i0, size_t rows, size_t k) {
  eight values[ROWS];
  const double *overlaps[ROWS];
  _Pragma("clang loop unroll(full)") for (size_t r = 0; r < ROWS; r++) {
    size_t i = i0 + (r < rows ? r : 0);
    values[r] = LOAD_EIGHT(p->vectors + i * p->length + k);
    overlaps[r] = p->overlaps + i * p->basis_count;
  }
  for (size_t j = 0; j < p->basis_count; j++) {
    eight b = LOAD_EIGHT(p->basis + j * p->length + k);
    _Pragma("clang loop unroll(full)") for (size_t r = 0; r < ROWS; r++) values[r] -= overlaps[r][j] * b;
  }
  for (size_t r = 0; r < rows; r++) STORE_EIGHT(p->vectors + (i0 + r) * p->length + k, values[r]);
}

static void NAMED(project, PROJECTION_NAME)(const nk_projection *p) {
  for (size_t n = 0; n < p->count * p->basis_count; n++) p->overlaps[n] = 0.0;
  // A piece of all vectors and of the basis stays in the second-level cache while the tiles go over it.
  for (size_t first = 0; first < p->length; first += NK_PROJECTION_PIECE) {
    size_t end = p->length - first < NK_PROJECTION_PIECE ? p->length : first + NK_PROJECTION_PIECE;
    for (size_t i = 0; i < p->count; i += ROWS)
      for (size_t j = 0; j < p->basis_count; j += ROWS)
        NAMED(overlap_tile, PROJECTION_NAME)(p, i, p->count - i < ROWS ? p->count - i : ROWS, j,
                                             p->basis_count - j < ROWS ? p->basis_count - j : ROWS, first, end);
  }
  for (size_t k = 0; k < p->length; k += 8)
    for (size_t i = 0; i < p->count; i += ROWS)
      NAMED(subtract_tile, PROJECTION_NAME)(p, i, p->count - i < ROWS ? p->count - i : ROWS, k);
}

#undef ROWS
#undef NAMED
#undef NAMED_
#undef PROJECTION_ROWS
#undef PROJECTION_NAME
