import GradientOptimizers
import NeuronKernels
import Testing

/// An optimizer beside its rule in Double, with the checks that every one must pass.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
  let label: String
  let optimizer: any GradientOptimizer
  /// The rule in Double; nil for those that ``OptimizerOracleTests`` compares with other frameworks.
  var rule: UpdateRule?

  var testDescription: String { label }

  static let all: [OptimizerCase] =
    [
      OptimizerCase(label: "SGD", optimizer: SGD(learningRate: 0.1), rule: .descent(rate: 0.1)),
      OptimizerCase(
        label: "SGD, L2", optimizer: SGD(learningRate: 0.1, weightDecay: 1e-4), rule: .descent(rate: 0.1, decay: 1e-4)),
      OptimizerCase(
        label: "momentum", optimizer: SGD(learningRate: 0.05, momentum: 0.9), rule: .momentum(rate: 0.05, momentum: 0.9)
      ),
      OptimizerCase(
        label: "momentum, L2", optimizer: SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4),
        rule: .momentum(rate: 0.05, momentum: 0.9, decay: 1e-4)),
      OptimizerCase(
        label: "Nesterov", optimizer: SGD(learningRate: 0.05, momentum: 0.8, nesterov: true),
        rule: .nesterov(rate: 0.05, momentum: 0.8)),
      OptimizerCase(
        label: "Nesterov, L2", optimizer: SGD(learningRate: 0.05, momentum: 0.8, nesterov: true, weightDecay: 1e-4),
        rule: .nesterov(rate: 0.05, momentum: 0.8, decay: 1e-4)),
      OptimizerCase(
        label: "Adam", optimizer: Adam(learningRate: 0.01),
        rule: .adam(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)),
      OptimizerCase(
        label: "Adam, L2",
        optimizer: Adam(learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 1e-4),
        rule: .adam(rate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-3, decay: 1e-4)),
      OptimizerCase(
        label: "AdamW", optimizer: AdamW(learningRate: 0.01, weightDecay: 1e-2),
        rule: .adamW(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 1e-2)),
    ] + elementwise

  /// Rates that suit a parabola one away from its minimum.
  private static let elementwise: [OptimizerCase] = [
    OptimizerCase(label: "Adagrad", optimizer: Adagrad(learningRate: 0.1)),
    OptimizerCase(label: "Adadelta", optimizer: Adadelta()),
    OptimizerCase(label: "RMSprop", optimizer: RMSprop(learningRate: 0.01)),
    OptimizerCase(label: "RMSprop, momentum", optimizer: RMSprop(learningRate: 0.001, momentum: 0.9)),
    OptimizerCase(label: "RMSprop, centred", optimizer: RMSprop(learningRate: 0.001, centred: true, epsilon: 1e-2)),
    OptimizerCase(
      label: "RMSprop, centred, momentum",
      optimizer: RMSprop(learningRate: 0.0005, momentum: 0.9, centred: true, epsilon: 1e-2)),
    OptimizerCase(label: "Adamax", optimizer: Adamax(learningRate: 0.02)),
    OptimizerCase(label: "Nadam", optimizer: Nadam(learningRate: 0.01)),
    OptimizerCase(label: "AMSGrad", optimizer: AMSGrad(learningRate: 0.01)),
    OptimizerCase(label: "RAdam", optimizer: RAdam(learningRate: 0.01)),
    OptimizerCase(label: "AdaBelief", optimizer: AdaBelief(learningRate: 0.01)),
    OptimizerCase(label: "Lion", optimizer: Lion(learningRate: 0.005)),
    OptimizerCase(label: "Yogi", optimizer: Yogi(learningRate: 0.01)),
    OptimizerCase(label: "Rprop", optimizer: Rprop(learningRate: 0.01)),
    OptimizerCase(label: "Quickprop", optimizer: Quickprop(learningRate: 0.1)),
    OptimizerCase(label: "schedule-free AdamW", optimizer: ScheduleFreeAdamW(learningRate: 0.02)),
  ]
}

// MARK: - The checks

extension OptimizerCase {
  /// The largest departure from the rule over three steps, relative to the largest parameter; clipping by `scale`.
  func departureFromRule(gradientScale: Float) throws -> Double {
    var random = PhiloxStream(seed: 11, stream: 3)
    let start = (0..<96).map { _ in 2 * random.nextUnitFloat() - 1 }
    let memory = try SliceMemory(parameters: start)
    var tracks = start.map { UpdateRule.Track(parameter: Double($0)) }
    for number in 1...3 {
      let gradients = (0..<96).map { _ in 2 * random.nextUnitFloat() - 1 }
      try memory.step(optimizer, number: number, gradients: gradients, gradientScale: gradientScale)
      for index in tracks.indices {
        rule?.advance(&tracks[index], gradient: Double(gradients[index]) * Double(gradientScale), number: number)
      }
    }
    return zip(memory.parameters, tracks).reduce(0.0) { max($0, abs(Double($1.0) - $1.1.parameter)) }
  }

  /// Whether three steps give the same bits for the whole vector and for every way of cutting it that is tried.
  func isSliceIndependent() throws -> Bool {
    var random = PhiloxStream(seed: 12, stream: 4)
    let start = (0..<192).map { _ in 2 * random.nextUnitFloat() - 1 }
    let gradients = (0..<3).map { _ in (0..<192).map { _ in 2 * random.nextUnitFloat() - 1 } }
    func result(cuts: [Int]) throws -> [UInt32] {
      let memory = try SliceMemory(parameters: start)
      for (index, gradient) in gradients.enumerated() {
        try memory.step(optimizer, number: index + 1, gradients: gradient, gradientScale: 0.75, cuts: cuts)
      }
      return memory.parameters.map(\.bitPattern)
    }
    let whole = try result(cuts: [])
    return try [[16], [176], [64, 128], [16, 48, 96, 160], Array(stride(from: 16, to: 192, by: 16))]
      .allSatisfy { try result(cuts: $0) == whole }
  }

  /// The distance from the minimum of ½·Σ c·(w − target)² after 1,500 steps; 1 at the start.
  func distanceOnParabola() throws -> Float {
    let curvatures = (0..<32).map { 0.1 + Float($0 % 8) * 0.25 }
    let targets = (0..<32).map { Float($0 % 5) * 0.5 - 1 }
    let memory = try SliceMemory(parameters: targets.map { $0 + 1 })
    for number in 1...1500 {
      let parameters = memory.parameters
      try memory.step(
        optimizer, number: number,
        gradients: parameters.indices.map { curvatures[$0] * (parameters[$0] - targets[$0]) })
    }
    return zip(memory.parameters, targets).reduce(0) { $1.0.isNaN ? .nan : max($0, abs($1.0 - $1.1)) }
  }

  /// What is wrong with the optimizer; nothing for a good one.
  func complaints() throws -> [String] {
    var complaints: [String] = []
    for scale: Float in rule == nil ? [] : [1, 0.25] where !(try departureFromRule(gradientScale: scale) < 1e-6) {
      complaints.append("departs from its rule by \(try departureFromRule(gradientScale: scale)) at scale \(scale)")
    }
    if !(try isSliceIndependent()) { complaints.append("depends on how the vector is cut") }
    let distance = try distanceOnParabola()
    if !(distance < 0.02) { complaints.append("is \(distance) away from a parabola's minimum") }
    return complaints
  }
}
