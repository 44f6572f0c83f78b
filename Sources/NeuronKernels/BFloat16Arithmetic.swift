import CNeuronKernels

/// How a product of bfloat16 operands adds up; see `bfloat16_kernels.h` for both definitions.
///
/// CPUs have two instructions that sum in different orders, so each is an arithmetic of its own with bits of its own.
package enum BFloat16Arithmetic: Sendable, Hashable, CaseIterable {
  /// Pair by pair, as AVX512-BF16 does.
  case pairs
  /// Sixteen pairs at a time, as AMX does.
  case blocks

  /// What the kernels call it.
  var cValue: nk_bf16_arithmetic { self == .pairs ? NK_BF16_PAIRS : NK_BF16_BLOCKS }

  /// The precision that computes so, as messages name it.
  package var precisionName: String { self == .pairs ? "bf16" : "bf16-amx" }

  /// What a CPU needs to compute so by itself.
  var requirement: String {
    self == .pairs
      ? "AVX-512 with its BF16 instructions" : "AMX with its BF16 tiles, and AVX-512 with its BF16 instructions"
  }
}
