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
