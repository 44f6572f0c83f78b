#include "reference.h"

/// A place's products, summed as `projection_kernels.h` says.
static double overlap(const double *a, const double *b, size_t length) {
  double sum = 0.0;
  for (size_t first = 0; first < length; first += NK_PROJECTION_PIECE) {
    size_t end = length - first < NK_PROJECTION_PIECE ? length : first + NK_PROJECTION_PIECE;
    double lanes[8] = {0};
    for (size_t k = first; k < end; k++) lanes[k % 8] += a[k] * b[k];
    for (int width = 4; width > 0; width /= 2)
      for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
    sum += lanes[0];
  }
  return sum;
}

void nk_reference_project(const nk_projection *p) {
  for (size_t i = 0; i < p->count; i++)
    for (size_t j = 0; j < p->basis_count; j++)
      p->overlaps[i * p->basis_count + j] = overlap(p->vectors + i * p->length, p->basis + j * p->length, p->length);
  for (size_t i = 0; i < p->count; i++)
    for (size_t j = 0; j < p->basis_count; j++)
      for (size_t k = 0; k < p->length; k++)
        p->vectors[i * p->length + k] -= p->overlaps[i * p->basis_count + j] * p->basis[j * p->length + k];
}
