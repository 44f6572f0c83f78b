// 32 registers of 16 floats: up to 13 × 2 accumulators, 2 vectors of B, 1 broadcast.
#define TILE_MAX_ROWS 13
#define TILE_MAX_LANES 32

// A panel of B, 1024 × 128 bytes, and the A of four tiles, 52 × 1024 floats, lie in an L2 cache of a mebibyte together.
#define FORWARD_BLOCK 1024
#define FORWARD_GROUP_TILES 4
#define BACKWARD_BLOCK 1024
#define ASKS_FOR_B 0  // a tile takes long enough for the hardware's prefetcher to bring panels near
// Rows of B that a tile asks for ahead of time, into the L1 cache: some 300 cycles.
#define TILE_LOOKAHEAD 24

#define DEFINE_TILES_OF_HEIGHT(R) DEFINE_TILE(R, 1) DEFINE_TILE(R, 2)
DEFINE_TILES_OF_HEIGHT(1)
DEFINE_TILES_OF_HEIGHT(2)
DEFINE_TILES_OF_HEIGHT(3)
DEFINE_TILES_OF_HEIGHT(4)
DEFINE_TILES_OF_HEIGHT(5)
DEFINE_TILES_OF_HEIGHT(6)
DEFINE_TILES_OF_HEIGHT(7)
DEFINE_TILES_OF_HEIGHT(8)
DEFINE_TILES_OF_HEIGHT(9)
DEFINE_TILES_OF_HEIGHT(10)
DEFINE_TILES_OF_HEIGHT(11)
DEFINE_TILES_OF_HEIGHT(12)
DEFINE_TILES_OF_HEIGHT(13)

#define ROWS_ENTRY(R) {rows_tile_##R##x1, rows_tile_##R##x2}
#define COLUMNS_ENTRY(R) {columns_tile_##R##x1, columns_tile_##R##x2}
#define TILE_TABLE(ENTRY)                                                                                              \
  {{0}, ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6), ENTRY(7), ENTRY(8), ENTRY(9), ENTRY(10),           \
   ENTRY(11), ENTRY(12), ENTRY(13)}
static const tile_function rows_tiles[][2] = TILE_TABLE(ROWS_ENTRY);
static const tile_function columns_tiles[][2] = TILE_TABLE(COLUMNS_ENTRY);
