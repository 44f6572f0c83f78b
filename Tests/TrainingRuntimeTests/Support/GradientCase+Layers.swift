import Fascicle

/// Networks with layers beside dense ones and activations.
extension GradientCase {
  static let layers: [GradientCase] = {
    let networks = [
      Network(inputs: 5) {
        Dense(33, activation: .tanh)
        LayerNorm(epsilon: 0.01)
        Dense(4)
      },
      Network(inputs: 13) {
        RMSNorm(epsilon: 0.01)
        Dense(10, activation: .sigmoid)
        GatedLinear()
        Dense(3)
      },
      Network(inputs: 5) {
        Residual {
          Dense(40, activation: .tanh)
          Residual {
            LayerNorm(epsilon: 0.01)
            Activation(.tanh)
          }
          Dense(10)
          GatedLinear()
        }
        Dense(4)
      },
      Network(inputs: 5) {
        Dense(12, activation: .preLU())
        Residual {
          Activation(.tanh)
          Dense(12, activation: .preLU(sharing: .perLayer))
        }
        LayerNorm(epsilon: 0.01)
        LayerNorm(epsilon: 0.5)
      },
    ]
    return networks.enumerated().flatMap { number, network in
      sampleCounts.map { GradientCase(network, sampleCount: $0, seed: UInt64(900 + number)) }
    }
  }()

  /// Batch norms first, last, twice and in a span; no minibatch of theirs has one sample, and no bias stands where they would take it out again.
  static let batchNorms: [GradientCase] = {
    let networks = [
      Network(inputs: 5) {
        Dense(33, activation: .tanh)
        BatchNorm(epsilon: 0.01)
        Dense(4)
      },
      Network(inputs: 13) {
        BatchNorm(epsilon: 0.01, usesGain: false)
        Dense(10, activation: .sigmoid)
        BatchNorm(epsilon: 0.5, usesShift: false)
      },
      Network(inputs: 5) {
        Dense(17, usesBias: false)
        Residual {
          BatchNorm(epsilon: 0.01, usesGain: false, usesShift: false)
          Activation(.tanh)
          Dense(17, usesBias: false)
        }
        BatchNorm(epsilon: 0.01)
        Dense(4)
      },
    ]
    return networks.enumerated().flatMap { number, network in
      [2, 3, 33, 70].map { GradientCase(network, sampleCount: $0, seed: UInt64(950 + number)) }
    }
  }()

  /// Embeddings, the last column first.
  static let embeddings: [GradientCase] = {
    let network = Network(inputs: 5) {
      Embedding(column: 3, categories: 6, width: 3)
      Embedding(column: 1, categories: 4, width: 17)
      Dense(12, activation: .tanh)
      Dense(4)
    }
    return [1, 3, 33, 70].map { GradientCase(network, sampleCount: $0, seed: 980) }
  }()

  private init(_ network: Network, sampleCount: Int, seed: UInt64) {
    self.network = network
    loss = .meanSquaredError
    wantsLabels = false
    self.sampleCount = sampleCount
    self.seed = seed
  }
}
