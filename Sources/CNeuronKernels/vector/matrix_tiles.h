// Register tiles: the inner products of all three matrix products.
//
// A tile is R rows × 32 or 16 lanes of C held in registers while the reduction index k walks `depth` steps; each step
// broadcasts R scalars of A and multiplies them with the same V vectors of B:
//
//     c[r][lane] = seed + Σ_k a(r, k)·b[k][lane]
//
// A comes in panels of 32 k (or rows) and is read in one of two ways, both along contiguous memory:
//   ROWS     a(r,k) = a[panel(k)][r][k mod 32]     forward (a = weights), weight gradient (a = output gradients)
//   COLUMNS  a(r,k) = a[k][r]                      backward data (a = weights of one input panel)
// The array extents are macro literals on purpose: with a variable extent clang would keep the accumulators in memory.

/// What a tile starts from.
typedef enum tile_seed { TILE_FROM_ZERO, TILE_FROM_ROW_VALUES, TILE_FROM_C } tile_seed;

/// Rows of 32 floats that will be read after this tile: some of them asked for with every 32 k of it, so that they come from
/// beyond the L2 cache while it computes, and never so many at once that its own reads must wait.
typedef struct tile_stream {
  const float *row;
  size_t rows, advance;  // rows each time, and floats from one time to the next
  bool written;          // taken from other cores at once, rather than shared with them until the store
} tile_stream;

INLINE tile_stream read_stream(const float *row, size_t rows, size_t advance) {
  return (tile_stream){row, rows, advance, false};
}

INLINE tile_stream written_stream(const float *row, size_t rows, size_t advance) {
  return (tile_stream){row, rows, advance, true};
}

/// What a tile asks for on behalf of others; a stream without rows is none.
typedef struct tile_outlook {
  tile_stream streams[4];
} tile_outlook;

/// Arguments common to all tiles. `b` and `c` rows are 32 floats apart, whatever the lanes computed.
typedef struct tile_arguments {
  const float *a;
  size_t a_panel_stride;  // floats from one 32-k panel of A to the next; ROWS only
  const float *b;
  float *c;
  const float *row_values;
  size_t depth;
  tile_seed seed;
  tile_outlook next;
} tile_arguments;

#define FOR_ROWS(R) _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++)
#define FOR_VECTORS(V) _Pragma("clang loop unroll(full)") for (int j = 0; j < V; j++)

#define TILE_BEGIN(R, V)                                                                                               \
  vf c[R][V];                                                                                                          \
  FOR_ROWS(R) FOR_VECTORS(V) {                                                                                         \
    c[r][j] = t->seed == TILE_FROM_C            ? v_load(t->c + r * NK_LANES + j * VW)                                 \
              : t->seed == TILE_FROM_ROW_VALUES ? v_set(t->row_values[r])                                              \
                                                : v_set(0.0f);                                                         \
  }                                                                                                                    \
  const float *a = t->a, *b = t->b;                                                                                    \
  tile_outlook next = t->next;                                                                                         \
  size_t whole = t->depth / NK_LANES, rest = t->depth % NK_LANES;

#define TILE_STEP(R, V, A_OF_ROW)                                                                                      \
  {                                                                                                                    \
    vf x[V];                                                                                                           \
    FOR_VECTORS(V) x[j] = v_load(b + j * VW);                                                                          \
    if (TILE_LOOKAHEAD) FOR_VECTORS(V) __builtin_prefetch(b + TILE_LOOKAHEAD * NK_LANES + j * VW, 0, 3);               \
    FOR_ROWS(R) {                                                                                                      \
      vf s = v_set(A_OF_ROW);                                                                                          \
      FOR_VECTORS(V) c[r][j] = v_fma(s, x[j], c[r][j]);                                                                \
    }                                                                                                                  \
    b += NK_LANES;                                                                                                     \
  }

// The next 32 k of A lie a whole panel stride away, often on another page, where no hardware prefetcher looks.
#define TILE_PREFETCH(R)                                                                                               \
  FOR_ROWS(R) {                                                                                                        \
    __builtin_prefetch(a + t->a_panel_stride + r * NK_LANES, 0, 3);                                                    \
    __builtin_prefetch(a + t->a_panel_stride + r * NK_LANES + 16, 0, 3);                                               \
  }

INLINE void prefetch_row(const float *row, bool written) {
  if (written) {
    __builtin_prefetch(row, 1, 2);
    __builtin_prefetch(row + 16, 1, 2);
  } else {
    __builtin_prefetch(row, 0, 2);
    __builtin_prefetch(row + 16, 0, 2);
  }
}

INLINE void prefetch_stream(tile_stream *stream) {
  for (size_t r = 0; r < stream->rows; r++) prefetch_row(stream->row + r * NK_LANES, stream->written);
  if (stream->rows) stream->row += stream->advance;
}

INLINE void prefetch_outlook(tile_outlook *next) {
  for (int i = 0; i < 4; i++) prefetch_stream(&next->streams[i]);
}

#define TILE_END(R, V) FOR_ROWS(R) FOR_VECTORS(V) v_store(t->c + r * NK_LANES + j * VW, c[r][j]);

#define DEFINE_TILE(R, V)                                                                                              \
  static void rows_tile_##R##x##V(const tile_arguments *t) {                                                           \
    TILE_BEGIN(R, V)                                                                                                   \
    for (; whole > 0; whole--, a += t->a_panel_stride) {                                                               \
      if (whole > 1) TILE_PREFETCH(R)                                                                                  \
      prefetch_outlook(&next);                                                                                         \
      _Pragma("clang loop unroll_count(4)") for (int k = 0; k < NK_LANES; k++) TILE_STEP(R, V, a[r * NK_LANES + k])    \
    }                                                                                                                  \
    _Pragma("clang loop unroll(disable)") for (size_t k = 0; k < rest; k++) TILE_STEP(R, V, a[r * NK_LANES + k])       \
    TILE_END(R, V)                                                                                                     \
  }                                                                                                                    \
  static void columns_tile_##R##x##V(const tile_arguments *t) {                                                        \
    TILE_BEGIN(R, V)                                                                                                   \
    for (; whole > 0; whole--) {                                                                                       \
      prefetch_outlook(&next);                                                                                         \
      _Pragma("clang loop unroll_count(4)") for (int k = 0; k < NK_LANES; k++, a += NK_LANES) TILE_STEP(R, V, a[r])    \
    }                                                                                                                  \
    _Pragma("clang loop unroll(disable)") for (; rest > 0; rest--, a += NK_LANES) TILE_STEP(R, V, a[r])                \
    TILE_END(R, V)                                                                                                     \
  }

typedef void (*tile_function)(const tile_arguments *);

#include TILE_SHAPES

/// Runs a tile of `rows` ≤ TILE_MAX_ROWS rows and `lanes` (16 or 32) ≤ TILE_MAX_LANES lanes.
INLINE void run_tile(const tile_function table[][2], const tile_arguments *t, size_t rows, size_t lanes) {
  table[rows][lanes == NK_LANES](t);
}

/// The first row of tile `tile` when `rows` rows are cut into `tiles` tiles whose heights differ by at most one.
INLINE size_t tile_start(size_t rows, size_t tiles, size_t tile) {
  size_t height = rows / tiles, taller = rows % tiles;
  return tile * height + (tile < taller ? tile : taller);
}

INLINE size_t tile_count(size_t rows) { return (rows + TILE_MAX_ROWS - 1) / TILE_MAX_ROWS; }
