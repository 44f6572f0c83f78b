#ifndef NEURON_KERNELS_H
#define NEURON_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_norm_kernels.h"
#include "embedding_kernels.h"
#include "layer_kernels.h"

// The neuron kernels: every loop over numbers that a training step runs.
//
// Legend, used in every shape below:
//   B samples of a call · I inputs · O outputs of a dense stage · P panels = ceil(B / 32) · Q input panels = ceil(I / 32)
//
// Three layouts, innermost 32 floats contiguous (128 bytes), every base pointer 64-byte aligned:
//   activations, their gradients   [P][R][32 samples]           "panel" of features, R = nk_panel_rows(features)
//   weights                        [Q][R][32 inputs]            "weight panel", R = nk_panel_rows(O); lanes beyond I hold zero
//   transposed inputs              [Q][capacity][32 inputs]     sample-major copy that the weight gradient reads
//
// A panel always has room for 32 lanes; a last panel of up to 16 samples is computed 16 lanes wide, and its other half is
// neither read nor written. So a call for up to 16 samples whose panel pointers are moved on by 16 floats works on the upper
// half of a panel. Computed lanes beyond B hold values of no meaning, not even finite ones (a PReLU may grow them call by
// call), and nothing that a caller keeps is ever summed over them.
//
// A call may cover a run of a stage's units only (`first_row`, `rows`), so that several callers share the samples; softmax
// couples the units, so it asks for all of them.
//
// Order. Every sum is formed in one order that does not depend on tile size, worker count or instruction set: along k
// (forward), n (backward) or b (weight gradient) with one fused multiply-add a step; sums over samples as 32 lane sums
// folded by halves (16, 8, 4, 2, 1). All instruction sets use the same polynomials in the same order, so all tables
// return the same bits for the same arguments and floating-point mode; NaN payloads are the exception.
//
// Kernels take no locks, allocate nothing, cannot fail, and touch only what their arguments name. Two calls may run at
// the same time when what they write does not overlap.

#define NK_LANES 32
/// The lanes that are always computed together.
#define NK_HALF_LANES 16

/// Rows of memory of a panel that holds `count` rows, at least as many; those beyond are neither read nor written.
///
/// A tile reads the same rows of one panel after the other. Panels a multiple of 64 KiB apart would all lie in the same few
/// sets of a cache and push each other out, so such widths get 16 rows more.
static inline size_t nk_panel_rows(size_t count) { return count % 512 == 0 ? count + 16 : count; }

/// Element-wise functions of a stage, y = f(z), with parameters a and b; f′ is formed from y except where "z" stands.
/// Both softmaxes couple the units of a sample.
typedef enum nk_activation_kind {
  NK_ACTIVATION_LINEAR = 0,                  // z
  NK_ACTIVATION_STEP = 1,                    // [z > 0], f′ = 0
  NK_ACTIVATION_SIGMOID = 2,                 // 1/(1 + e⁻ᶻ)
  NK_ACTIVATION_TANH = 3,                    // tanh z
  NK_ACTIVATION_RELU = 4,                    // max(0, z)
  NK_ACTIVATION_LEAKY_RELU = 5,              // z ≥ 0 ? z : a·z, a ≥ 0
  NK_ACTIVATION_PRELU = 6,                   // z ≥ 0 ? z : slopes·z; z
  NK_ACTIVATION_SOFTMAX = 7,                 // eᶻ/Σeᶻ
  NK_ACTIVATION_SCALED_LINEAR = 8,           // a·z
  NK_ACTIVATION_STEP_STRAIGHT_THROUGH = 9,   // [z > 0], f′ taken as [|z| ≤ 1]; z
  NK_ACTIVATION_STEP_PERCEPTRON = 10,        // [z > 0], f′ taken as 1
  NK_ACTIVATION_HARD_SIGMOID = 11,           // min(max(0, z + 3), 6)/6
  NK_ACTIVATION_LOG_SIGMOID = 12,            // −log(1 + e⁻ᶻ)
  NK_ACTIVATION_HARD_TANH = 13,              // min(max(−1, z), 1)
  NK_ACTIVATION_SCALED_TANH = 14,            // a·tanh(b·z)
  NK_ACTIVATION_TANH_SHRINK = 15,            // z − tanh z; z
  NK_ACTIVATION_RELU6 = 16,                  // min(max(0, z), 6)
  NK_ACTIVATION_SIGNED_LEAKY_RELU = 17,      // leaky ReLU with any a; z
  NK_ACTIVATION_RRELU = 18,                  // z ≥ 0 ? z : s·z, s drawn between a and b; see `nk_random_slopes`
  NK_ACTIVATION_ELU = 19,                    // z ≥ 0 ? z : a·(eᶻ − 1), a ≥ 0
  NK_ACTIVATION_SELU = 20,                   // 1.0507·(ELU with a = 1.67326)
  NK_ACTIVATION_CELU = 21,                   // z ≥ 0 ? z : a·(e^(z/a) − 1), a > 0
  NK_ACTIVATION_GELU = 22,                   // z·Φ(z); z
  NK_ACTIVATION_GELU_TANH = 23,              // ½·z·(1 + tanh(√(2/π)·(z + 0.044715·z³))); z
  NK_ACTIVATION_SILU = 24,                   // z/(1 + e⁻ᶻ); z
  NK_ACTIVATION_HARD_SILU = 25,              // z·(hard sigmoid of z); z
  NK_ACTIVATION_MISH = 26,                   // z·tanh(log(1 + eᶻ)); z
  NK_ACTIVATION_SOFTPLUS = 27,               // log(1 + eᶻ)
  NK_ACTIVATION_SQUAREPLUS = 28,             // ½·(z + √(z² + a)), a > 0
  NK_ACTIVATION_SOFTSIGN = 29,               // z/(1 + |z|)
  NK_ACTIVATION_ELLIOT = 30,                 // ½ + ½·z/(1 + |z|)
  NK_ACTIVATION_EXPONENTIAL = 31,            // eᶻ
  NK_ACTIVATION_GAUSSIAN = 32,               // e^(−z²); z
  NK_ACTIVATION_THRESHOLD = 33,              // z > a ? z : b; z
  NK_ACTIVATION_SOFT_SHRINK = 34,            // z moved towards 0 by a ≥ 0, 0 within
  NK_ACTIVATION_HARD_SHRINK = 35,            // |z| > a ? z : 0, a ≥ 0
  NK_ACTIVATION_LOG_SOFTMAX = 36,            // log softmax; in the calls of a whole activation alone
} nk_activation_kind;

#define NK_ACTIVATION_KINDS 37

/// An activation with its parameters `a` and `b`, and the learned `slopes` of PReLU (borrowed, read): [O], or one for all
/// units where `shares_slope` is set.
typedef struct nk_activation {
  nk_activation_kind kind;
  float a;
  float b;
  bool shares_slope;
  const float *slopes;
} nk_activation;

/// Whether the way back of a kind reads z, or what `nk_random_slopes` and the way forward have put there.
bool nk_activation_reads_preactivation(nk_activation_kind kind);

/// Y := f(W·X + b) for B samples.
///
///     z[b,o] = bias[o] + Σ_i w[o,i]·x[b,i]        y[b,o] = f(z[b,o])
///
/// `input` panels of I features, `output` panels of O features; `preactivation`, panels of O features, receives z when it
/// is not NULL (PReLU needs it on the way back). `bias` [O] may be NULL. Softmax runs over the O units of each sample.
/// Computes the outputs first_row ..< first_row + rows. 2·B·I·rows FLOP.
typedef struct nk_dense_forward {
  size_t samples, inputs, outputs, first_row, rows;
  const float *weights;
  const float *bias;
  const float *input;
  float *output;
  float *preactivation;
  nk_activation activation;
} nk_dense_forward;

/// dX := (Wᵀ·dZ) ⊙ f′ of the stage below, which turns its output gradient into its dZ in the same pass.
///
///     dx[b,i] = Σ_o w[o,i]·dz[b,o]        dz_below[b,i] = dx[b,i]·f′(z_below[b,i])
///
/// `output_gradient` panels of O features, `input_gradient` panels of I features; `below` describes the activation that
/// produced this stage's input, `below_output` its values (panels of I features; may be NULL for linear) and
/// `below_preactivation` its z where f′ is formed from it; PReLU overwrites z with ∂loss/∂slope of each sample (dx·min(z,0)).
/// Computes the inputs first_row ..< first_row + rows. 2·B·rows·O FLOP.
typedef struct nk_dense_backward {
  size_t samples, inputs, outputs, first_row, rows;
  const float *weights;
  const float *output_gradient;
  float *input_gradient;
  nk_activation below;
  const float *below_output;
  float *below_preactivation;
} nk_dense_backward;

/// One block of a weight gradient: rows first_row ..< first_row + rows of one input panel, over all B samples.
///
///     g[r,i] = Σ_b dz[b, first_row + r]·x[b,i]
///
/// `output_gradient` panels of O features; `input_transposed` one panel [≥ B][32]; `inputs` ≤ 32 real lanes of it;
/// `gradient` receives [rows][32], lanes beyond `inputs` zero. `update_reads` names what the update of these rows will read,
/// each [rows][32] or NULL: asked for meanwhile, read by nobody here. So are the `rows_ahead` rows of `output_gradient` from
/// `first_row_ahead` on, for calls to come. 2·B·rows·32 FLOP.
#define NK_UPDATE_STREAMS 3
typedef struct nk_weight_gradient {
  size_t samples, outputs, first_row, rows, inputs;
  size_t first_row_ahead, rows_ahead;
  const float *output_gradient;
  const float *input_transposed;
  float *gradient;
  const float *update_reads[NK_UPDATE_STREAMS];
} nk_weight_gradient;

/// sums[r] := Σ_b values[b, first_row + r] over the B real samples of panels with `features` features.
typedef struct nk_sample_sums {
  size_t samples, features, first_row, rows;
  const float *values;
  float *sums;
} nk_sample_sums;

/// In-place activation of whole panels that no dense stage computed: z → y, keeping z when `preactivation` is not NULL.
typedef struct nk_activation_forward {
  size_t samples, features;
  float *values;
  float *preactivation;
  nk_activation activation;
} nk_activation_forward;

/// Draws the slopes of randomized leaky ReLU, one for each computed lane and unit, into `slopes`, panels of features.
///
///     s[b,f] = a + (b − a)·u,   u = ⌊w/2⁸⌋/2²⁴,   w = word f mod 4 of Philox4x32-10
///
/// with the key `seed` and the counter words f/4, first_sample + b, step, stream. The way forward finds the slopes where it
/// leaves z otherwise, and leaves f′ there: 1 or the slope. Without that memory it takes the mean, ½·(a + b). Draws for the
/// units first_row ..< first_row + rows.
typedef struct nk_random_slopes {
  size_t samples, features, first_row, rows, first_sample;
  uint64_t seed;
  uint32_t step, stream;
  nk_activation activation;
  float *slopes;
} nk_random_slopes;

/// In-place derivative: `gradient` enters as ∂loss/∂y and leaves as ∂loss/∂z; see `nk_dense_backward` for the rest.
typedef struct nk_activation_backward {
  size_t samples, features;
  float *gradient;
  const float *output;
  float *preactivation;
  nk_activation activation;
} nk_activation_backward;

/// Copies panels [P][features][32] into the transposed layout, rows first_sample ..< first_sample + B rounded up to 16.
///
/// `transposed` [ceil(features / 32)][capacity][32]; the lanes beyond `features` of a last panel are written as zero up
/// to the next multiple of 16. Covers the features first_row ..< first_row + rows, from a multiple of 32 on to a
/// multiple of 32 or the last.
typedef struct nk_transpose {
  size_t samples, features, first_row, rows, first_sample, capacity;
  const float *panels;
  float *transposed;
} nk_transpose;

/// Element type of a data set's rows.
typedef enum nk_element { NK_ELEMENT_UINT8 = 0, NK_ELEMENT_FLOAT32 = 1 } nk_element;

/// Gathers data set rows into panels and into the transposed layout, scaling on the way.
///
///     x[b,i] = row[indices[b]][i]·scale[i] + shift[i]
///
/// `data` [any][features] of `element`, readable 64 bytes past its end; `indices` [B]; `scale` and `shift` [features
/// rounded up to 32, zero there]. Writes `transposed` rows first_sample ..< first_sample + B rounded up to 16 (zero rows
/// beyond B) and `panels` [P][features][32], both for the features first_row ..< first_row + rows as in `nk_transpose`.
typedef struct nk_gather {
  size_t samples, features, first_row, rows, first_sample, capacity;
  nk_element element;
  const void *data;
  const uint32_t *indices;
  const float *scale;
  const float *shift;
  float *panels;
  float *transposed;
} nk_gather;

/// Asks for the line at `address`, which will be read soon, so that it is on its way from memory in the meantime.
static inline void nk_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

/// Losses ℓ of a sample with outputs y, targets t and parameters a and b, and what their gradients need; e = y − t.
///
/// The first group takes the mean over the O outputs. Where z stands, the head is fused with the activation before it, which
/// is left to it: z comes in, and unless `keeps_values` is set p = σ(z) or p = softmax(z) is left in its place.
typedef enum nk_loss_kind {
  NK_LOSS_MEAN_SQUARED_ERROR = 0,              // e²
  NK_LOSS_MEAN_ABSOLUTE_ERROR = 1,             // |e|
  NK_LOSS_MEAN_ABSOLUTE_PERCENTAGE_ERROR = 2,  // 100·|e|/max(|t|, 1e-7)
  NK_LOSS_MEAN_SQUARED_LOGARITHMIC_ERROR = 3,  // (log(1 + max(y, 0)) − log(1 + max(t, 0)))²
  NK_LOSS_HUBER = 4,                           // |e| ≤ a: ½·e²; else a·|e| − ½·a²
  NK_LOSS_LOG_COSH = 5,                        // log cosh e
  NK_LOSS_QUANTILE = 6,                        // e > 0: (1 − a)·e; else −a·e
  NK_LOSS_BINARY_CROSS_ENTROPY = 7,            // −t′·log p − (1 − t′)·log(1 − p) of z, with t′ = a·t + b
  NK_LOSS_BINARY_FOCAL = 8,                    // −(1 − q)ᵃ·log q of z, where q is p for t > ½, else 1 − p
  NK_LOSS_POISSON = 9,                         // y − t·log(max(y, 0) + 1e-7)
  NK_LOSS_LOG_POISSON = 10,                    // eʸ − t·y
  NK_LOSS_HINGE = 11,                          // max(0, 1 − s·y), where s is 1 for t > 0, else −1
  NK_LOSS_SQUARED_HINGE = 12,                  // max(0, 1 − s·y)²

  NK_LOSS_CROSS_ENTROPY = 13,      // −Σ t′·log p of z, with t′ = a·t + b
  NK_LOSS_KL_DIVERGENCE = 14,      // Σ t·log(t/p) of z
  NK_LOSS_FOCAL = 15,              // −(1 − p)ᵃ·log p of z, p that of the output whose t is above 0
  NK_LOSS_CATEGORICAL_HINGE = 16,  // max(0, 1 + max (1 − t)·y − Σ t·y), the first largest counts
  NK_LOSS_COSINE_SIMILARITY = 17,  // −Σ y·t/√(max(Σ y², 1e-12)·max(Σ t², 1e-12))

  NK_LOSS_GAUSSIAN_NLL = 18,  // the mean over O/2 targets of ½·(s + (t − y)²·e⁻ˢ), s output O/2 + o for output o
} nk_loss_kind;

#define NK_LOSS_KINDS 19

/// A loss with its parameters. `threshold` tells, where there is one output, from which value on it stands for class 1.
typedef struct nk_loss {
  nk_loss_kind kind;
  float a;
  float b;
  bool keeps_values;
  float threshold;
} nk_loss;

/// Targets of a sample with O outputs.
static inline size_t nk_target_width(const nk_loss *loss, size_t outputs) {
  return loss->kind == NK_LOSS_GAUSSIAN_NLL ? outputs / 2 : outputs;
}

/// Loss, gradient and hits of a minibatch in one pass.
///
///     loss[b] = w[b]·ℓ(y[b], t[b])    dy[b,o] = ∂ℓ/∂y[b,o]·(gradient_scale·w[b]), or dz where z comes in
///
/// `values` panels of O = `outputs` features. `gradient` panels or NULL; its computed lanes beyond B are zero. `indices` [B]
/// are rows of the data set, by which all of the following are read: t from `targets` [any][target width] or, when that is
/// NULL, from `labels` [any], as one-hot, or as the label itself where there is one output; w, the product of
/// `sample_weights` [any] and of `class_weights` [classes] by label, either of which may be NULL for 1.
///
/// `loss_sums` and `correct_counts` [ceil(B / 16)] receive each half panel's Σ loss and, where there are labels, the number
/// of samples whose largest value is the label's (the first of equals counts) or whose single value is on the label's side
/// of the threshold; else 0. Weights don't count in hits.
///
/// Order: the sums over a sample's outputs run in their order, one addition or fused multiply-add each; the losses are added
/// in double precision in the samples' order.
typedef struct nk_loss_head {
  nk_loss loss;
  size_t samples, outputs;
  const uint32_t *indices;
  const uint32_t *labels;
  const float *targets;
  const float *sample_weights;
  const float *class_weights;
  float gradient_scale;
  float *values;
  float *gradient;
  double *loss_sums;
  uint32_t *correct_counts;
} nk_loss_head;

/// A slice of the flat parameter vector for the update kernels: `parameters` and `state` are read and written, `gradients`
/// read. All are [count] and 64-byte aligned, count a multiple of 16.
///
/// Each update first forms g = gradient·gradient_scale + l2·w. `keep` is the share of w that decay apart from the gradient
/// leaves; the rules of `nk_update_rule` say where they use it.
typedef struct nk_update {
  size_t count;
  float *parameters;
  const float *gradients;
  float *state0;
  float *state1;
  float *state2;
  float gradient_scale;
  float l2;
  float keep;
} nk_update;

/// The element-wise update rules beside SGD and Adam, each with its equation, where s0, s1, s2 are the states, and its
/// coefficients c in order.
///
/// All use w' = keep·w where w stands last; √ is of the state that was just written. β̄ is 1 − β, which is passed because
/// 1 − 0.999f is off by 1.3e-5. The caller folds bias corrections in: r₂ = 1/√(1−β₂ᵗ). `initial` is added to a state before
/// it is used, and is 0 but in the first step. sign(0) = 0.
typedef enum nk_update_rule {
  /// s0 += g²;  w = w' − rate·g/(√s0 + ε)                                                  c: rate, ε, initial
  NK_RULE_ADAGRAD,
  /// s0 = ρ·s0 + ρ̄·g²;  d = √(s1 + ε)/√(s0 + ε)·g;  s1 = ρ·s1 + ρ̄·d²;  w = w' − rate·d        c: rate, ρ, ρ̄, ε
  NK_RULE_ADADELTA,
  /// s0 = ρ·s0 + ρ̄·g²;  w = w' − rate·g/(√s0 + ε)                                          c: rate, ρ, ρ̄, ε, momentum
  NK_RULE_RMSPROP,
  /// s0 as above;  s1 = momentum·s1 + g/(√s0 + ε);  w = w' − rate·s1
  NK_RULE_RMSPROP_MOMENTUM,
  /// s0 as above;  s1 += ρ̄·(g − s1);  w = w' − rate·g/(√(s0 − s1²) + ε), the difference not below 0
  NK_RULE_RMSPROP_CENTRED,
  /// s0, s1 as above;  s2 = momentum·s2 + g/(√(s0 − s1²) + ε);  w = w' − rate·s2
  NK_RULE_RMSPROP_CENTRED_MOMENTUM,
  /// s0 = β₁·s0 + β̄₁·g;  s1 = max(β₂·s1, |g| + ε);  w = w' − step·s0/s1                        c: step, β₁, β̄₁, β₂, ε
  NK_RULE_ADAMAX,
  /// s0, s1 Adam's moments;  w = w' − (gradient_step·g + moment_step·s0)/(√s1·r₂ + ε)
  /// c: gradient_step, moment_step, r₂, β₁, β̄₁, β₂, β̄₂, ε
  NK_RULE_NADAM,
  /// s0, s1 Adam's moments;  s2 = max(s2, s1);  w = w' − step·s0/(√s2·r₂ + ε)                c: step, r₂, β₁, β̄₁, β₂, β̄₂, ε
  NK_RULE_AMSGRAD,
  /// s0 = β₁·s0 + β̄₁·g;  s1 = β₂·s1 + β̄₂·(g − s0)² + ε₀;  w = w' − step·s0/(√s1·r₂ + ε)
  /// c: step, r₂, β₁, β̄₁, β₂, β̄₂, ε, ε₀
  NK_RULE_ADABELIEF,
  /// d = β₁·s0 + β̄₁·g;  s0 = β₂·s0 + β̄₂·g;  w = w' − rate·sign(d)                             c: rate, β₁, β̄₁, β₂, β̄₂
  NK_RULE_LION,
  /// s0 = β₁·s0 + β̄₁·g;  s1 −= β̄₂·sign(s1 − g²)·g²;  w = w' − step·s0/(√s1·r₂ + ε)         c: step, r₂, β₁, β̄₁, β̄₂, ε, initial
  NK_RULE_YOGI,
  /// p = g·s0;  s1 = s1·(η⁺ where p > 0, η⁻ where p < 0), in smallest … largest;  g = 0 where p < 0;
  /// w = w' − factor·sign(g)·s1;  s0 = g                                c: factor, η⁻, η⁺, smallest, largest, initial
  NK_RULE_RPROP,
  /// s = −g;  d = rate·s where |s0| ≤ 0.001; elsewhere rate·s where s·s0 > 0, plus growth·s0 where s passes shrink·s1 on
  /// the side of s0, s0·s/(s1 − s) elsewhere;  w = w' + d;  s0 = d;  s1 = s                     c: rate, growth, shrink
  NK_RULE_QUICKPROP,
  /// s0 = w in the first step, where share is 1;  s1 = β₂·s1 + β̄₂·g²;  d = g/(√s1·r₂ + ε) + decay·w;
  /// w = (1 − share)·w + share·s0 + y_step·d;  s0 −= rate·d; no `keep`      c: rate, y_step, share, β₂, β̄₂, r₂, ε, decay
  NK_RULE_SCHEDULE_FREE_ADAMW,
  // The last two form a direction and move nothing: `parameters` receives it and may be the gradients, no `keep`.
  /// s0, s1 Adam's moments, s2 the parameters, which stay;  d = s0·r₁/(√s1·r₂ + ε) + decay·s2
  /// c: r₁ = 1/(1−β₁ᵗ), r₂, β₁, β̄₁, β₂, β̄₂, ε, decay
  NK_RULE_LAMB_DIRECTION,
  /// s0 the parameters, which stay;  d = g + decay·s0                                       c: decay
  NK_RULE_DECAYED_GRADIENT,
} nk_update_rule;

/// The largest number of coefficients that a rule has.
#define NK_RULE_COEFFICIENTS 8

/// The most gradient lanes that are summed at once.
#define NK_GRADIENT_LANE_LIMIT 64

/// One gradient out of several, each of which was formed over its own share of the samples.
///
///     sums[i] = Σ_l lanes[l][first + i]        i in 0 ..< count
///
/// `lanes` [lane_count], 1 to `NK_GRADIENT_LANE_LIMIT` vectors; `sums` [count] may be a lane's own `lanes[l] + first`. Both
/// begin on 64 bytes at `first`, and count is a multiple of 16.
///
/// The sum is one binary tree over neighbours: the lanes below the largest power of two that is less than their number by
/// themselves, the rest likewise, then both. Three lanes give (0 + 1) + 2, six ((0 + 1) + (2 + 3)) + (4 + 5).
typedef struct nk_gradient_lanes {
  size_t count, first, lane_count;
  const float *const *lanes;
  float *sums;
} nk_gradient_lanes;
/// Outputs that stand side by side in an output block: one 64-byte line.
#define NK_OUTPUT_BLOCK 16

/// Gathers data set rows into sample rows, scaling on the way.
///
///     x[b,i] = row[indices[b]][i]·scale[i] + shift[i]
///
/// `data` [any][features] of `element`, of which nothing beyond the rows is read; `indices` [B], or NULL for rows 0 ..< B;
/// `scale` and `shift` as in `nk_gather`. Writes `features` values of each of B `rows`.
typedef struct nk_row_gather {
  size_t samples, features, stride;
  nk_element element;
  const void *data;
  const uint32_t *indices;
  const float *scale;
  const float *shift;
  float *rows;
} nk_row_gather;

/// Y := f(W·X + b) for a few samples and the outputs of blocks first_block ..< first_block + blocks.
///
/// The equation and the order of each sum are those of `nk_dense_forward`, so a sample gets the same bits from either. A
/// single sample costs 2·I·O FLOP here and 16 times that in a panel. Softmax needs all outputs of a sample: with it z is
/// left in `output`, for `row_activation` once all blocks are done.
///
/// `weights` output blocks, block 0 first; `bias` [O] may be NULL; `input` sample rows of I features, `output` of O, whose
/// lanes up to the end of a block are written too, without meaning. `bias` and the activation's `slopes` are 64-byte
/// aligned and readable up to the end of the last block.
typedef struct nk_row_forward {
  size_t samples, inputs, outputs;
  size_t first_block, blocks;
  size_t input_stride, output_stride;
  const float *weights;
  const float *bias;
  const float *input;
  float *output;
  nk_activation activation;
} nk_row_forward;

/// In-place activation of whole sample rows, softmax included: z → y. `slopes` as in `nk_row_forward`; lanes beyond the
/// features, up to a multiple of 16, are written without meaning.
typedef struct nk_row_activation {
  size_t samples, features, stride;
  float *values;
  nk_activation activation;
} nk_row_activation;

/// The kernels of one instruction set.
typedef struct nk_kernel_table {
  const char *name;
  /// Floats in a vector register.
  size_t vector_width;

  void (*dense_forward)(const nk_dense_forward *);
  void (*dense_backward)(const nk_dense_backward *);
  void (*weight_gradient)(const nk_weight_gradient *);
  void (*sample_sums)(const nk_sample_sums *);
  void (*activation_forward)(const nk_activation_forward *);
  void (*activation_backward)(const nk_activation_backward *);
  void (*transpose)(const nk_transpose *);
  void (*gather)(const nk_gather *);
  void (*loss_head)(const nk_loss_head *);

  /// w −= rate·g
  void (*update_sgd)(const nk_update *, float rate);
  /// v = momentum·v + g;  w −= rate·v, or rate·(g + momentum·v) with Nesterov's look-ahead. v is `state0`.
  void (*update_momentum)(const nk_update *, float rate, float momentum, bool nesterov);
  /// m = β₁·m + (1−β₁)·g;  v = β₂·v + (1−β₂)·g²;  w = keep·w − step·m/(√v·root_correction + ε). m, v are `state0`, `state1`.
  ///
  /// The caller folds the bias corrections in: step = rate/(1−β₁ᵗ), root_correction = 1/√(1−β₂ᵗ); keep = 1 − rate·decay
  /// is AdamW's decoupled decay. The (1−β) are passed because 1 − 0.999f is off by 1.3e-5.
  void (*update_adam)(const nk_update *, float step, float root_correction, float beta1, float one_minus_beta1, float beta2,
                      float one_minus_beta2, float epsilon, float keep);
  /// One step of a rule with its coefficients, [NK_RULE_COEFFICIENTS].
  void (*update_rule)(nk_update_rule, const nk_update *, const float *coefficients);
  /// values[i] into −limit … limit; NaN stays. `count` is a multiple of 16.
  void (*clip_values)(float *values, size_t count, float limit);
  /// values[i] += share·(target[i] − values[i]). `count` is a multiple of 16.
  void (*blend)(float *values, const float *target, size_t count, float share);
  /// Σ v² over `count` floats, a multiple of 16: 32 lane sums folded by halves.
  double (*sum_of_squares)(const float *values, size_t count);

  /// Runs a loop of independent fused multiply-adds held in registers and returns the FLOP done: the peak to compare with.
  double (*fma_loop)(size_t iterations);

  void (*sum_gradient_lanes)(const nk_gradient_lanes *);
  void (*row_gather)(const nk_row_gather *);
  void (*row_forward)(const nk_row_forward *);
  void (*row_activation)(const nk_row_activation *);
  void (*random_slopes)(const nk_random_slopes *);

  // Of `layer_kernels.h`.
  void (*combine_panels)(const nk_panel_combination *);
  /// The same for `count` floats that stand side by side, a multiple of 16.
  void (*combine_slices)(nk_combination, float *values, const float *other, size_t count, float a, float b);
  void (*random_change)(const nk_random_change *);
  void (*normalize)(const nk_normalization *);
  void (*normalize_backward)(const nk_normalization_backward *);
  void (*sample_products)(const nk_sample_products *);
  void (*gate)(const nk_gate *);
  void (*gate_backward)(const nk_gate_backward *);
  void (*row_normalize)(const nk_row_normalization *);
  void (*row_gate)(const nk_row_gate *);

  // Of `batch_norm_kernels.h`.
  void (*batch_moments)(const nk_batch_moments *);
  void (*batch_normalize)(const nk_batch_normalization *);
  void (*batch_normalize_backward)(const nk_batch_normalization_backward *);
  void (*row_batch_normalize)(const nk_row_batch_normalization *);

  // Of `embedding_kernels.h`.
  void (*embed)(const nk_embedding *);
  void (*embed_backward)(const nk_embedding_backward *);
  void (*embedding_gradient)(const nk_embedding_gradient *);
  void (*row_embed)(const nk_row_embedding *);
} nk_kernel_table;

typedef enum nk_instruction_set {
  NK_ISA_REFERENCE = 0,
  NK_ISA_AVX2 = 1,
  NK_ISA_AVX512 = 2,
  NK_ISA_NEON = 3,
} nk_instruction_set;

/// The table compiled for an instruction set, or NULL when this build has none (NEON on x86-64, AVX on arm64).
const nk_kernel_table *nk_compiled_kernels(nk_instruction_set isa);

/// Whether this CPU and its operating system can run the instruction set.
bool nk_isa_is_runnable(nk_instruction_set isa);

#endif
