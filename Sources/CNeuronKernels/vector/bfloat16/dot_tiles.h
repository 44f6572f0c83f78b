// Register tiles of dot products: those of `matrix_tiles.h` with pairs where these have floats.
//
//     c[r][lane] = seed + Σ_k dot(a(r, k), b[k][lane])        k counts pairs
//
//   ROWS     a(r,k) = word k mod 16 of the 64-byte row a[panel(k)][r]    forward, weight gradient
//   COLUMNS  a(r,k) = word r of the 128-byte row a[k]                    backward data
//
// The array extents are macro literals on purpose: with a variable extent clang would keep the accumulators in memory.

#define PAIRS_OF_ROW (NK_LANES / 2)

/// Arguments common to all tiles. `b` and `c` rows are 32 words apart, whatever the lanes computed.
typedef struct dot_tile_arguments {
  const uint32_t *a;
  size_t a_panel_stride;  // words from one 16-pair panel of A to the next; ROWS only
  const uint32_t *b;
  float *c;
  const float *row_values;
  size_t depth;
  tile_seed seed;
  tile_outlook next;  // asked for with every 16 pairs of a ROWS tile
} dot_tile_arguments;

#define DOT_BEGIN(R, V)                                                                                                \
  vf c[R][V];                                                                                                          \
  FOR_ROWS(R) FOR_VECTORS(V) {                                                                                         \
    c[r][j] = t->seed == TILE_FROM_C            ? v_load(t->c + r * NK_LANES + j * VW)                                 \
              : t->seed == TILE_FROM_ROW_VALUES ? v_set(t->row_values[r])                                              \
                                                : v_set(0.0f);                                                         \
  }                                                                                                                    \
  const uint32_t *a = t->a, *b = t->b;

#define DOT_STEP(R, V, A_OF_ROW)                                                                                       \
  {                                                                                                                    \
    vu x[V];                                                                                                           \
    FOR_VECTORS(V) x[j] = v_load_pairs(b + j * VW);                                                                    \
    FOR_ROWS(R) {                                                                                                      \
      vu s = (vu)(A_OF_ROW);                                                                                           \
      FOR_VECTORS(V) c[r][j] = V_DOT(c[r][j], s, x[j]);                                                                \
    }                                                                                                                  \
    b += NK_LANES;                                                                                                     \
  }

// The next 16 pairs of A lie a whole panel stride away, often on another page, where no hardware prefetcher looks.
#define DOT_PREFETCH(R) FOR_ROWS(R) __builtin_prefetch(a + t->a_panel_stride + r * PAIRS_OF_ROW, 0, 3);

#define DEFINE_DOT_TILE(R, V)                                                                                          \
  static void rows_dot_tile_##R##x##V(const dot_tile_arguments *t) {                                                   \
    DOT_BEGIN(R, V)                                                                                                    \
    tile_outlook next = t->next;                                                                                       \
    size_t whole = t->depth / PAIRS_OF_ROW, rest = t->depth % PAIRS_OF_ROW;                                            \
    for (; whole > 0; whole--, a += t->a_panel_stride) {                                                               \
      if (whole > 1) DOT_PREFETCH(R)                                                                                   \
      prefetch_outlook(&next);                                                                                         \
      _Pragma("clang loop unroll_count(4)") for (int k = 0; k < PAIRS_OF_ROW; k++)                                     \
          DOT_STEP(R, V, a[r * PAIRS_OF_ROW + k])                                                                      \
    }                                                                                                                  \
    _Pragma("clang loop unroll(disable)") for (size_t k = 0; k < rest; k++) DOT_STEP(R, V, a[r * PAIRS_OF_ROW + k])    \
    TILE_END(R, V)                                                                                                     \
  }                                                                                                                    \
  static void columns_dot_tile_##R##x##V(const dot_tile_arguments *t) {                                                \
    DOT_BEGIN(R, V)                                                                                                    \
    _Pragma("clang loop unroll_count(4)") for (size_t k = t->depth; k > 0; k--, a += NK_LANES) DOT_STEP(R, V, a[r])    \
    TILE_END(R, V)                                                                                                     \
  }

typedef void (*dot_tile_function)(const dot_tile_arguments *);

#if VW == 16
// 32 registers: up to 12 × 2 accumulators, an even number of rows so that no pair of outputs straddles two tiles; 2 vectors
// of B and 1 broadcast, or their 6 halves in the emulation.
#define DOT_TILE_MAX_ROWS 12
#define DOT_TILE_MAX_LANES 32
#define DEFINE_DOT_TILES(R) DEFINE_DOT_TILE(R, 1) DEFINE_DOT_TILE(R, 2)
#define DOT_ROWS_ENTRY(R) {rows_dot_tile_##R##x1, rows_dot_tile_##R##x2}
#define DOT_COLUMNS_ENTRY(R) {columns_dot_tile_##R##x1, columns_dot_tile_##R##x2}
#define DOT_TILE_TABLE(ENTRY)                                                                                          \
  {{0},      ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4),  ENTRY(5),  ENTRY(6),                                             \
   ENTRY(7), ENTRY(8), ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12)}
DEFINE_DOT_TILES(5)
DEFINE_DOT_TILES(6)
DEFINE_DOT_TILES(7)
DEFINE_DOT_TILES(8)
DEFINE_DOT_TILES(9)
DEFINE_DOT_TILES(10)
DEFINE_DOT_TILES(11)
DEFINE_DOT_TILES(12)
#else
// 16 registers: up to 4 × 2 accumulators and 6 halves of operands; a full panel takes two tiles.
#define DOT_TILE_MAX_ROWS 4
#define DOT_TILE_MAX_LANES 16
#define DEFINE_DOT_TILES(R) DEFINE_DOT_TILE(R, 2)
#define DOT_ROWS_ENTRY(R) {rows_dot_tile_##R##x2}
#define DOT_COLUMNS_ENTRY(R) {columns_dot_tile_##R##x2}
#define DOT_TILE_TABLE(ENTRY) {{0}, ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4)}
#endif
DEFINE_DOT_TILES(1)
DEFINE_DOT_TILES(2)
DEFINE_DOT_TILES(3)
DEFINE_DOT_TILES(4)
static const dot_tile_function rows_dot_tiles[][2] = DOT_TILE_TABLE(DOT_ROWS_ENTRY);
static const dot_tile_function columns_dot_tiles[][2] = DOT_TILE_TABLE(DOT_COLUMNS_ENTRY);

/// Runs a tile of `rows` ≤ DOT_TILE_MAX_ROWS rows over the first `lanes` (16 or 32) lanes.
///
/// Always through the table: no compiler moves a multiply-add of the tile across a call it cannot see through.
INLINE void run_dot_tile(const dot_tile_function table[][2], dot_tile_arguments t, size_t rows, size_t lanes) {
  uint32_t mode = enter_dot_mode();
#if DOT_TILE_MAX_LANES == 32
  table[rows][lanes == NK_LANES](&t);
#else
  table[rows][0](&t);
  if (lanes == NK_LANES) {
    t.b += DOT_TILE_MAX_LANES;
    t.c += DOT_TILE_MAX_LANES;
    table[rows][0](&t);
  }
#endif
  leave_dot_mode(mode);
}

INLINE size_t dot_tile_count(size_t rows) { return (rows + DOT_TILE_MAX_ROWS - 1) / DOT_TILE_MAX_ROWS; }

/// The first row of tile `tile`, always even, when `rows` rows are cut into `tiles` tiles as even as pairs allow.
INLINE size_t dot_tile_start(size_t rows, size_t tiles, size_t tile) {
  size_t start = 2 * tile_start((rows + 1) / 2, tiles, tile);
  return start < rows ? start : rows;
}
