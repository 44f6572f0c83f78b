#if defined(__x86_64__)

#include <string.h>

#include "../tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma,prfchw"))), apply_to = function)

#define VW 16
#define VECTOR_REGISTER "v"
#define TILE_SHAPES "../avx512/tile_shapes.h"
#include "../vector/kernels.h"

#include "../vector/bfloat16/emulation.h"

#include "../vector/bfloat16/kernels.h"

#include "../vector/bfloat16/square_emulation.h"

#include "../vector/bfloat16/block_products.h"

#pragma clang attribute pop

const nk_kernel_table nk_avx512_kernels = KERNEL_TABLE("avx512");
const nk_bf16_kernel_table nk_avx512_emulated_bf16_kernels = BF16_KERNEL_TABLE("avx512");
const nk_bf16_kernel_table nk_avx512_emulated_bf16_block_kernels = BF16_BLOCK_KERNEL_TABLE("avx512");

#endif
