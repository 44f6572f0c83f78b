import Glibc
import NeuronKernels
import Testing

/// The loss heads against their equations in double precision.
struct LossEquationTests {
  private let sizes = [(1, 2), (17, 10), (33, 5), (64, 100), (129, 10)]

  @Test func crossEntropyGivesProbabilitiesLossGradientAndHits() throws {
    var (values, losses) = (WorstError(), WorstError())
    for (samples, classes) in sizes {
      let head = crossEntropy(samples, classes)
      let blocks = try head.run(on: KernelSet(.reference)).blocks
      let exact = (0..<samples).map { ExactCrossEntropy(head, sample: $0) }
      for (s, c) in pairs(samples, classes) {
        // Logits are whole quarters, so z − max is exact; what remains is exp, the sum and the division.
        let probability = exact[s].probabilities[c]
        let bound = ErrorBounds.gamma(classes + 8) * probability + Double(Float.leastNormalMagnitude)
        values.note(Float(blocks[0].values[s * classes + c]), exact: probability, bound: bound)
        let gradient = (probability - (c == exact[s].label ? 1 : 0)) * Double(head.gradientScale)
        let gradientBound = (bound + ErrorBounds.gamma(2)) * Double(head.gradientScale)
        values.note(Float(blocks[1].values[s * classes + c]), exact: gradient, bound: gradientBound)
      }
      expectHalfPanels(
        blocks, samples, exact.map(\.loss), exact.map(\.isHit), lossBound: ErrorBounds.gamma(classes + 12),
        worst: &losses)
    }
    values.expectWithinBound("cross-entropy values")
    losses.expectWithinBound("cross-entropy losses")
  }

  @Test func squaredErrorGivesLossGradientAndHits() throws {
    var (gradients, losses) = (WorstError(), WorstError())
    for (samples, outputs) in sizes {
      for target in [TargetKind.labels, .rows, .both] {
        let head = squaredError(samples, outputs, target)
        let blocks = try head.run(on: KernelSet(.reference)).blocks
        let exact = (0..<samples).map { ExactSquaredError(head, sample: $0) }
        for (s, o) in pairs(samples, outputs) {
          let gradient = 2 * exact[s].errors[o] / Double(outputs) * Double(head.gradientScale)
          gradients.note(
            Float(blocks[1].values[s * outputs + o]), exact: gradient, bound: ErrorBounds.gamma(4) * abs(gradient))
        }
        expectHalfPanels(
          blocks, samples, exact.map(\.loss), exact.map(\.isHit), lossBound: ErrorBounds.gamma(outputs + 3),
          worst: &losses)
      }
    }
    gradients.expectWithinBound("squared-error gradient")
    losses.expectWithinBound("squared-error losses")
  }

  @Test(arguments: LossEquation.all) func everyLossIsItsEquation(equation: LossEquation) throws {
    var (losses, worstSlope) = (WorstError(), 0.0)
    for (samples, outputs) in [(1, 2), (17, 6), (33, 4), (5, 66)] {
      let head = equation.draw(samples, outputs)
      let blocks = try head.run(on: KernelSet(.selected(forced: nil))).blocks
      for slot in 0..<PanelLayout.halfPanelCount(samples) {
        let members = slot * 16..<min(slot * 16 + 16, samples)
        losses.note(
          Float(blocks[2].values[slot]), terms: members.map { equation.loss(head, sample: $0) },
          bound: ErrorBounds.gamma(2 * outputs + 24))
      }
      for sample in 0..<samples {
        let exact = (0..<outputs).map { equation.centralDifference(head, sample: sample, output: $0) }
        let largest = exact.map(abs).max() ?? 0
        for output in 0..<outputs {
          let error = abs(blocks[1].values[sample * outputs + output] / Double(head.gradientScale) - exact[output])
          // Not `max`: a NaN must count.
          if !(error <= worstSlope * max(largest, 1e-3)) { worstSlope = error / max(largest, 1e-3) }
        }
      }
    }
    losses.expectWithinBound("\(equation) losses")
    print("\(equation): slopes at most \(worstSlope) of the sample's largest from central differences")
    #expect(worstSlope < 2e-6)
  }

  @Test func anEquationThatIsAnothersIsRejected() throws {
    let (right, wrong) = (LossEquation.all[0], LossEquation.all[1])
    let head = right.draw(5, 4), blocks = try head.run(on: KernelSet(.reference)).blocks
    let sum = (0..<5).reduce(0) { $0 + wrong.loss(head, sample: $1) }
    #expect(abs(blocks[2].values[0] - sum) > 1e-3)
  }

  @Test(arguments: InstructionSet.runnable) func improbableLabelsCostTheirDistanceAndNothingOverflows(
    set: InstructionSet
  ) throws {
    let head = LossCase(
      loss: KernelLoss(.crossEntropy), samples: 1, outputs: 3, indices: [0], labels: [2], targets: nil,
      wantsGradient: true,
      gradientScale: 1, values: [3e38, 0, 1e38])
    let blocks = try head.run(on: KernelSet(set)).blocks
    #expect(blocks[0].values == [1, 0, 0])
    #expect(abs(blocks[2].values[0] - 2e38) < 1e32)
    #expect([0, 1, 2].map { blocks[1].values[$0 * 1] } == [1, 0, -1])
    #expect(blocks[3].values == [0])
  }
}

/// One sample of cross-entropy in double precision.
private struct ExactCrossEntropy {
  let label: Int
  let probabilities: [Double]
  let loss: Double
  let isHit: Bool

  init(_ head: LossCase, sample: Int) {
    let row = sample * head.outputs..<(sample + 1) * head.outputs
    let logits = head.values[row].map(Double.init)
    let largest = logits.max()!
    let exponentials = logits.map { exp($0 - largest) }
    let sum = exponentials.reduce(0, +)
    label = Int(head.labels![Int(head.indices[sample])])
    probabilities = exponentials.map { $0 / sum }
    loss = log(sum) - (logits[label] - largest)
    isHit = logits.firstIndex(of: largest) == label
  }
}

/// One sample of mean squared error in double precision.
private struct ExactSquaredError {
  let errors: [Double]
  let loss: Double
  let isHit: Bool

  init(_ head: LossCase, sample: Int) {
    let values = Array(head.values[sample * head.outputs..<(sample + 1) * head.outputs])
    let row = Int(head.indices[sample])
    errors = values.enumerated().map { o, y in
      Double(y) - (head.targets.map { Double($0[row * head.outputs + o]) } ?? (Int(head.labels![row]) == o ? 1 : 0))
    }
    loss = errors.reduce(0) { $0 + $1 * $1 } / Double(head.outputs)
    isHit = head.labels.map { values.firstIndex(of: values.max()!) == Int($0[row]) } ?? false
  }
}

extension LossEquationTests {
  private enum TargetKind { case labels, rows, both }

  private func pairs(_ samples: Int, _ outputs: Int) -> [(Int, Int)] {
    (0..<samples).flatMap { s in (0..<outputs).map { (s, $0) } }
  }

  /// Logits in whole quarters: some lie far apart, and some samples have two largest.
  private func crossEntropy(_ samples: Int, _ classes: Int) -> LossCase {
    var random = TestRandom(seed: samples)
    return LossCase(
      loss: KernelLoss(.crossEntropy), samples: samples, outputs: classes, indices: random.indices(samples, below: 50),
      labels: random.indices(50, below: classes), targets: nil, wantsGradient: true, gradientScale: 0.125,
      values: random.wholeFloats(samples * classes, reach: 40).map { $0 / 4 })
  }

  private func squaredError(_ samples: Int, _ outputs: Int, _ target: TargetKind) -> LossCase {
    var random = TestRandom(seed: samples)
    return LossCase(
      loss: KernelLoss(.meanSquaredError), samples: samples, outputs: outputs,
      indices: random.indices(samples, below: 50),
      labels: target == .rows ? nil : random.indices(50, below: outputs),
      targets: target == .labels ? nil : random.floats(50 * outputs), wantsGradient: true, gradientScale: 0.125,
      values: random.floats(samples * outputs))
  }

  /// Half panel by half panel: losses within their bound, hits exact, and no gradient where there is no sample.
  private func expectHalfPanels(
    _ blocks: [OutputBlock], _ samples: Int, _ losses: [Double], _ hits: [Bool], lossBound: Double,
    worst: inout WorstError
  ) {
    for slot in 0..<PanelLayout.halfPanelCount(samples) {
      let members = slot * 16..<min(slot * 16 + 16, samples)
      worst.note(Float(blocks[2].values[slot]), terms: losses[members].map { $0 }, bound: lossBound)
      #expect(blocks[3].values[slot] == Double(hits[members].count { $0 }))
    }
    let outputs = blocks[0].values.count / samples
    #expect(blocks[1].values[(samples * outputs)...].allSatisfy { $0 == 0 })
  }
}
