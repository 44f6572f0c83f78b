#if defined(__x86_64__)

#include <string.h>

#include "../tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,prfchw"))), apply_to = function)

#define VW 8
#define VECTOR_REGISTER "x"
#define TILE_SHAPES "../avx2/tile_shapes.h"
#include "../vector/kernels.h"

#include "../vector/bfloat16/emulation.h"

#include "../vector/bfloat16/kernels.h"

#include "../vector/bfloat16/square_emulation.h"

#include "../vector/bfloat16/block_products.h"

#pragma clang attribute pop

const nk_kernel_table nk_avx2_kernels = KERNEL_TABLE("avx2");
const nk_bf16_kernel_table nk_avx2_emulated_bf16_kernels = BF16_KERNEL_TABLE("avx2");
const nk_bf16_kernel_table nk_avx2_emulated_bf16_block_kernels = BF16_BLOCK_KERNEL_TABLE("avx2");

#endif
