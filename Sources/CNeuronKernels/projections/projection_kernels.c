#include "../reference/reference.h"

typedef double eight __attribute__((ext_vector_type(8)));
typedef double eight_unaligned __attribute__((ext_vector_type(8), aligned(8)));

// Macros, since a function that takes wide registers belongs to one instruction set.
#define LOAD_EIGHT(place) (*(const eight_unaligned *)(place))
#define STORE_EIGHT(place, values) (*(eight_unaligned *)(place) = (values))

/// Eight lanes folded by halves.
static inline double fold_eight(const double *v) {
  double four[4] = {v[0] + v[4], v[1] + v[5], v[2] + v[6], v[3] + v[7]};
  return (four[0] + four[2]) + (four[1] + four[3]);
}

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define PROJECTION_ROWS 2
#define PROJECTION_NAME avx2
#include "projections.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define PROJECTION_ROWS 4
#define PROJECTION_NAME avx512
#include "projections.h"
#pragma clang attribute pop
#endif
#if defined(__aarch64__)
#define PROJECTION_ROWS 2
#define PROJECTION_NAME neon
#include "projections.h"
#endif

void nk_project(nk_instruction_set isa, const nk_projection *p) {
  switch (isa) {
#if defined(__x86_64__)
  case NK_ISA_AVX2:
    return project_avx2(p);
  case NK_ISA_AVX512:
    return project_avx512(p);
#endif
#if defined(__aarch64__)
  case NK_ISA_NEON:
    return project_neon(p);
#endif
  default:
    return nk_reference_project(p);
  }
}
