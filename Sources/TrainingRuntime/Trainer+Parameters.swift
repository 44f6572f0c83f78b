import PerceptronModel

extension Trainer {
  /// Copies of every stage's parameters, row-major.
  package var stageParameters: [StageParameters] {
    get { program.stages.indices.map { program.parameters(ofStage: $0, in: storage.parameters) } }
    set {
      precondition(newValue.count == program.stages.count, "expected parameters of \(program.stages.count) stages")
      for (index, parameters) in newValue.enumerated() {
        program.setParameters(parameters, ofStage: index, in: storage.parameters)
      }
    }
  }

  /// SHA-256 over all parameters in layer order, in hexadecimal: weights row-major `[output][input]`, then biases, then
  /// learned slopes, then running means and variances, as little-endian IEEE singles, whatever the layout in memory.
  ///
  /// The parameters are those that ``evaluate(_:)`` uses and ``model()`` gives.
  ///
  /// Two runs have the same digest exactly when they have the same parameters, bit for bit.
  public func weightsSHA256() -> String {
    withEvaluationParameters { program.sha256(ofParameters: $0) }
  }
}
