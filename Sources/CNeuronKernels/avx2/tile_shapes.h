// 16 registers of 8 floats: up to 6 × 2 accumulators, 2 vectors of B, 1 broadcast; a full panel takes two tiles.
#define TILE_MAX_ROWS 6
#define TILE_MAX_LANES 16

// Tiles of half the rows and lanes read B four times as often as AVX-512's: a cut of 256 × 64 bytes stays in the L1 cache for
// a group of 96 rows, and the next panel is asked for while the tiles at hand run.
#define FORWARD_BLOCK 256
#define FORWARD_GROUP_TILES 16
#define BACKWARD_BLOCK 512
#define ASKS_FOR_B 1
#define TILE_LOOKAHEAD 0

DEFINE_TILE(1, 2)
DEFINE_TILE(2, 2)
DEFINE_TILE(3, 2)
DEFINE_TILE(4, 2)
DEFINE_TILE(5, 2)
DEFINE_TILE(6, 2)

#define ROWS_ENTRY(R) {rows_tile_##R##x2}
#define COLUMNS_ENTRY(R) {columns_tile_##R##x2}
#define TILE_TABLE(ENTRY) {{0}, ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6)}
static const tile_function rows_tiles[][2] = TILE_TABLE(ROWS_ENTRY);
static const tile_function columns_tiles[][2] = TILE_TABLE(COLUMNS_ENTRY);
