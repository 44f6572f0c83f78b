public import CNeuronKernels

/// The kernels of one instruction set, by the C contract that `neuron_kernels.h` states.
///
/// The library's own Swift face of them is not public, and needs not be: the header is all that a measurement needs.
public struct KernelTable: @unchecked Sendable {
  /// The functions; they live as long as the process.
  public let functions: UnsafePointer<nk_kernel_table>

  /// The name that benchmarks carry.
  public var name: String { String(cString: functions.pointee.name) }

  /// The plain form, which defines the bits that all others must return.
  public static var reference: KernelTable {
    guard let table = compiled(NK_ISA_REFERENCE) else { fatalError("every build has the reference kernels") }
    return table
  }

  /// The tables that this processor can run beside the reference, the narrowest first.
  public static var vectorized: [KernelTable] {
    [NK_ISA_NEON, NK_ISA_AVX2, NK_ISA_AVX512].filter { nk_isa_is_runnable($0) }.compactMap(compiled)
  }

  /// The widest table that this processor can run.
  public static var widest: KernelTable { vectorized.last ?? reference }

  private static func compiled(_ instructionSet: nk_instruction_set) -> KernelTable? {
    nk_compiled_kernels(instructionSet).map { KernelTable(functions: $0) }
  }
}
