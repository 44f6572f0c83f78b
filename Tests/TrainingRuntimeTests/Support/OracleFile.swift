import Fascicle
import Foundation

/// The numbers that PyTorch computed; `Oracle/README.md` describes the files.
enum OracleFile {
  static let trajectories: Trajectories = decoded("trajectories")
  static let gradients: Gradients = decoded("gradients")
  /// Gradients with the operands of every product rounded to bfloat16.
  static let bfloat16: Gradients = decoded("bfloat16")

  /// The parameters to evaluate after the steps of a trajectory with a transform around them, by the transform.
  static let transforms: Transforms = decoded("transforms")

  struct Transforms: Decodable, Sendable {
    let network: String
    let rows: [String: [LayerParameters]]
  }

  struct Trajectories: Decodable, Sendable {
    let networks: [String: Problem]
    let runs: [Run]
  }

  struct Gradients: Decodable, Sendable {
    let cases: [GradientCase]
  }

  /// A network with its initial parameters and its minibatches.
  struct Problem: Decodable, Sendable {
    let layers: [LayerWidths]
    let loss: String
    let batch: Int
    let parameters: [LayerParameters]
    let batches: [Samples]
  }

  struct Run: Decodable, Sendable {
    let network: String
    let optimizer: OptimizerValues
    let float32: Outcome
    let float64: Outcome
  }

  struct Outcome: Decodable, Sendable {
    let losses: [Double]
    let parameters: [LayerParameters]
  }

  struct GradientCase: Decodable, Sendable {
    let name: String
    let layers: [LayerWidths]
    let loss: String
    let batch: Int
    let parameters: [LayerParameters]
    let inputs: [Float]
    let labels: [Int]?
    let targets: [Float]?
    let value: Double
    let gradients: [LayerParameters]
  }

  struct LayerWidths: Decodable, Sendable {
    let inputs: Int
    let units: Int
    let activation: String
    let slope: Float?
  }

  struct LayerParameters: Decodable, Sendable {
    let weights: [Double]
    let bias: [Double]
    let alpha: [Double]?
    let runningMean: [Double]?
    let runningVar: [Double]?
  }

  struct Samples: Decodable, Sendable {
    let inputs: [Float]
    let labels: [Int]?
    let targets: [Float]?
  }

  struct OptimizerValues: Decodable, Sendable {
    let name: String
    let family: String
    let learningRate: Float
    let momentum: Float
    let nesterov: Bool
    let beta1: Float
    let beta2: Float
    let epsilon: Float
    let weightDecay: Float
    let clipNorm: Float
  }

  /// The contents of `Oracle/NAME.json`; a test bundle without it, or with another form of it, ends the run.
  static func decoded<Contents: Decodable>(_ name: String) -> Contents {
    guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Oracle") else {
      fatalError("the test bundle holds no Oracle/\(name).json")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(Contents.self, from: Data(contentsOf: url))
    } catch {
      fatalError("Oracle/\(name).json does not read as its README says: \(error)")
    }
  }
}

// MARK: - As Fascicle's values

extension OracleFile.OptimizerValues {
  var optimizer: any GradientOptimizer {
    switch family {
    case "sgd":
      SGD(learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    case "adam":
      Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    case "adamw":
      AdamW(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    default: fatalError("the oracle's optimizer family \(family) has no counterpart")
    }
  }

  var clipping: GradientClipping { clipNorm == 0 ? .none : .globalNorm(clipNorm) }
}

extension [OracleFile.LayerWidths] {
  var network: Network {
    Network(inputs: self[0].inputs, layers: map { .dense(Dense($0.units, activation: $0.function)) })
  }
}

extension OracleFile.LayerWidths {
  fileprivate var function: ActivationFunction {
    guard let usual = ActivationFunction.named(activation),
      let function = usual.with(slope.map { ["slope": .number($0)] } ?? [:])
    else { fatalError("the oracle's activation \(activation) has no counterpart") }
    return function
  }
}

extension OracleFile.LayerParameters {
  var stageParameters: StageParameters {
    StageParameters(
      weights: weights.map { Float($0) }, bias: bias.map { Float($0) }, slopes: (alpha ?? []).map { Float($0) },
      runningMean: (runningMean ?? []).map { Float($0) }, runningVariance: (runningVar ?? []).map { Float($0) })
  }

  /// The departure of a stage's tensors from these, each measured on its own.
  func departure(of stage: StageParameters) -> Double {
    Departure.worst([
      Departure.of(stage.weights, from: weights), Departure.of(stage.bias, from: bias),
      Departure.of(stage.slopes, from: alpha ?? []),
      runningMean.map { Departure.of(stage.runningMean, from: $0) } ?? 0,
      runningVar.map { Departure.of(stage.runningVariance, from: $0) } ?? 0,
    ])
  }
}

extension Dataset {
  /// A set with labels where there are labels, else with target values.
  init(_ samples: OracleFile.Samples, layers: [OracleFile.LayerWidths]) throws {
    let outputs = layers[layers.count - 1].units
    if let labels = samples.labels {
      try self.init(features: samples.inputs, featureCount: layers[0].inputs, labels: labels, classCount: outputs)
    } else {
      try self.init(
        features: samples.inputs, featureCount: layers[0].inputs, targets: samples.targets ?? [], targetCount: outputs)
    }
  }
}
