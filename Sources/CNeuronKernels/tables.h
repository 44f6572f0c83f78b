#ifndef NK_TABLES_H
#define NK_TABLES_H

#include "bfloat16_kernels.h"
#include "neuron_kernels.h"

extern const nk_kernel_table nk_reference_kernels;
extern const nk_bf16_kernel_table nk_reference_bf16_kernels;
extern const nk_bf16_kernel_table nk_reference_bf16_block_kernels;
#if defined(__x86_64__)
extern const nk_kernel_table nk_avx2_kernels;
extern const nk_kernel_table nk_avx512_kernels;
extern const nk_bf16_kernel_table nk_avx2_emulated_bf16_kernels;
extern const nk_bf16_kernel_table nk_avx2_emulated_bf16_block_kernels;
extern const nk_bf16_kernel_table nk_avx512_emulated_bf16_kernels;
extern const nk_bf16_kernel_table nk_avx512_emulated_bf16_block_kernels;
extern const nk_bf16_kernel_table nk_avx512_bf16_kernels;
extern const nk_bf16_kernel_table nk_amx_kernels;

/// Whether this CPU has tiles of bfloat16, and Linux lets this process use their registers.
bool nk_amx_is_runnable(void);
#endif
#if defined(__aarch64__)
extern const nk_kernel_table nk_neon_kernels;
#endif

#endif
