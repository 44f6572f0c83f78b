import NeuronKernels

/// Single values of a minibatch that has been computed, for messages: slow, and the same for every precision.
extension BoundNetwork {
  /// A feature of a sample as the first stage reads it.
  package func inputValue(sample: Int, feature: Int) -> Float {
    value(
      sample: sample, feature: feature, featureCount: inputCount, floats: input,
      pairs: stages[0].bfloat16.inputPairs)
  }

  /// What a unit of a stage gives for a sample.
  package func outputValue(ofStage index: Int, sample: Int, unit: Int) -> Float {
    let bound = stages[index]
    // On the way back a gradient may take the output's place, but not that of its transposed copy.
    if index + 1 < stages.count, let copy = stages[index + 1].inputTransposed {
      return copy[PanelLayout.transposedIndex(sample: sample, feature: unit, capacity: sampleCapacity)]
    }
    return value(
      sample: sample, feature: unit, featureCount: bound.stage.outputCount, floats: bound.output,
      pairs: bound.bfloat16.outputPairs)
  }

  /// The same after a forward pass that kept no transposed copies, where no gradient has taken any place.
  package func forwardOutputValue(ofStage index: Int, sample: Int, unit: Int) -> Float {
    value(
      sample: sample, feature: unit, featureCount: stages[index].stage.outputCount, floats: stages[index].output,
      pairs: stages[index].bfloat16.outputPairs)
  }

  /// ∂loss/∂z of a unit of a stage for a sample, where the way back has come to the stage.
  package func gradientValue(ofStage index: Int, sample: Int, unit: Int) -> Float {
    let bound = stages[index]
    let place = PanelLayout.activationIndex(sample: sample, feature: unit, featureCount: bound.stage.outputCount)
    if let floats = bound.gradient { return floats[place] }
    guard let rows = bound.bfloat16.gradientRows else { return 0 }
    return Float(bitPattern: UInt32(rows[place]) << 16)
  }

  private func value(
    sample: Int, feature: Int, featureCount: Int, floats: UnsafePointer<Float>?, pairs: UnsafePointer<UInt32>?
  ) -> Float {
    if let floats {
      return floats[PanelLayout.activationIndex(sample: sample, feature: feature, featureCount: featureCount)]
    }
    let place = PanelLayout.activationIndex(
      sample: sample, feature: feature / 2, featureCount: PanelLayout.pairCount(featureCount))
    let word = pairs.unsafelyUnwrapped[place]
    return Float(bitPattern: feature % 2 == 0 ? word << 16 : word & 0xffff_0000)
  }
}
