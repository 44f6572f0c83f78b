import NeuronKernels
import Testing

/// Every runnable table must return the reference's bits for the matrix products, their epilogues and the sums.
struct ProductAgreementTests {
  @Test func denseForwardGivesTheReferenceBits() throws {
    try expectSameBits(
      "denseForward", CaseShapes.stages.enumerated().lazy.map { forwardCase($0, $1.samples, $1.shape) })
  }

  /// Activation, bias and kept z are drawn, so that combinations meet every size.
  private func forwardCase(_ index: Int, _ samples: Int, _ shape: DenseShape) -> DenseForwardCase {
    var random = TestRandom(seed: index)
    let kind = CaseActivation.fusedKinds[random.integer(below: CaseActivation.fusedKinds.count)]
    return DenseForwardCase(
      samples: samples, shape: shape, activation: CaseActivation(kind, units: shape.outputCount, &random),
      keepsPreactivation: random.integer(below: 2) == 0,
      weights: random.floats(shape.inputCount * shape.outputCount),
      bias: random.integer(below: 2) == 0 ? random.floats(shape.outputCount) : nil,
      input: random.floats(samples * shape.inputCount))
  }

  @Test func denseForwardAgreesForEveryActivationBiasAndKeptPreactivation() throws {
    let shapes = [(5, 10), (33, 17), (1030, 40)].map { DenseShape(inputCount: $0.0, outputCount: $0.1) }
    var cases: [DenseForwardCase] = []
    for kind in CaseActivation.fusedKinds {
      for (hasBias, keeps) in [(false, false), (false, true), (true, false), (true, true)] {
        for (samples, shape) in [1, 16, 17, 33].flatMap({ samples in shapes.map { (samples, $0) } }) {
          var random = TestRandom(seed: cases.count)
          cases.append(
            DenseForwardCase(
              samples: samples, shape: shape, activation: CaseActivation(kind, units: shape.outputCount, &random),
              keepsPreactivation: keeps, weights: random.floats(shape.inputCount * shape.outputCount),
              bias: hasBias ? random.floats(shape.outputCount) : nil,
              input: random.floats(samples * shape.inputCount, reach: 4)))
        }
      }
    }
    try expectSameBits("denseForward, all options", cases)
  }

  @Test func denseBackwardGivesTheReferenceBits() throws {
    try expectSameBits(
      "denseBackward",
      CaseShapes.stages.enumerated().lazy.map { index, stage in
        var random = TestRandom(seed: index)
        let (inputs, outputs) = (stage.shape.inputCount, stage.shape.outputCount)
        return DenseBackwardCase(
          samples: stage.samples, shape: stage.shape,
          below: CaseActivation(
            CaseActivation.fusedKinds[random.integer(below: CaseActivation.fusedKinds.count)], units: inputs, &random),
          weights: random.floats(inputs * outputs), outputGradient: random.floats(stage.samples * outputs),
          belowOutput: random.wholeFloats(stage.samples * inputs, reach: 4).map { $0 / 4 },
          belowPreactivation: random.wholeFloats(stage.samples * inputs, reach: 2))
      })
  }

  @Test func weightGradientGivesTheReferenceBitsForEveryRangeOfRows() throws {
    let ranges = [(1, 0..<1), (14, 0..<14), (27, 0..<27), (40, 13..<14), (40, 1..<40), (100, 31..<97)]
    var cases: [WeightGradientCase] = []
    for samples in CaseShapes.sampleCounts + [1025] {
      for inputs in [1, 2, 5, 10, 13, 15, 16, 17, 31, 32] {
        for (outputs, rows) in ranges {
          var random = TestRandom(seed: cases.count)
          cases.append(
            WeightGradientCase(
              samples: samples, outputs: outputs, rows: rows, inputs: inputs,
              outputGradient: random.floats(samples * outputs), input: random.floats(samples * inputs)))
        }
      }
    }
    try expectSameBits("weightGradient", cases)
  }

  @Test func sampleSumsGiveTheReferenceBitsForEveryRangeOfRows() throws {
    let ranges = [(1, 0..<1), (10, 0..<10), (33, 32..<33), (40, 1..<39)]
    var cases: [SampleSumsCase] = []
    for samples in CaseShapes.sampleCounts + [1025] {
      for (features, rows) in ranges {
        var random = TestRandom(seed: cases.count)
        cases.append(
          SampleSumsCase(
            samples: samples, features: features, rows: rows, values: random.floats(samples * features)))
      }
    }
    try expectSameBits("sampleSums", cases)
  }

  @Test func infinitiesAndNaNTravelAlike() throws {
    let shape = DenseShape(inputCount: 9, outputCount: 35)
    let cases = CaseActivation.fusedKinds.flatMap { kind in
      (0..<20).map { seed in
        var random = TestRandom(seed: seed)
        return DenseForwardCase(
          samples: 33, shape: shape, activation: CaseActivation(kind, units: 35, &random), keepsPreactivation: true,
          weights: random.floats(9 * 35), bias: nil, input: random.strangeFloats(33 * 9))
      }
    }
    try expectSameBits("denseForward, strange values", cases)
  }
}
