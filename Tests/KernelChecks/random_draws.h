// Seeded draws, the same on every machine.

#ifndef RANDOM_DRAWS_H
#define RANDOM_DRAWS_H

#include <stddef.h>
#include <stdint.h>

static uint64_t random_state;

/// Vigna's SplitMix64.
static uint64_t random_bits(void) {
  uint64_t z = random_state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// A whole number from `low` to `high`.
static size_t draw(size_t low, size_t high) { return low + (size_t)(random_bits() >> 33) % (high - low + 1); }

#endif
