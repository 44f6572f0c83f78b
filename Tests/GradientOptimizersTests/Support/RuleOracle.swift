import Foundation
import GradientOptimizers
import RunConfiguration

/// Ten steps of every element-wise rule as PyTorch and optax compute them; `Oracle/generate.py` writes them.
struct RuleOracle: Decodable, Sendable {
  let parameters: [Float]
  let gradients: [[Float]]
  let rows: [Row]

  struct Row: Decodable, Sendable {
    let label: String
    /// The optimizer's name in a configuration.
    let optimizer: String
    /// The framework and its version.
    let source: String
    /// As in a configuration.
    let hyperparameters: [String: Value]
    /// The parameters after the tenth step.
    let result: [Double]
    /// Where they are evaluated, when that is elsewhere.
    let evaluation: [Double]?
  }

  /// A hyperparameter as YAML takes it.
  enum Value: Decodable, Sendable, CustomStringConvertible {
    case number(Double)
    case flag(Bool)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self = try (try? container.decode(Bool.self)).map(Value.flag) ?? .number(container.decode(Double.self))
    }

    var description: String {
      switch self {
      case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
      case .flag(let flag): "\(flag)"
      }
    }
  }

  static let shared: RuleOracle = {
    guard let url = Bundle.module.url(forResource: "rules", withExtension: "json", subdirectory: "Oracle"),
      let data = try? Data(contentsOf: url), let oracle = try? JSONDecoder().decode(RuleOracle.self, from: data)
    else { preconditionFailure("Oracle/rules.json is missing or of another form") }
    return oracle
  }()
}

extension RuleOracle.Row {
  /// The optimizer as a configuration with these keys gives it.
  func makeOptimizer() throws -> any GradientOptimizer {
    let keys = hyperparameters.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    let yaml = "optimizer: { name: \(optimizer), \(keys) }"
    return try RunConfiguration.load(text: yaml, path: "oracle.yaml").optimizer.optimizer
  }
}

extension RuleOracle {
  /// The parameters after all steps by `optimizer`, padded to a whole slice, and where they are evaluated.
  func run(_ optimizer: any GradientOptimizer) throws -> (parameters: [Float], evaluation: [Float]) {
    let padding = [Float](repeating: 0, count: (16 - parameters.count % 16) % 16)
    let memory = try SliceMemory(parameters: parameters + padding)
    for (index, gradient) in gradients.enumerated() {
      try memory.step(optimizer, number: index + 1, gradients: gradient + padding)
    }
    let evaluation = try memory.evaluationPoint(of: optimizer, steps: gradients.count)
    return (Array(memory.parameters.prefix(parameters.count)), Array(evaluation.prefix(parameters.count)))
  }

  /// The largest distance from `expected`, relative to a parameter's size where that is above 1.
  static func departure(_ found: [Float], from expected: [Double]) -> Double {
    precondition(found.count == expected.count, "expected \(expected.count) parameters, found \(found.count)")
    return zip(found, expected).reduce(0) { worst, pair in
      let distance = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
      return distance.isNaN ? .infinity : max(worst, distance)
    }
  }
}

extension SliceMemory {
  /// The parameters that `optimizer` is evaluated at.
  func evaluationPoint(of optimizer: any GradientOptimizer, steps: Int) throws -> [Float] {
    guard let optimizer = optimizer as? any EvaluationPointOptimizer else { return parameters }
    let step = OptimizerStep(number: steps, learningRate: optimizer.learningRate)
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      optimizer.writeEvaluationPoint(
        buffer.baseAddress.unsafelyUnwrapped,
        of: slice(0..<count, step: step, coefficients: .zero, gradientScale: 1, kernels: try .selected()))
      initialized = count
    }
  }
}
