import NeuronKernels

/// What a stage does to the values that come in.
package enum StageOperation: Sendable, Hashable {
  /// Products, where it is dense, and an activation.
  case activate
  /// A random change while training, else nothing.
  case change(RandomChange)
  /// Normalization over the units; gains stand in the stage's slopes and shifts in its biases.
  case normalize(centers: Bool, epsilon: Float)
  /// Normalization over the samples; gains stand in the stage's slopes and shifts in its biases, each where it is learned.
  case batchNormalize(momentum: Float, epsilon: Float)
  /// Gated linear units.
  case gate
  /// Takes a column of category numbers out and lays the vector of the category behind the rest; the vectors are the stage's
  /// weights, `[categories][width]`. `column` counts the data's columns, `position` the values that come in.
  case embed(column: Int, position: Int, categories: Int)
  /// Adds what stage `source` puts out, or the network's input where that is −1.
  case add(source: Int)

  /// Whether the way back multiplies with what the way forward drew.
  var keepsFactors: Bool { if case .change(.drop) = self { true } else { false } }

  /// Whether answers pass unchanged.
  package var isIdentityForAnswers: Bool { if case .change = self { true } else { false } }

  /// Whether a value costs a random draw or an exponential.
  package var drawsOrGates: Bool {
    switch self {
    case .change, .gate: true
    case .activate, .normalize, .batchNormalize, .embed, .add: false
    }
  }

  /// Whether the stage's result can stand where its input does.
  var worksInPlace: Bool { self != .gate && embedded == nil }

  /// Whether the stage is a normalization, whose slopes are gains and whose biases are shifts.
  package var isNormalization: Bool { normalizesSamples || normalizesBatches }

  /// Whether each sample is normalized over its units.
  var normalizesSamples: Bool { if case .normalize = self { true } else { false } }

  /// Whether each unit is normalized over the samples of the minibatch, for which all who share it meet.
  package var normalizesBatches: Bool { if case .batchNormalize = self { true } else { false } }
}

extension Stage {
  /// The stage's normalization with its parameters in a vector; nil where it is none.
  func normalization(_ vector: UnsafePointer<Float>) -> FeatureNormalization? {
    guard case .normalize(let centers, let epsilon) = operation else { return nil }
    return FeatureNormalization(
      centers: centers, epsilon: epsilon, gain: vector + slopes.lowerBound,
      shift: bias.isEmpty ? nil : vector + bias.lowerBound)
  }
}
