#ifndef NK_TABLES_H
#define NK_TABLES_H

#include "neuron_kernels.h"

extern const nk_kernel_table nk_reference_kernels;
#if defined(__x86_64__)
extern const nk_kernel_table nk_avx2_kernels;
extern const nk_kernel_table nk_avx512_kernels;
#endif
#if defined(__aarch64__)
extern const nk_kernel_table nk_neon_kernels;
#endif

#endif
