import Fascicle

extension Precision {
  /// bf16 as this CPU computes it, or where it cannot, as it is emulated: the bits are the same.
  static var bf16Here: Precision {
    BFloat16Kernels.areRunnable(with: (try? InstructionSet.selected()) ?? .reference) ? .bf16 : .bf16Emulated
  }
}

extension RuntimeSettings {
  /// So many unpinned workers in a precision.
  static func unpinned(_ workers: Int, _ precision: Precision) -> RuntimeSettings {
    RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: precision)
  }
}
