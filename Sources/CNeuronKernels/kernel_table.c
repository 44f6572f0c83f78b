#include "neuron_kernels.h"
#include "tables.h"

const nk_kernel_table *nk_compiled_kernels(nk_instruction_set isa) {
  switch (isa) {
  case NK_ISA_REFERENCE:
    return &nk_reference_kernels;
#if defined(__x86_64__)
  case NK_ISA_AVX2:
    return &nk_avx2_kernels;
  case NK_ISA_AVX512:
    return &nk_avx512_kernels;
#endif
#if defined(__aarch64__)
  case NK_ISA_NEON:
    return &nk_neon_kernels;
#endif
  default:
    return NULL;
  }
}

bool nk_isa_is_runnable(nk_instruction_set isa) {
  switch (isa) {
  case NK_ISA_REFERENCE:
    return true;
#if defined(__x86_64__)
  // The compiler's run-time support asks CPUID and XGETBV, so an operating system that does not save the wide registers
  // counts as "no".
  case NK_ISA_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case NK_ISA_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
#endif
#if defined(__aarch64__)
  case NK_ISA_NEON:
    return true;
#endif
  default:
    return false;
  }
}

/// The table of the arithmetic asked for.
static const nk_bf16_kernel_table *choice(nk_bf16_arithmetic arithmetic, const nk_bf16_kernel_table *pairs,
                                          const nk_bf16_kernel_table *blocks) {
  return arithmetic == NK_BF16_PAIRS ? pairs : blocks;
}

const nk_bf16_kernel_table *nk_emulated_bf16_kernels(nk_instruction_set isa, nk_bf16_arithmetic arithmetic) {
  switch (isa) {
#if defined(__x86_64__)
  case NK_ISA_AVX2:
    return choice(arithmetic, &nk_avx2_emulated_bf16_kernels, &nk_avx2_emulated_bf16_block_kernels);
  case NK_ISA_AVX512:
    return choice(arithmetic, &nk_avx512_emulated_bf16_kernels, &nk_avx512_emulated_bf16_block_kernels);
#endif
#if defined(__aarch64__)
  // NEON finds tininess before rounding, so its multiply-adds would flush values that the dot product keeps.
  case NK_ISA_NEON:
#endif
  case NK_ISA_REFERENCE:
    return choice(arithmetic, &nk_reference_bf16_kernels, &nk_reference_bf16_block_kernels);
  default:
    return NULL;
  }
}

// Only x86-64 has dot products of bfloat16 that a table here uses.
#if defined(__x86_64__)
const nk_bf16_kernel_table *nk_hardware_bf16_kernels(nk_instruction_set isa, nk_bf16_arithmetic arithmetic) {
  return isa == NK_ISA_AVX512 ? choice(arithmetic, &nk_avx512_bf16_kernels, &nk_amx_kernels) : NULL;
}

bool nk_hardware_bf16_is_runnable(nk_instruction_set isa, nk_bf16_arithmetic arithmetic) {
  // Both tables round with AVX512-BF16's instructions.
  if (isa != NK_ISA_AVX512 || !nk_isa_is_runnable(isa) || !__builtin_cpu_supports("avx512bf16")) return false;
  return arithmetic == NK_BF16_PAIRS || nk_amx_is_runnable();
}
#else
const nk_bf16_kernel_table *nk_hardware_bf16_kernels(nk_instruction_set isa, nk_bf16_arithmetic arithmetic) {
  (void)isa, (void)arithmetic;
  return NULL;
}

bool nk_hardware_bf16_is_runnable(nk_instruction_set isa, nk_bf16_arithmetic arithmetic) {
  (void)isa, (void)arithmetic;
  return false;
}
#endif
