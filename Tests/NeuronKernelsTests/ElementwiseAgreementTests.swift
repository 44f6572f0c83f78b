import NeuronKernels
import Testing

/// Every runnable table must return the reference's bits for all that is not a matrix product.
struct ElementwiseAgreementTests {
  private let sizes = CaseShapes.sampleCounts.flatMap { samples in
    (CaseShapes.featureCounts + [64, 100, 784]).map { (samples: samples, features: $0) }
  }

  @Test func activationsGiveTheReferenceBitsForStrangeValuesToo() throws {
    var cases: [ActivationForwardCase] = []
    for kind in CaseActivation.kinds {
      for (samples, features) in sizes where features < 784 {
        var random = TestRandom(seed: cases.count)
        cases.append(
          ActivationForwardCase(
            samples: samples, features: features, activation: CaseActivation(kind, units: features, &random),
            keepsPreactivation: random.integer(below: 2) == 0,
            values: random.integer(below: 3) == 0
              ? random.strangeFloats(samples * features) : random.floats(samples * features, reach: 20)))
      }
    }
    try expectSameBits("activationForward", cases)
  }

  @Test func derivativesGiveTheReferenceBitsForStrangeValuesToo() throws {
    var cases: [ActivationBackwardCase] = []
    for kind in CaseActivation.kinds {
      for (samples, features) in sizes where features < 784 {
        var random = TestRandom(seed: cases.count)
        let count = samples * features
        cases.append(
          ActivationBackwardCase(
            samples: samples, features: features, activation: CaseActivation(kind, units: features, &random),
            gradient: random.integer(below: 3) == 0 ? random.strangeFloats(count) : random.floats(count),
            output: random.wholeFloats(count, reach: 8).map { $0 / 8 },
            preactivation: random.wholeFloats(count, reach: 2)))
      }
    }
    try expectSameBits("activationBackward", cases)
  }

  @Test func transposeGivesTheReferenceBitsAndTouchesOnlyItsRows() throws {
    try expectSameBits(
      "transpose",
      sizes.enumerated().lazy.map { index, size in
        var random = TestRandom(seed: index)
        let first = [0, 32, 7][random.integer(below: 3)]
        return TransposeCase(
          samples: size.samples, features: size.features, firstSample: first,
          capacity: first + PanelLayout.paddedCount(size.samples) + [0, 5][random.integer(below: 2)],
          values: random.floats(size.samples * size.features))
      })
  }

  @Test func gatherGivesTheReferenceBitsAndTouchesOnlyItsRows() throws {
    try expectSameBits(
      "gather", (0..<2 * sizes.count).lazy.map { gatherCase($0, sizes[$0 / 2].samples, sizes[$0 / 2].features) })
  }

  private func gatherCase(_ index: Int, _ samples: Int, _ features: Int) -> GatherCase {
    var random = TestRandom(seed: index)
    let first = [0, 32, 7][random.integer(below: 3)]
    let rowCount = max(1, samples / 2)
    let count = rowCount * features
    let data: GatherData =
      index % 2 == 0
      ? .uint8((0..<count).map { _ in UInt8(random.integer(below: 256)) })
      : .float32(index % 4 == 1 ? random.floats(count) : random.strangeFloats(count))
    return GatherCase(
      samples: samples, features: features, firstSample: first,
      capacity: first + PanelLayout.paddedCount(samples) + [0, 5][random.integer(below: 2)], data: data,
      indices: random.indices(samples, below: rowCount), scale: random.floats(features), shift: random.floats(features))
  }

  @Test(arguments: KernelLoss.Kind.allCases) func lossHeadsGiveTheReferenceBits(kind: KernelLoss.Kind) throws {
    var cases: [LossCase] = []
    for (samples, outputs) in sizes where outputs < 784 && (kind != .gaussianNLL || outputs % 2 == 0) {
      for options in 0..<4 { cases.append(lossCase(kind, cases.count, options, samples, outputs)) }
    }
    try expectSameBits("loss head \(kind)", cases)
  }

  /// With labels, targets or both, with and without weights; odd options want the gradient.
  private func lossCase(
    _ kind: KernelLoss.Kind, _ index: Int, _ options: Int, _ samples: Int, _ outputs: Int
  ) -> LossCase {
    var random = TestRandom(seed: index)
    let rowCount = max(1, samples / 2), classes = outputs == 1 ? 2 : outputs
    let targetCount = kind == .gaussianNLL ? outputs / 2 : outputs
    let choice = kind == .gaussianNLL ? 1 + random.integer(below: 2) : random.integer(below: 3)
    let isWeighted = random.integer(below: 2) == 0
    var loss = KernelLoss(kind, a: 0.75, b: index % 2 == 0 ? 0.125 : 0, threshold: 0.25)
    // What forms no p keeps its values anyway; this says that the case may check it.
    loss.keepsValues = !Self.forming.contains(kind) || random.integer(below: 2) == 0
    return LossCase(
      loss: loss, samples: samples, outputs: outputs, indices: random.indices(samples, below: rowCount),
      labels: choice == 1 ? nil : random.indices(rowCount, below: classes),
      targets: choice == 0 ? nil : random.floats(rowCount * targetCount), wantsGradient: options % 2 == 1,
      gradientScale: 1 / Float(samples), values: lossValues(samples * outputs, &random),
      sampleWeights: isWeighted ? random.floats(rowCount) : nil,
      classWeights: isWeighted && choice != 1 ? random.floats(classes) : nil)
  }

  private static let forming: Set<KernelLoss.Kind> = [
    .crossEntropy, .klDivergence, .focal, .binaryCrossEntropy, .binaryFocal,
  ]

  /// Ordinary values, wide ones, whole numbers (whose largest is often not alone), and strange ones.
  private func lossValues(_ count: Int, _ random: inout TestRandom) -> [Float] {
    switch random.integer(below: 4) {
    case 0: random.floats(count)
    case 1: random.floats(count, reach: 150)
    case 2: random.wholeFloats(count, reach: 2)
    default: random.strangeFloats(count)
    }
  }

  @Test func updatesGiveTheReferenceBits() throws {
    let rules: [UpdateCase.Rule] = [
      .sgd(rate: 0.1), .momentum(rate: 0.1, momentum: 0.9, nesterov: false),
      .momentum(rate: 0.1, momentum: 0.9, nesterov: true), .adam(AdamScalars(step: 1)),
      .adam(AdamScalars(step: 1000, decay: 0.1)),
    ]
    var cases: [UpdateCase] = []
    for count in [16, 32, 48, 64, 80, 160, 1040] {
      for (rule, l2) in rules.flatMap({ rule in [Float(0), 0.01].map { (rule, $0) } }) {
        var random = TestRandom(seed: cases.count)
        cases.append(
          UpdateCase(
            rule: rule, gradientScale: 0.25, l2: l2, parameters: random.floats(count), gradients: random.floats(count),
            state0: random.floats(count), state1: random.floats(count).map(\.magnitude)))
      }
    }
    try expectSameBits("updates", cases)
  }

  @Test func elementwiseRulesGiveTheReferenceBitsForStrangeValuesToo() throws {
    for rule in UpdateRule.allCases {
      var cases: [UpdateCase] = []
      for (count, isStrange) in [16, 48, 80, 1040].flatMap({ count in [false, true].map { (count, $0) } }) {
        for coefficients in Self.coefficients(of: rule) {
          var random = TestRandom(seed: cases.count)
          func draw() -> [Float] { isStrange ? random.strangeFloats(count) : random.floats(count) }
          let second = draw().map(\.magnitude), third = draw()
          cases.append(
            UpdateCase(
              rule: .other(rule, coefficients), gradientScale: 0.25, l2: Float(cases.count % 2) * 0.01,
              parameters: draw(), gradients: draw(), state0: needsRoots(rule) ? draw().map(\.magnitude) : draw(),
              state1: rule == .quickprop ? draw() : second, state2: rule == .amsgrad ? third.map(\.magnitude) : third,
              keep: 1 - Float(cases.count % 3) * 0.01))
        }
      }
      try expectSameBits("\(rule)", cases)
    }
  }

  /// Whether the rule takes the root of its first state.
  private func needsRoots(_ rule: UpdateRule) -> Bool {
    switch rule {
    case .adagrad, .adadelta, .rmsprop, .rmspropMomentum, .rmspropCentred, .rmspropCentredMomentum: true
    default: false
    }
  }

  /// What a first and a later step would have.
  private static func coefficients(of rule: UpdateRule) -> [SIMD8<Float>] {
    switch rule {
    case .adagrad: [[0.1, 1e-10, 0.5, 0, 0, 0, 0, 0], [0.1, 1e-10, 0, 0, 0, 0, 0, 0]]
    case .adadelta: [[1, 0.9, 0.1, 1e-6, 0, 0, 0, 0]]
    case .rmsprop, .rmspropMomentum, .rmspropCentred, .rmspropCentredMomentum: [[0.01, 0.99, 0.01, 1e-8, 0.9, 0, 0, 0]]
    case .adamax: [[0.02, 0.9, 0.1, 0.999, 1e-8, 0, 0, 0]]
    case .nadam: [[0.01, 0.02, 3, 0.9, 0.1, 0.999, 0.001, 1e-8]]
    case .amsgrad: [[0.01, 3, 0.9, 0.1, 0.999, 0.001, 1e-8, 0]]
    case .adaBelief: [[0.01, 3, 0.9, 0.1, 0.999, 0.001, 1e-8, 1e-10]]
    case .lion: [[0.001, 0.9, 0.1, 0.99, 0.01, 0, 0, 0]]
    case .yogi: [[0.01, 3, 0.9, 0.1, 0.001, 1e-3, 1e-6, 0], [0.01, 3, 0.9, 0.1, 0.001, 1e-3, 0, 0]]
    case .rprop: [[1, 0.5, 1.2, 1e-6, 50, 0.01, 0, 0], [0.5, 0.5, 1.2, 0.1, 0.5, 0, 0, 0]]
    case .quickprop: [[0.01, 1.75, 0.63, 0, 0, 0, 0, 0]]
    case .scheduleFreeAdamW:
      [[0.01, -0.01, 1, 0.999, 0.001, 3, 1e-8, 0.1], [0.01, -0.002, 0.25, 0.999, 0.001, 3, 1e-8, 0]]
    case .lambDirection: [[2, 3, 0.9, 0.1, 0.999, 0.001, 1e-6, 0.1]]
    case .decayedGradient: [[0.1, 0, 0, 0, 0, 0, 0, 0]]
    }
  }

  @Test func clippingAndBlendingGiveTheReferenceBitsForStrangeValuesToo() throws {
    let cases = [16, 48, 80, 1040].flatMap { count in
      [Float](arrayLiteral: 0.25, 1e-30).map { scalar in
        var random = TestRandom(seed: count)
        return BlendCase(values: random.strangeFloats(count), target: random.floats(count), scalar: scalar)
      }
    }
    try expectSameBits("clipValues, blend", cases)
  }

  @Test func sumOfSquaresGivesTheReferenceBits() throws {
    let cases = [0, 16, 32, 48, 64, 80, 1040, 16_400].map { count in
      var random = TestRandom(seed: count)
      return SumOfSquaresCase(values: random.floats(count))
    }
    try expectSameBits("sumOfSquares", cases)
  }
}
