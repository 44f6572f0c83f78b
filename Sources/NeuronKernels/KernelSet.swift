import CNeuronKernels

/// The neuron kernels of one instruction set, chosen once and passed as a value; no step branches on it.
///
/// Every set returns the same bits for the same arguments, so the choice changes speed only.
public struct KernelSet: @unchecked Sendable {
  /// Which instruction set the kernels use.
  public let instructionSet: InstructionSet
  /// The kernels with bfloat16 operands, where a run computes in that precision.
  package var bfloat16: BFloat16Kernels?
  /// The table lives as long as the process.
  let tableAddress: UnsafePointer<nk_kernel_table>
  var table: nk_kernel_table { _read { yield tableAddress.pointee } }

  /// The kernels of `instructionSet`.
  ///
  /// - Throws: ``NeuronKernelsError`` when this build or CPU has none.
  public init(_ instructionSet: InstructionSet) throws(NeuronKernelsError) {
    guard InstructionSet.runnable.contains(instructionSet),
      let table = nk_compiled_kernels(instructionSet.cValue)
    else {
      throw NeuronKernelsError(
        code: .instructionSetNotRunnable, message: "this CPU or build cannot run the \(instructionSet.rawValue) kernels"
      )
    }
    self.instructionSet = instructionSet
    self.tableAddress = table
  }

  /// The kernels that ``InstructionSet/selected(forced:)`` names.
  public static func selected() throws(NeuronKernelsError) -> KernelSet {
    try KernelSet(InstructionSet.selected())
  }

  /// Floats in a vector register of this set.
  public var vectorWidth: Int { table.vector_width }

  /// Runs independent fused multiply-adds in registers for `iterations` rounds and returns the FLOP done.
  ///
  /// Time it to learn one core's peak, the limit beside which every GFLOP/s figure stands.
  public func fusedMultiplyAddLoop(iterations: Int) -> Double { table.fma_loop(iterations) }
}
