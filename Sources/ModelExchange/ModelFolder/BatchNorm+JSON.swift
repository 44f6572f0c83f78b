import PerceptronModel

extension BatchNorm {
  /// The layer as `model.json` has it.
  var members: [JSONNode.Member] {
    [
      .init("norm", .text("batch")), .init("epsilon", .float(epsilon)), .init("momentum", .float(momentum)),
      .init("gain", .flag(usesGain)), .init("shift", .flag(usesShift)),
    ]
  }
}

extension JSONPlace {
  /// The batch norm that an object describes.
  func batchNorm() throws(ModelExchangeError) -> BatchNorm {
    BatchNorm(
      momentum: try self["momentum"].float(), epsilon: try self["epsilon"].float(), usesGain: try self["gain"].flag(),
      usesShift: try self["shift"].flag())
  }
}
