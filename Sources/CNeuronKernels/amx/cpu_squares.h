// Squares of sums in the CPU's tile registers (AMX, TDPBF16PS), which know one floating-point mode only, ours.
//
// Eight registers of 16 rows of 64 bytes:
//   0 1    sums of the upper 16 rows, lanes 0–15 and 16–31      4    upper rows of A      6    lanes 0–15 of B
//   2 3    sums of the lower rows                               5    lower rows of A      7    lanes 16–31 of B
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, TDPBF16PS, LDTILECFG.

#include "../vector/bfloat16/squares.h"

/// How many rows the registers have now; 0 while they are not in use.
typedef struct square_mode {
  size_t rows;
} square_mode;

/// What LDTILECFG reads.
typedef struct tile_configuration {
  uint8_t palette, first_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_configuration;

#define TILE_ROWS 16
#define TILE_ROW_BYTES 64

/// Gives the registers of sums and of A as many rows as a square has, so that no row beyond is read or written.
INLINE void enter_squares(square_mode *mode, size_t rows) {
  if (mode->rows == rows) return;
  mode->rows = rows;
  uint8_t upper = (uint8_t)smaller(rows, TILE_ROWS), lower = (uint8_t)(rows - upper);
  tile_configuration tiles = {.palette = 1, .rows = {upper, upper, lower, lower, upper, lower, TILE_ROWS, TILE_ROWS}};
  for (int tile = 0; tile < 8; tile++) tiles.row_bytes[tile] = tiles.rows[tile] ? TILE_ROW_BYTES : 0;
  _tile_loadconfig(&tiles);
}

/// Gives the registers back: whoever runs next on this core need not save them.
INLINE void leave_squares(square_mode *mode) {
  if (mode->rows) _tile_release();
}

#define ROW_BYTES (NK_LANES * sizeof(float))
#define LOWER_ROWS (TILE_ROWS * NK_LANES)
#define LOAD_SUMS(TILE, OFFSET)                                                                                        \
  {                                                                                                                    \
    if (t->seed)                                                                                                       \
      _tile_loadd(TILE, t->seed + (OFFSET), ROW_BYTES);                                                                \
    else                                                                                                               \
      _tile_zero(TILE);                                                                                                \
  }

// Each load stands before the product that first needs it, so that loads and products overlap.
#define BLOCK_2X2(A, B)                                                                                                \
  _tile_loadd(4, A, TILE_ROW_BYTES);                                                                                   \
  _tile_loadd(6, B, ROW_BYTES);                                                                                        \
  _tile_dpbf16ps(0, 4, 6);                                                                                             \
  _tile_loadd(7, (B) + NK_HALF_LANES, ROW_BYTES);                                                                      \
  _tile_dpbf16ps(1, 4, 7);                                                                                             \
  _tile_loadd(5, (A) + TILE_ROWS * BLOCK_PAIRS, TILE_ROW_BYTES);                                                       \
  _tile_dpbf16ps(2, 5, 6);                                                                                             \
  _tile_dpbf16ps(3, 5, 7);
#define BLOCK_2X1(A, B)                                                                                                \
  _tile_loadd(4, A, TILE_ROW_BYTES);                                                                                   \
  _tile_loadd(6, B, ROW_BYTES);                                                                                        \
  _tile_dpbf16ps(0, 4, 6);                                                                                             \
  _tile_loadd(5, (A) + TILE_ROWS * BLOCK_PAIRS, TILE_ROW_BYTES);                                                       \
  _tile_dpbf16ps(2, 5, 6);
#define BLOCK_1X2(A, B)                                                                                                \
  _tile_loadd(4, A, TILE_ROW_BYTES);                                                                                   \
  _tile_loadd(6, B, ROW_BYTES);                                                                                        \
  _tile_dpbf16ps(0, 4, 6);                                                                                             \
  _tile_loadd(7, (B) + NK_HALF_LANES, ROW_BYTES);                                                                      \
  _tile_dpbf16ps(1, 4, 7);
#define BLOCK_1X1(A, B)                                                                                                \
  _tile_loadd(4, A, TILE_ROW_BYTES);                                                                                   \
  _tile_loadd(6, B, ROW_BYTES);                                                                                        \
  _tile_dpbf16ps(0, 4, 6);

/// A square of so many tiles: its sums stay in registers for all blocks.
#define DEFINE_SQUARE(ROW_TILES, LANE_TILES)                                                                           \
  static void square_##ROW_TILES##X##LANE_TILES(const square_arguments *t) {                                           \
    tile_outlook next = t->next;                                                                                       \
    const uint32_t *a = t->a, *b = t->b;                                                                               \
    LOAD_SUMS(0, 0)                                                                                                    \
    if (LANE_TILES == 2) LOAD_SUMS(1, NK_HALF_LANES)                                                                   \
    if (ROW_TILES == 2) LOAD_SUMS(2, LOWER_ROWS)                                                                       \
    if (ROW_TILES == 2 && LANE_TILES == 2) LOAD_SUMS(3, LOWER_ROWS + NK_HALF_LANES)                                    \
    for (size_t block = 0; block < t->blocks; block++, a += t->a_stride, b += BLOCK_PAIRS * NK_LANES) {                \
      prefetch_outlook(&next);                                                                                         \
      BLOCK_##ROW_TILES##X##LANE_TILES(a, b)                                                                           \
    }                                                                                                                  \
    if (t->last_a) { BLOCK_##ROW_TILES##X##LANE_TILES(t->last_a, t->last_b) }                                          \
    _tile_stored(0, t->c, ROW_BYTES);                                                                                  \
    if (LANE_TILES == 2) _tile_stored(1, t->c + NK_HALF_LANES, ROW_BYTES);                                             \
    if (ROW_TILES == 2) _tile_stored(2, t->c + LOWER_ROWS, ROW_BYTES);                                                 \
    if (ROW_TILES == 2 && LANE_TILES == 2) _tile_stored(3, t->c + LOWER_ROWS + NK_HALF_LANES, ROW_BYTES);              \
  }

DEFINE_SQUARE(1, 1)
DEFINE_SQUARE(1, 2)
DEFINE_SQUARE(2, 1)
DEFINE_SQUARE(2, 2)

INLINE void form_square(const square_arguments *t, size_t rows, size_t lanes) {
  if (rows > TILE_ROWS)
    lanes == NK_LANES ? square_2X2(t) : square_2X1(t);
  else
    lanes == NK_LANES ? square_1X2(t) : square_1X1(t);
}

/// Four independent sums that stay in registers, as in the largest square.
static double square_loop(size_t iterations) {
  square_mode mode = {0};
  enter_squares(&mode, NK_LANES);
  _tile_zero(0), _tile_zero(1), _tile_zero(2), _tile_zero(3), _tile_zero(4), _tile_zero(5), _tile_zero(6), _tile_zero(7);
  for (size_t i = 0; i < iterations; i++) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  leave_squares(&mode);
  return 4.0 * NK_LANES * NK_LANES * BLOCK_PAIRS * (double)iterations;
}
