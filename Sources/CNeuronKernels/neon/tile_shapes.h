// 32 registers of 4 floats: up to 6 × 4 accumulators, 4 vectors of B, 1 broadcast; a full panel takes two tiles.
#define TILE_MAX_ROWS 6
#define TILE_MAX_LANES 16

// As for AVX2, whose tiles have the same size; not tuned on a machine.
#define FORWARD_BLOCK 256
#define FORWARD_GROUP_TILES 16
#define BACKWARD_BLOCK 512
#define ASKS_FOR_B 1
#define TILE_LOOKAHEAD 0

DEFINE_TILE(1, 4)
DEFINE_TILE(2, 4)
DEFINE_TILE(3, 4)
DEFINE_TILE(4, 4)
DEFINE_TILE(5, 4)
DEFINE_TILE(6, 4)

#define ROWS_ENTRY(R) {rows_tile_##R##x4}
#define COLUMNS_ENTRY(R) {columns_tile_##R##x4}
#define TILE_TABLE(ENTRY) {{0}, ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4), ENTRY(5), ENTRY(6)}
static const tile_function rows_tiles[][2] = TILE_TABLE(ROWS_ENTRY);
static const tile_function columns_tiles[][2] = TILE_TABLE(COLUMNS_ENTRY);
