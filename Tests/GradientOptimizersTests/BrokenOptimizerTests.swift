import GradientOptimizers
import Testing

/// Climbs where it should descend.
private struct Ascent: GradientOptimizer {
  var name: String { "ascent" }
  var learningRate: Float { 0.1 }

  func update(_ slice: ParameterSlice) {
    for index in 0..<slice.count { slice.parameters[index] += slice.learningRate * slice.gradient(at: index) }
  }
}

/// Adam that takes every step for its first.
private struct ForgetfulAdam: GradientOptimizer {
  var adam = Adam(learningRate: 0.01)
  var name: String { "forgetful_adam" }
  var learningRate: Float { adam.learningRate }
  var stateSlotCount: Int { adam.stateSlotCount }

  func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    adam.coefficients(for: OptimizerStep(number: 1, learningRate: step.learningRate))
  }
  func update(_ slice: ParameterSlice) { adam.update(slice) }
}

/// Does not look at the clipping factor.
private struct UnclippedDescent: GradientOptimizer {
  var name: String { "unclipped_descent" }
  var learningRate: Float { 0.1 }

  func update(_ slice: ParameterSlice) {
    for index in 0..<slice.count { slice.parameters[index] -= slice.learningRate * slice.gradients[index] }
  }
}

/// Scales each slice by its own mean gradient.
private struct SliceNormalizedDescent: GradientOptimizer {
  var name: String { "slice_normalized_descent" }
  var learningRate: Float { 0.1 }

  func update(_ slice: ParameterSlice) {
    let sum = (0..<slice.count).reduce(Float(1e-6)) { $0 + abs(slice.gradient(at: $1)) }
    for index in 0..<slice.count {
      slice.parameters[index] -= slice.learningRate * slice.gradient(at: index) * Float(slice.count) / sum
    }
  }
}

@Suite("Optimizers that the table must reject")
struct BrokenOptimizerTests {
  @Test("each mistake is found by the check that is there for it")
  func mistakesAreFound() throws {
    let mistakes: [(any GradientOptimizer, UpdateRule, String)] = [
      (Ascent(), .descent(rate: 0.1), "away from a parabola's minimum"),
      (
        ForgetfulAdam(), .adam(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8), "departs from its rule"
      ),
      (UnclippedDescent(), .descent(rate: 0.1), "at scale 0.25"),
      (SliceNormalizedDescent(), .descent(rate: 0.1), "depends on how the vector is cut"),
      // A right optimizer under another one's name.
      (SGD(learningRate: 0.05, momentum: 0.9), .nesterov(rate: 0.05, momentum: 0.9), "departs from its rule"),
      (
        Adam(learningRate: 0.01, weightDecay: 0.01),
        .adamW(rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01), "departs from its rule"
      ),
    ]
    for (optimizer, rule, complaint) in mistakes {
      let complaints = try OptimizerCase(label: optimizer.name, optimizer: optimizer, rule: rule).complaints()
      #expect(complaints.contains { $0.contains(complaint) }, "\(optimizer.name): \(complaints)")
    }
  }
}
