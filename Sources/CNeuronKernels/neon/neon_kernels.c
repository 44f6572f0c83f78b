#if defined(__aarch64__)

#include "../tables.h"

#define VW 4
#define VECTOR_REGISTER "w"
#define TILE_SHAPES "../neon/tile_shapes.h"
#include "../vector/kernels.h"

const nk_kernel_table nk_neon_kernels = KERNEL_TABLE("neon");

#endif
