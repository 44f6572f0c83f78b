import Fascicle

extension LayerCase {
  /// The rows of `Oracle/batch_norm.json`.
  static let batchNorms: [LayerCase] = [
    LayerCase("batch norm") {
      Dense(37, usesBias: false)
      BatchNorm()
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("batch norm first") {
      BatchNorm()
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("batch norm last") {
      Dense(9, activation: .tanh)
      Dense(35, usesBias: false)
      BatchNorm()
    },
    LayerCase("batch norm of a softmax") {
      Dense(37, activation: .tanh)
      BatchNorm()
      Dense(4, activation: .softmax)
    },
    LayerCase("batch norm that learns nothing") {
      Dense(33, usesBias: false)
      BatchNorm(usesGain: false, usesShift: false)
      Dense(3)
    },
    LayerCase("batch norm with a gain") {
      Dense(17, activation: .tanh)
      BatchNorm(momentum: 0.25, epsilon: 0.01, usesShift: false)
      Dense(3)
    },
    LayerCase("batch norm with a shift") {
      Dense(17, activation: .tanh)
      BatchNorm(momentum: 1, epsilon: 0.5, usesGain: false)
      Dense(3)
    },
    LayerCase("batch norms in a residual") {
      Dense(17, usesBias: false)
      Residual {
        BatchNorm()
        Dense(33, activation: .tanh)
        BatchNorm(usesShift: false)
        Dense(17, usesBias: false)
      }
      BatchNorm()
      Dense(3)
    },
  ]
}
