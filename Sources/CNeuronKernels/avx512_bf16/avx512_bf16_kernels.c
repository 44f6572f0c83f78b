#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "../tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma,avx512bf16,prfchw"))),             \
                             apply_to = function)

// The single-precision kernels come along for the activations and layouts they share; the rest is left out by the compiler.
#pragma clang diagnostic ignored "-Wunused-function"

#define VW 16
#define VECTOR_REGISTER "v"
#define TILE_SHAPES "../avx512/tile_shapes.h"
#include "../vector/kernels.h"

#include "cpu_dot.h"

#include "../vector/bfloat16/kernels.h"

#pragma clang attribute pop

const nk_bf16_kernel_table nk_avx512_bf16_kernels = BF16_KERNEL_TABLE("avx512_bf16");

#endif
