import NeuronKernels
import Testing

/// Every table with bfloat16 operands must return the reference's bits, at sizes around every tile's edges.
struct BFloat16AgreementTests {
  private func expectSame(_ kernel: String, _ cases: some Sequence<some KernelCase>) throws {
    for arithmetic in BFloat16Arithmetic.allCases {
      try expectSameBits(
        kernel, cases, reference: BFloat16Tables.reference(arithmetic), tables: BFloat16Tables.others(arithmetic))
    }
  }

  /// Every fifth of the shapes; `bfloat16_checks.c` draws more.
  private var stages: some Sequence<(Int, (samples: Int, shape: DenseShape))> {
    CaseShapes.stages.enumerated().filter { $0.offset % 5 == 0 }.map { ($0.offset, $0.element) }
  }

  @Test func forwardAgreesForRunsOfOutputs() throws {
    try expectSame(
      "bfloat16 forward",
      stages.lazy.map { index, stage in
        var random = TestRandom(seed: index)
        let (inputs, outputs) = (stage.shape.inputCount, stage.shape.outputCount)
        let kind = CaseActivation.fusedKinds[random.integer(below: CaseActivation.fusedKinds.count)]
        let forward = DenseForwardCase(
          samples: stage.samples, shape: stage.shape, activation: CaseActivation(kind, units: outputs, &random),
          keepsPreactivation: random.integer(below: 2) == 0, weights: random.floats(inputs * outputs),
          bias: random.integer(below: 2) == 0 ? random.floats(outputs) : nil,
          input: random.floats(stage.samples * inputs))
        let first = kind == .softmax ? 0 : random.integer(below: PanelLayout.pairCount(outputs)) * 2
        return BFloat16ForwardCase(forward: forward, rows: first..<outputs)
      })
  }

  @Test func backwardAgreesHoweverTheOutputBelowWasKept() throws {
    try expectSame(
      "bfloat16 backward",
      stages.lazy.map { index, stage in
        var random = TestRandom(seed: index)
        let (inputs, outputs) = (stage.shape.inputCount, stage.shape.outputCount)
        let kind = CaseActivation.fusedKinds[random.integer(below: CaseActivation.fusedKinds.count)]
        let backward = DenseBackwardCase(
          samples: stage.samples, shape: stage.shape, below: CaseActivation(kind, units: inputs, &random),
          weights: random.floats(inputs * outputs), outputGradient: random.floats(stage.samples * outputs),
          belowOutput: random.wholeFloats(stage.samples * inputs, reach: 4).map { $0 / 4 },
          belowPreactivation: random.wholeFloats(stage.samples * inputs, reach: 2))
        return BFloat16BackwardCase(backward: backward, readsPairs: kind != .softmax && index % 2 == 0)
      })
  }

  @Test func gradientsAgreeAndLanesBeyondTheLastSampleDoNotMatter() throws {
    let ranges = [(1, 0..<1), (14, 0..<14), (27, 0..<27), (40, 12..<14), (40, 2..<40), (100, 30..<97)]
    var cases: [BFloat16GradientCase] = []
    for samples in CaseShapes.sampleCounts + [1025] {
      for inputs in [1, 2, 15, 16, 17, 32] {
        for (outputs, rows) in ranges {
          var random = TestRandom(seed: cases.count)
          cases.append(
            BFloat16GradientCase(
              gradient: WeightGradientCase(
                samples: samples, outputs: outputs, rows: rows, inputs: inputs,
                outputGradient: random.floats(samples * outputs), input: random.floats(samples * inputs))))
        }
      }
    }
    try expectSame("bfloat16 gradients", cases)
    let odd = try #require(cases.first { $0.gradient.samples == 33 })
    for kernels in try BFloat16Arithmetic.allCases.map(BFloat16Tables.reference) {
      #expect(odd.run(on: kernels).blocks.allSatisfy { $0.values.allSatisfy { $0.isFinite } })
    }
  }

  /// Whole numbers of up to eight bits are bfloat16s, and their sums leave nothing to round: any table must be exact.
  @Test func wholeNumbersAreExact() throws {
    var random = TestRandom(seed: 1)
    let (samples, shape) = (33, DenseShape(inputCount: 1031, outputCount: 13))
    let (w, x) = (random.wholeFloats(1031 * 13, reach: 20), random.wholeFloats(33 * 1031, reach: 20))
    let forward = DenseForwardCase(
      samples: samples, shape: shape, activation: CaseActivation(.linear, units: 13, &random),
      keepsPreactivation: false, weights: w, bias: nil, input: x)
    for kernels in try BFloat16Arithmetic.allCases.flatMap(BFloat16Tables.all) {
      let values = BFloat16ForwardCase(forward: forward, rows: 0..<13).run(on: kernels).blocks[0].values
      for (s, o) in (0..<samples).flatMap({ s in (0..<13).map { (s, $0) } }) {
        let exact = (0..<1031).reduce(0) { $0 + Int(w[o * 1031 + $1]) * Int(x[s * 1031 + $1]) }
        #expect(values[s * 13 + o] == Double(exact), "\(kernels.label)")
      }
    }
  }
}
