import CNeuronKernels

/// The kernels with bfloat16 operands of one instruction set: the CPU's own dot product of pairs, or its emulation.
///
/// All of one arithmetic return the same bits for the same arguments, so the choice among them changes speed only.
package struct BFloat16Kernels: @unchecked Sendable {
  /// How products add up.
  package let arithmetic: BFloat16Arithmetic
  /// Whether the dot product is put together from single-precision instructions.
  package let isEmulated: Bool
  /// The table lives as long as the process.
  private let tableAddress: UnsafePointer<nk_bf16_kernel_table>
  var table: nk_bf16_kernel_table { _read { yield tableAddress.pointee } }

  /// The kernels that go with those of `instructionSet`.
  ///
  /// - Throws: ``NeuronKernelsError`` with code `bfloat16NotRunnable` when the dot product is to be the CPU's own and this
  ///   CPU, or the kernels in use, have none.
  package init(
    _ instructionSet: InstructionSet, arithmetic: BFloat16Arithmetic, isEmulated: Bool
  ) throws(NeuronKernelsError) {
    self.arithmetic = arithmetic
    self.isEmulated = isEmulated
    let isa = instructionSet.cValue, how = arithmetic.cValue
    if isEmulated, let table = nk_emulated_bf16_kernels(isa, how) {
      tableAddress = table
    } else if !isEmulated, nk_hardware_bf16_is_runnable(isa, how), let table = nk_hardware_bf16_kernels(isa, how) {
      tableAddress = table
    } else {
      throw Self.refusal(instructionSet, arithmetic)
    }
  }

  /// Whether this CPU has a dot product of that arithmetic that the kernels of `instructionSet` can use.
  package static func areRunnable(with instructionSet: InstructionSet, arithmetic: BFloat16Arithmetic) -> Bool {
    nk_hardware_bf16_is_runnable(instructionSet.cValue, arithmetic.cValue)
  }

  private static func refusal(
    _ instructionSet: InstructionSet, _ arithmetic: BFloat16Arithmetic
  ) -> NeuronKernelsError {
    let cause =
      areRunnable(with: .avx512, arithmetic: arithmetic)
      ? "the kernels in use are \(instructionSet.rawValue)"
      : "this CPU, system or build has none (kernels \(instructionSet.rawValue))"
    let name = arithmetic.precisionName
    return NeuronKernelsError(
      code: .bfloat16NotRunnable,
      message: "precision \(name) needs \(arithmetic.requirement), but \(cause)",
      hint: "use precision f32, or \(name)-emulated, which gives the bits of \(name) at less than the speed of f32")
  }

  /// Runs independent dot products in registers for `iterations` rounds and returns the FLOP done.
  package func dotLoop(iterations: Int) -> Double { table.dot_loop(iterations) }
}

extension KernelSet {
  /// The same kernels with those for bfloat16 operands beside them.
  ///
  /// - Throws: ``NeuronKernelsError`` when there are none.
  package func withBFloat16(
    _ arithmetic: BFloat16Arithmetic, isEmulated: Bool
  ) throws(NeuronKernelsError) -> KernelSet {
    var kernels = self
    kernels.bfloat16 = try BFloat16Kernels(instructionSet, arithmetic: arithmetic, isEmulated: isEmulated)
    return kernels
  }

  /// The same kernels for single precision alone.
  package var withoutBFloat16: KernelSet {
    var kernels = self
    kernels.bfloat16 = nil
    return kernels
  }

  /// Runs the products' own instruction in registers for `iterations` rounds and returns the FLOP done: fused
  /// multiply-adds, or dot products of bfloat16 pairs where the kernels have them.
  package func peakLoop(iterations: Int) -> Double {
    bfloat16?.dotLoop(iterations: iterations) ?? fusedMultiplyAddLoop(iterations: iterations)
  }
}
