import Fascicle

extension SectionReader {
  /// The batch norm that a layer's section describes.
  func batchNorm() -> BatchNorm {
    let usual = BatchNorm()
    return BatchNorm(
      momentum: float("momentum", default: usual.momentum), epsilon: float("epsilon", default: usual.epsilon),
      usesGain: flag("gain", default: usual.usesGain), usesShift: flag("shift", default: usual.usesShift))
  }
}

extension BatchNorm {
  /// The layer as configurations write it.
  var entries: [ConfigurationTree.Entry] {
    [
      .init("norm", .text("batch")), .init("momentum", .float(momentum)), .init("epsilon", .float(epsilon)),
      .init("gain", .flag(usesGain)), .init("shift", .flag(usesShift)),
    ]
  }
}
