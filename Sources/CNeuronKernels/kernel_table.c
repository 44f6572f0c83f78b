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

const nk_bf16_kernel_table *nk_emulated_bf16_kernels(nk_instruction_set isa) {
  switch (isa) {
#if defined(__x86_64__)
  case NK_ISA_AVX2:
    return &nk_avx2_emulated_bf16_kernels;
  case NK_ISA_AVX512:
    return &nk_avx512_emulated_bf16_kernels;
#endif
#if defined(__aarch64__)
  // NEON finds tininess before rounding, so its multiply-adds would flush values that the dot product keeps.
  case NK_ISA_NEON:
#endif
  case NK_ISA_REFERENCE:
    return &nk_reference_bf16_kernels;
  default:
    return NULL;
  }
}

// Only x86-64 has a dot product of bfloat16 pairs that a table here uses.
#if defined(__x86_64__)
const nk_bf16_kernel_table *nk_hardware_bf16_kernels(nk_instruction_set isa) {
  return isa == NK_ISA_AVX512 ? &nk_avx512_bf16_kernels : NULL;
}

bool nk_hardware_bf16_is_runnable(nk_instruction_set isa) {
  return isa == NK_ISA_AVX512 && nk_isa_is_runnable(isa) && __builtin_cpu_supports("avx512bf16");
}
#else
const nk_bf16_kernel_table *nk_hardware_bf16_kernels(nk_instruction_set isa) {
  (void)isa;
  return NULL;
}

bool nk_hardware_bf16_is_runnable(nk_instruction_set isa) {
  (void)isa;
  return false;
}
#endif
