// The sum of several gradients, in one pass over all of them.

/// Subtrees that can wait for their right-hand neighbours: one for each power of two up to the limit.
#define WAITING_SUBTREES 7
_Static_assert(1 << (WAITING_SUBTREES - 1) == NK_GRADIENT_LANE_LIMIT, "one place for each power of two");

static void sum_gradient_lanes(const nk_gradient_lanes *g) {
  for (size_t i = 0; i < g->count; i += VW) {
    vf waiting[WAITING_SUBTREES];
    size_t depth = 0;
    for (size_t lane = 0; lane < g->lane_count; lane++) {
      vf sum = v_load(g->lanes[lane] + g->first + i);
      // Counting in binary: lane l completes as many subtrees as l + 1 has zeros at its end.
      for (size_t number = lane + 1; number % 2 == 0; number /= 2) sum = waiting[--depth] + sum;
      waiting[depth++] = sum;
    }
    for (; depth > 1; depth--) waiting[depth - 2] += waiting[depth - 1];
    v_store(g->sums + i, waiting[0]);
  }
}
