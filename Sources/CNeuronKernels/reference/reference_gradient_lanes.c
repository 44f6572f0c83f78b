#include "reference.h"

/// The tree over `count` lanes from `lane` on, as its definition has it.
static float tree_sum(const nk_gradient_lanes *g, size_t i, size_t lane, size_t count) {
  if (count == 1) return g->lanes[lane][g->first + i];
  size_t left = 1;
  while (2 * left < count) left *= 2;
  return tree_sum(g, i, lane, left) + tree_sum(g, i, lane + left, count - left);
}

void nk_reference_sum_gradient_lanes(const nk_gradient_lanes *g) {
  for (size_t i = 0; i < g->count; i++) g->sums[i] = tree_sum(g, i, 0, g->lane_count);
}
