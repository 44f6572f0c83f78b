// Products of doubles that make many long vectors orthonormal, for initial weights: no part of a step, so they are beside
// the kernel tables.

#ifndef NK_PROJECTION_KERNELS_H
#define NK_PROJECTION_KERNELS_H

#include "neuron_kernels.h"

/// Doubles of a vector are summed in eight lanes over pieces of so many, a piece's lanes are folded by halves (4, 2, 1), and
/// the pieces are added in order.
#define NK_PROJECTION_PIECE 512

/// Vectors without their parts along others.
typedef struct nk_projection {
  /// Doubles of a vector, a multiple of 8; vectors that have fewer are filled up with zeros.
  size_t length;
  /// How many vectors are changed, row-major `[count][length]`.
  size_t count;
  double *vectors;
  /// Orthonormal vectors, row-major `[basis_count][length]`; none of them is among `vectors`.
  size_t basis_count;
  const double *basis;
  /// Room for count·basis_count doubles.
  double *overlaps;
} nk_projection;

/// vectors := vectors − (vectors·basisᵀ)·basis, all overlaps formed before any vector changes.
///
/// Products and sums are rounded one by one, those of a place in the order of the basis: the same bits for any instruction
/// set. Require: `nk_isa_is_runnable(isa)`; pointers aligned to 8 bytes. 4·count·basis_count·length FLOP.
void nk_project(nk_instruction_set isa, const nk_projection *p);

#endif
