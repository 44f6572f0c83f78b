#ifndef BFLOAT16_KERNELS_H
#define BFLOAT16_KERNELS_H

#include "neuron_kernels.h"

// The three matrix products of a dense stage with bfloat16 operands and single-precision sums, and what brings operands
// into the forms that the dot product of pairs reads. Legend, panels and activations are those of `neuron_kernels.h`.
//
// A bfloat16 is the upper half of a float. Conversion rounds to nearest, ties to even; a subnormal float becomes a zero of
// its sign and NaN stays NaN (VCVTNEPS2BF16).
//
// A product is a dot product of words (uint32_t), each a pair whose low half is the even element. There are two
// arithmetics, since CPUs have two instructions; each has one meaning that every table of it repeats bit by bit, NaN
// payloads excepted:
//
//   NK_BF16_PAIRS (VDPBF16PS), pair by pair:
//     sum ← fma(a.odd, b.odd, sum);  sum ← fma(a.even, b.even, sum)
//   NK_BF16_BLOCKS (TDPBF16PS), 16 pairs at a time, completed with zeros, e and o from 0:
//     e ← fma(a.even, b.even, e);  o ← fma(a.odd, b.odd, o);  after the 16th: sum ← sum + (e + o)
//
// Each step is rounded to nearest even, subnormal operands read as zero and subnormal results flushed to zero, tininess
// found after rounding, whatever the caller's floating-point mode. Activations and sums of the epilogues are single
// precision in the caller's mode.
//
// Any panels [P][R][32] of floats, R = nk_panel_rows(F), have two bfloat16 forms, 64-byte aligned like them:
//   rows    [P][R][32]            a 64-byte row holds 16 pairs of neighbouring lanes: what a tile broadcasts
//   pairs   [P][S][32], S = nk_panel_rows(ceil(F/2)):  a word for each lane pairs features 2n and 2n + 1; beyond the last feature stands zero
// and the transposed inputs [Q][capacity][32] become
//   sample pairs   [Q][capacity/2][32]    a word for each feature pairs samples 2t and 2t + 1; zero beyond the last of both
//
// Weights count as Q panels of O features and have two forms: rows, and one that the backward product reads, called their
// columns, Q panels of nk_weight_column_rows(O) rows of 32 words, whose order is the arithmetic's:
//   NK_BF16_PAIRS    pairs, as above
//   NK_BF16_BLOCKS   [ceil(O/32)][32 inputs][16]   a 64-byte row holds 32 outputs of one input; zero beyond the last
// Calls may cover a run of units or half a panel of samples as in
// `neuron_kernels.h`, but a run of units begins at an even one and ends at one, or at the last, since pairs have one writer.
// Lanes beyond B hold values of no meaning, as they do in single precision.

/// How a product adds up.
typedef enum nk_bf16_arithmetic { NK_BF16_PAIRS = 0, NK_BF16_BLOCKS = 1 } nk_bf16_arithmetic;

/// Rows of 32 words of one panel of the columns of weights to O outputs: enough for the order of either arithmetic.
static inline size_t nk_weight_column_rows(size_t outputs) { return nk_panel_rows((outputs + 31) / 32 * 16); }

/// Y := f(W·X + b); see `nk_dense_forward`.
///
/// Computes the outputs first_row ..< first_row + rows. `weights` rows and `input` pairs are read. z and y are formed in single precision; y goes to `output_pairs` and, as
/// floats, to `output`; either may be NULL, but softmax needs `output`.
typedef struct nk_bf16_dense_forward {
  size_t samples, inputs, outputs, first_row, rows;
  const uint16_t *weights;
  const float *bias;
  const uint32_t *input;
  float *output;
  uint32_t *output_pairs;
  float *preactivation;
  nk_activation activation;
} nk_bf16_dense_forward;

/// dX := (Wᵀ·dZ) ⊙ f′ of the stage below; see `nk_dense_backward`.
///
/// Computes the inputs first_row ..< first_row + rows. `weights` columns and `output_gradient` pairs are read. The gradient goes to `gradient_rows` and `gradient_pairs`, and as
/// floats to `input_gradient`; each may be NULL, but softmax needs `input_gradient`. f′ is formed from y, which is read
/// from `below_output` or, when that is NULL, from `below_pairs`; both may be NULL for linear and PReLU.
typedef struct nk_bf16_dense_backward {
  size_t samples, inputs, outputs, first_row, rows;
  const uint32_t *weights;
  const uint32_t *output_gradient;
  float *input_gradient;
  uint16_t *gradient_rows;
  uint32_t *gradient_pairs;
  nk_activation below;
  const float *below_output;
  const uint32_t *below_pairs;
  float *below_preactivation;
} nk_bf16_dense_backward;

/// One block of a weight gradient; see `nk_weight_gradient`.
///
/// `output_gradient` rows of O features; `input_pairs` one panel of sample pairs, `inputs` ≤ 32 real lanes of it;
/// `gradient` receives floats [rows][32], lanes beyond `inputs` zero; `update_reads` as in single precision.
typedef struct nk_bf16_weight_gradient {
  size_t samples, outputs, first_row, rows, inputs;
  const uint16_t *output_gradient;
  const uint32_t *input_pairs;
  float *gradient;
  const float *update_reads[NK_UPDATE_STREAMS];
} nk_bf16_weight_gradient;

/// sums[r] := Σ_b values[b, first_row + r] over the B real samples; see `nk_sample_sums`.
typedef struct nk_bf16_sample_sums {
  size_t samples, features, first_row, rows;
  const uint16_t *values;
  float *sums;
} nk_bf16_sample_sums;

/// Rounds features first_row ..< first_row + rows of float panels of B samples into their two forms; either may be NULL.
typedef struct nk_bf16_pack {
  size_t samples, features, first_row, rows;
  const float *values;
  uint16_t *value_rows;
  uint32_t *value_pairs;
} nk_bf16_pack;

/// Rounds rows of one panel of weights into its rows and columns.
///
/// The rows are the outputs first_row ..< first_row + rows, from an even one on to an even one or the last. What stands in
/// the columns for other outputs is left alone, but the half beside an odd last one becomes zero.
typedef struct nk_bf16_pack_weights {
  size_t outputs, first_row, rows;
  const float *weights;
  uint16_t *weight_rows;
  uint32_t *weight_columns;
} nk_bf16_pack_weights;

/// Copies pairs of B samples and F features into sample pairs, for the samples first_sample ..< first_sample + B rounded up
/// to 16 and the features first_row ..< first_row + rows, from a multiple of 32 on to a multiple of 32 or the last.
///
/// Writes zero for the samples beyond B, and for the features of a last panel beyond F.
typedef struct nk_bf16_transpose {
  size_t samples, features, first_row, rows, first_sample, capacity;
  const uint32_t *pairs;
  uint32_t *sample_pairs;
} nk_bf16_transpose;

/// Gathers and scales data set rows as `nk_gather` does, into pairs and sample pairs; its `panels` and `transposed` are
/// not used.
typedef struct nk_bf16_gather {
  nk_gather source;
  uint32_t *pairs;
  uint32_t *sample_pairs;
} nk_bf16_gather;

/// The bfloat16 kernels of one instruction set.
typedef struct nk_bf16_kernel_table {
  const char *name;
  void (*dense_forward)(const nk_bf16_dense_forward *);
  void (*dense_backward)(const nk_bf16_dense_backward *);
  void (*weight_gradient)(const nk_bf16_weight_gradient *);
  void (*sample_sums)(const nk_bf16_sample_sums *);
  void (*pack)(const nk_bf16_pack *);
  void (*pack_weights)(const nk_bf16_pack_weights *);
  void (*transpose)(const nk_bf16_transpose *);
  void (*gather)(const nk_bf16_gather *);
  /// Runs `iterations` rounds of independent dot products held in registers and returns the FLOP done: the peak to compare
  /// with.
  double (*dot_loop)(size_t iterations);
} nk_bf16_kernel_table;

/// The table that emulates an arithmetic with the means of `isa`, or NULL when this build has none.
///
/// Runs wherever `isa` does.
const nk_bf16_kernel_table *nk_emulated_bf16_kernels(nk_instruction_set isa, nk_bf16_arithmetic arithmetic);

/// The table whose dot product is the CPU's own, or NULL when this build has none for `isa`.
const nk_bf16_kernel_table *nk_hardware_bf16_kernels(nk_instruction_set isa, nk_bf16_arithmetic arithmetic);

/// Whether this CPU and its operating system can run the table of `nk_hardware_bf16_kernels`.
///
/// The first question about NK_BF16_BLOCKS asks Linux, for the whole process, for the registers that tiles need.
bool nk_hardware_bf16_is_runnable(nk_instruction_set isa, nk_bf16_arithmetic arithmetic);

#endif
