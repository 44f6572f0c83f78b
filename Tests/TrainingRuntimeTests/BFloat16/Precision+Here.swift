import Fascicle

extension Precision {
  /// An arithmetic as this CPU computes it, or where it cannot, as it is emulated: the bits are the same.
  static func here(_ arithmetic: BFloat16Arithmetic) -> Precision {
    let kernels = (try? InstructionSet.selected()) ?? .reference
    guard BFloat16Kernels.areRunnable(with: kernels, arithmetic: arithmetic) else { return emulated(arithmetic) }
    return arithmetic == .pairs ? .bf16 : .bf16AMX
  }

  /// An arithmetic as it is emulated on any CPU.
  static func emulated(_ arithmetic: BFloat16Arithmetic) -> Precision {
    arithmetic == .pairs ? .bf16Emulated : .bf16AMXEmulated
  }

  /// The commoner of the two.
  static var bf16Here: Precision { here(.pairs) }
}

extension RuntimeSettings {
  /// So many unpinned workers in a precision.
  static func unpinned(_ workers: Int, _ precision: Precision) -> RuntimeSettings {
    RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: precision)
  }
}
