import NeuronKernels
import Testing

/// The reference's products and sums must be the equations' up to the rounding of the documented order.
struct ProductErrorTests {
  private let stages: [(samples: Int, shape: DenseShape)] = [
    (1, 1, 1), (2, 5, 10), (17, 33, 40), (33, 100, 10), (16, 785, 13), (47, 13, 100), (3, 2050, 5), (5, 7, 2050),
  ].map { ($0.0, DenseShape(inputCount: $0.1, outputCount: $0.2)) }

  @Test func forwardStaysWithinItsRoundingErrorBound() throws {
    var worst = WorstError()
    for (index, (samples, shape)) in stages.enumerated() {
      var random = TestRandom(seed: index)
      let (inputs, outputs) = (shape.inputCount, shape.outputCount)
      let (w, b) = (random.floats(inputs * outputs), random.floats(outputs))
      let x = random.floats(samples * inputs)
      let z = try forward(samples, shape, w, b, x)
      for s in 0..<samples {
        for o in 0..<outputs {
          let terms = (0..<inputs).map { Double(w[o * inputs + $0]) * Double(x[s * inputs + $0]) } + [Double(b[o])]
          worst.note(z[s * outputs + o], terms: terms, bound: ErrorBounds.gamma(inputs + 2))
        }
      }
    }
    worst.expectWithinBound("forward")
  }

  @Test func backwardStaysWithinItsRoundingErrorBound() throws {
    var worst = WorstError()
    for (index, (samples, shape)) in stages.enumerated() {
      var random = TestRandom(seed: index)
      let (inputs, outputs) = (shape.inputCount, shape.outputCount)
      let (w, dz) = (random.floats(inputs * outputs), random.floats(samples * outputs))
      let dx = try backward(samples, shape, w, dz)
      for s in 0..<samples {
        for i in 0..<inputs {
          let terms = (0..<outputs).map { Double(w[$0 * inputs + i]) * Double(dz[s * outputs + $0]) }
          worst.note(dx[s * inputs + i], terms: terms, bound: ErrorBounds.gamma(outputs + 2))
        }
      }
    }
    worst.expectWithinBound("backward")
  }

  @Test func weightGradientStaysWithinItsRoundingErrorBound() throws {
    var worst = WorstError()
    for (samples, outputs, inputs) in [(1, 1, 1), (17, 10, 13), (33, 40, 32), (1025, 5, 17)] {
      var random = TestRandom(seed: samples)
      let (dz, x) = (random.floats(samples * outputs), random.floats(samples * inputs))
      let rows = outputs / 3..<outputs
      let g = try weightGradient(samples, outputs, rows, inputs, dz, x)
      for (r, row) in rows.enumerated() {
        for i in 0..<inputs {
          let terms = (0..<samples).map { Double(dz[$0 * outputs + row]) * Double(x[$0 * inputs + i]) }
          worst.note(g[r * 32 + i], terms: terms, bound: ErrorBounds.gamma(samples + 2))
        }
        #expect(g[r * 32 + inputs..<r * 32 + 32].allSatisfy { $0.bitPattern == 0 })
      }
    }
    worst.expectWithinBound("weight gradient")
  }

  @Test func sumsStayWithinTheirRoundingErrorBound() throws {
    var worst = WorstError()
    for samples in CaseShapes.sampleCounts + [2050] {
      var random = TestRandom(seed: samples)
      let values = random.floats(samples * 3)
      let sums = SampleSumsCase(samples: samples, features: 3, rows: 1..<3, values: values)
      let result = try sums.run(on: KernelSet(.reference)).blocks[0].values
      for feature in 1..<3 {
        let terms = (0..<samples).map { Double(values[$0 * 3 + feature]) }
        worst.note(Float(result[feature - 1]), terms: terms, bound: ErrorBounds.gamma(samples / 32 + 7))
      }
      let squares = try KernelSet(.reference).sumOfSquares(values + padding(values.count), count: padded(values.count))
      worst.note(
        Float(squares), terms: values.map { Double($0) * Double($0) }, bound: ErrorBounds.gamma(samples * 3 / 32 + 8))
    }
    worst.expectWithinBound("sums")
  }

  /// Whole numbers below 2²⁴ leave nothing to round, so every table must give the exact integers.
  @Test(arguments: InstructionSet.runnable) func wholeNumbersAreExact(set: InstructionSet) throws {
    let (samples, shape) = (33, DenseShape(inputCount: 1030, outputCount: 14))
    var random = TestRandom(seed: 1)
    let (w, b) = (random.wholeFloats(1030 * 14, reach: 20), random.wholeFloats(14, reach: 500))
    let (x, dz) = (random.wholeFloats(samples * 1030, reach: 20), random.wholeFloats(samples * 14, reach: 20))
    let z = try forward(samples, shape, w, b, x, on: set)
    let dx = try backward(samples, shape, w, dz, on: set)
    let g = try weightGradient(
      samples, 14, 0..<14, 32, dz, (0..<samples).flatMap { x[$0 * 1030..<$0 * 1030 + 32] }, on: set)
    for s in 0..<samples {
      for o in 0..<14 {
        let exact = (0..<1030).reduce(Int(b[o])) { $0 + Int(w[o * 1030 + $1]) * Int(x[s * 1030 + $1]) }
        #expect(z[s * 14 + o] == Float(exact))
      }
      for i in 0..<1030 {
        let exact = (0..<14).reduce(0) { $0 + Int(w[$1 * 1030 + i]) * Int(dz[s * 14 + $1]) }
        #expect(dx[s * 1030 + i] == Float(exact))
      }
    }
    for (o, i) in (0..<14).flatMap({ o in (0..<32).map { (o, $0) } }) {
      let exact = (0..<samples).reduce(0) { $0 + Int(dz[$1 * 14 + o]) * Int(x[$1 * 1030 + i]) }
      #expect(g[o * 32 + i] == Float(exact))
    }
  }
}

extension ProductErrorTests {
  private func padded(_ count: Int) -> Int { PanelLayout.lineCount(count) }
  private func padding(_ count: Int) -> [Float] { [Float](repeating: 0, count: padded(count) - count) }

  private func forward(
    _ samples: Int, _ shape: DenseShape, _ w: [Float], _ b: [Float], _ x: [Float], on set: InstructionSet = .reference
  ) throws -> [Float] {
    var random = TestRandom(seed: 0)
    let forward = DenseForwardCase(
      samples: samples, shape: shape, activation: CaseActivation(.linear, units: 0, &random),
      keepsPreactivation: false, weights: w, bias: b, input: x)
    return try forward.run(on: KernelSet(set)).blocks[0].values.map { Float($0) }
  }

  private func backward(
    _ samples: Int, _ shape: DenseShape, _ w: [Float], _ dz: [Float], on set: InstructionSet = .reference
  ) throws -> [Float] {
    var random = TestRandom(seed: 0)
    let backward = DenseBackwardCase(
      samples: samples, shape: shape, below: CaseActivation(.linear, units: 0, &random), weights: w,
      outputGradient: dz, belowOutput: [], belowPreactivation: [])
    return try backward.run(on: KernelSet(set)).blocks[0].values.map { Float($0) }
  }

  private func weightGradient(
    _ samples: Int, _ outputs: Int, _ rows: Range<Int>, _ inputs: Int, _ dz: [Float], _ x: [Float],
    on set: InstructionSet = .reference
  ) throws -> [Float] {
    let gradient = WeightGradientCase(
      samples: samples, outputs: outputs, rows: rows, inputs: inputs, outputGradient: dz, input: x)
    return try gradient.run(on: KernelSet(set)).blocks[0].values.map { Float($0) }
  }
}
