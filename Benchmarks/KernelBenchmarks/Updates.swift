import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// Every update kernel, over parameters in the second-level cache and in memory, on the widest instruction set.
func registerUpdates() {
  for (place, count) in [("in cache", 32 << 10), ("in memory", 8 << 20)] {
    for rule in UpdateRule.all {
      Benchmark.movement(
        "\(rule.name) \(place)", elements: count, bytes: count * 4 * rule.floatsMoved,
        workingSet: count * 4 * rule.blockCount
      ) {
        try ParameterUpdate(rule, count: count)
      }
    }
  }
}

/// An update kernel with numbers that training would give it.
private struct UpdateRule: Sendable {
  let name: String
  /// Floats read and written for a parameter.
  let floatsMoved: Int
  /// Blocks that it touches: parameters, gradients, state.
  let blockCount: Int
  /// Runs it; what a kernel returns counts as a result too.
  let apply: @Sendable (_ functions: nk_kernel_table, inout nk_update) -> Double

  static let all = dense + elementwise

  /// A rule of `nk_update_rule` that reads and writes parameters and `states` floats of each one's state.
  private static func rule(
    _ name: String, _ rule: nk_update_rule, states: Int, _ coefficients: [Float]
  ) -> UpdateRule {
    let all = coefficients + [Float](repeating: 0, count: Int(NK_RULE_COEFFICIENTS) - coefficients.count)
    return UpdateRule(name: name, floatsMoved: 3 + 2 * states, blockCount: 2 + states) {
      $0.update_rule(rule, &$1, all)
      return 0
    }
  }

  /// With the coefficients of a late step.
  private static let elementwise = [
    rule("adagrad", NK_RULE_ADAGRAD, states: 1, [1e-3, 1e-10, 0]),
    rule("adadelta", NK_RULE_ADADELTA, states: 2, [1e-3, 0.9, 0.1, 1e-6]),
    rule("rmsprop", NK_RULE_RMSPROP, states: 1, [1e-3, 0.99, 0.01, 1e-8, 0]),
    rule("rmsprop centred, momentum", NK_RULE_RMSPROP_CENTRED_MOMENTUM, states: 3, [1e-3, 0.99, 0.01, 1e-3, 0.9]),
    rule("adamax", NK_RULE_ADAMAX, states: 2, [1e-3, 0.9, 0.1, 0.999, 1e-8]),
    rule("nadam", NK_RULE_NADAM, states: 2, [1e-4, 1e-3, 1, 0.9, 0.1, 0.999, 1e-3, 1e-8]),
    rule("amsgrad", NK_RULE_AMSGRAD, states: 3, [1e-3, 1, 0.9, 0.1, 0.999, 1e-3, 1e-8]),
    rule("adabelief", NK_RULE_ADABELIEF, states: 2, [1e-3, 1, 0.9, 0.1, 0.999, 1e-3, 1e-8, 1e-10]),
    rule("lion", NK_RULE_LION, states: 1, [1e-4, 0.9, 0.1, 0.99, 0.01]),
    rule("yogi", NK_RULE_YOGI, states: 2, [1e-3, 1, 0.9, 0.1, 1e-3, 1e-3, 0]),
    rule("rprop", NK_RULE_RPROP, states: 2, [1, 0.5, 1.2, 1e-6, 50, 0]),
    rule("quickprop", NK_RULE_QUICKPROP, states: 2, [1e-3, 1.75, 0.636]),
    rule(
      "schedule-free adamw", NK_RULE_SCHEDULE_FREE_ADAMW, states: 2,
      [1e-3, -1e-4, 1e-3, 0.999, 1e-3, 1, 1e-8, 0]),
    rule("lars direction", NK_RULE_DECAYED_GRADIENT, states: 1, [1e-4]),
    rule("lamb direction", NK_RULE_LAMB_DIRECTION, states: 3, [1, 1, 0.9, 0.1, 0.999, 1e-3, 1e-6, 0]),
  ]

  private static let dense = [
    UpdateRule(name: "sgd", floatsMoved: 3, blockCount: 2) {
      $0.update_sgd(&$1, 1e-3)
      return 0
    },
    UpdateRule(name: "momentum", floatsMoved: 5, blockCount: 3) {
      $0.update_momentum(&$1, 1e-3, 0.9, false)
      return 0
    },
    UpdateRule(name: "nesterov", floatsMoved: 5, blockCount: 3) {
      $0.update_momentum(&$1, 1e-3, 0.9, true)
      return 0
    },
    UpdateRule(name: "adam", floatsMoved: 7, blockCount: 4) {
      $0.update_adam(&$1, 1e-3, 1, 0.9, 0.1, 0.999, 1e-3, 1e-7, 1)
      return 0
    },
    UpdateRule(name: "adamw", floatsMoved: 7, blockCount: 4) {
      $0.update_adam(&$1, 1e-3, 1, 0.9, 0.1, 0.999, 1e-3, 1e-7, 0.9999)
      return 0
    },
    UpdateRule(name: "gradient norm", floatsMoved: 1, blockCount: 1) {
      $0.sum_of_squares($1.gradients, $1.count)
    },
  ]
}

/// One update of all parameters, in place.
private final class ParameterUpdate: CheckedWork {
  private let rule: UpdateRule
  private let gradients: Block<Float>
  private let state: State

  /// What an update changes.
  private struct State {
    let parameters, first, second, third: Block<Float>

    init(count: Int) throws {
      parameters = try Block<Float>(random: count, seed: 1)
      // Roots are taken of some rules' states, so none is below 0.
      first = try Block<Float>(random: count, in: 0...1, seed: 2)
      second = try Block<Float>(random: count, in: 0...1, seed: 3)
      third = try Block<Float>(random: count, in: 0...1, seed: 5)
    }
  }

  init(_ rule: UpdateRule, count: Int) throws {
    self.rule = rule
    gradients = try Block<Float>(random: count, seed: 4)
    state = try State(count: count)
  }

  func run() { _ = update(state, .widest) }

  func check() throws {
    let expected = try State(count: gradients.count)
    let (result, wanted) = (update(state, .widest), update(expected, .reference))
    guard result == wanted else {
      throw WrongResult("\(rule.name): expected \(wanted) as the reference gives, got \(result)")
    }
    let pairs = [
      (state.parameters, expected.parameters, "w"), (state.first, expected.first, "state 0"),
      (state.second, expected.second, "state 1"), (state.third, expected.third, "state 2"),
    ]
    for (values, wanted, what) in pairs {
      try requireSameBits(values.pointer, wanted.pointer, count: values.count, what)
    }
  }

  private func update(_ state: State, _ kernels: KernelTable) -> Double {
    var arguments = nk_update(
      count: gradients.count, parameters: state.parameters.pointer, gradients: gradients.pointer,
      state0: state.first.pointer, state1: state.second.pointer, state2: state.third.pointer, gradient_scale: 1, l2: 0,
      keep: 1)
    return rule.apply(kernels.functions.pointee, &arguments)
  }
}
