// What forms a square of sums: up to 32 rows of A by 16 or 32 lanes of B.
//
//     c[r][lane] = seed[r][lane] + Σ_blocks Σ_k a(r, k)·b[k][lane]        k counts the 16 pairs of a block

#define BLOCK_PAIRS 16

/// Arguments of a square. Rows of A are 16 words apart, rows of B, the seed and C 32.
typedef struct square_arguments {
  const uint32_t *a;
  size_t a_stride;  // words from one block of A to the next
  const uint32_t *b;
  size_t blocks;
  const uint32_t *last_a, *last_b;  // a block more that lies elsewhere, or NULL
  const float *seed;                // NULL for zero
  float *c;
  tile_outlook next;  // asked for with every block
} square_arguments;
