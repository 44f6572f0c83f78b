import NeuronKernels

/// A function that a neuron applies to its weighted sum, y = f(z).
///
/// Without a non-linear one, any depth of layers collapses into a single linear map. `[…]` below is 1 where the condition
/// holds, else 0.
public enum ActivationFunction: Sendable, Hashable {
  /// y = z. The output of a regression.
  case linear
  /// y = slope·z.
  case scaledLinear(slope: Float)
  /// y = [z > 0]. Its derivative is zero everywhere, so it learns only with a gradient chosen in its stead.
  case step(gradient: StepGradient = .none)
  /// y = 1/(1+e⁻ᶻ), in (0, 1).
  case sigmoid
  /// y = min(max(0, z + 3), 6)/6, a sigmoid of three straight pieces.
  case hardSigmoid
  /// y = log(1/(1+e⁻ᶻ)), in (−∞, 0).
  case logSigmoid
  /// y = tanh z, in (−1, 1).
  case tanh
  /// y = min(max(−1, z), 1).
  case hardTanh
  /// y = scale·tanh(steepness·z); with the defaults, f(±1) = ±1 and the variance of the inputs is kept.
  ///
  /// Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, section 4.4.
  case scaledTanh(scale: Float = 1.7159, steepness: Float = 2.0 / 3.0)
  /// y = z − tanh z.
  case tanhShrink
  /// y = max(0, z).
  case relu
  /// y = min(max(0, z), 6).
  case relu6
  /// y = z where z ≥ 0, else slope·z; the slope may be negative.
  case leakyReLU(slope: Float = 0.01)
  /// Leaky ReLU whose slope is learned, from `initialSlope` on: one for each unit, or one for the layer.
  ///
  /// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
  case preLU(initialSlope: Float = 0.25, sharing: SlopeSharing = .perUnit)
  /// Leaky ReLU whose slope is drawn anew for every sample and unit of a step, between `lower` and `upper`; their mean
  /// where nothing is learned.
  ///
  /// Source: Xu, Wang, Chen, Li, "Empirical Evaluation of Rectified Activations in Convolutional Network", 2015,
  /// arXiv:1505.00853.
  case rreLU(lower: Float = 1.0 / 8.0, upper: Float = 1.0 / 3.0)
  /// y = z where z ≥ 0, else alpha·(eᶻ − 1).
  ///
  /// Source: Clevert, Unterthiner, Hochreiter, "Fast and Accurate Deep Network Learning by ELUs", 2015, arXiv:1511.07289.
  case elu(alpha: Float = 1)
  /// y = 1.0507·z where z ≥ 0, else 1.0507·1.67326·(eᶻ − 1): activations keep mean 0 and variance 1 through depth.
  ///
  /// Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
  case selu
  /// y = z where z ≥ 0, else alpha·(e^(z/alpha) − 1), whose derivative has no jump.
  ///
  /// Source: Barron, "Continuously Differentiable Exponential Linear Units", 2017, arXiv:1704.07483.
  case celu(alpha: Float = 1)
  /// y = z·Φ(z), Φ the normal distribution, or its approximation by tanh.
  ///
  /// Source: Hendrycks, Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415.
  case gelu(form: GELUForm = .erf)
  /// y = z/(1+e⁻ᶻ), also called swish.
  ///
  /// Source: Elfwing, Uchibe, Doya, "Sigmoid-Weighted Linear Units", 2017, arXiv:1702.03118.
  case silu
  /// y = z·min(max(0, z + 3), 6)/6.
  ///
  /// Source: Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244.
  case hardSiLU
  /// y = z·tanh(log(1+eᶻ)).
  ///
  /// Source: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, arXiv:1908.08681.
  case mish
  /// y = log(1+eᶻ), a smooth ReLU.
  case softplus
  /// y = ½·(z + √(z² + b)), a smooth ReLU without exponentials.
  ///
  /// Source: Barron, "Squareplus: A Softplus-Like Algebraic Rectifier", 2021, arXiv:2112.11687.
  case squareplus(b: Float = 4)
  /// y = z/(1+|z|), in (−1, 1).
  case softsign
  /// y = ½ + ½·z/(1+|z|), in (0, 1): a sigmoid without exponentials.
  ///
  /// Source: Elliott, "A Better Activation Function for Artificial Neural Networks", 1993, ISR TR 93-8.
  case elliot
  /// y = eᶻ.
  case exponential
  /// y = e^(−z²), a bump around 0.
  case gaussian
  /// y = z where z > threshold, else value.
  case threshold(threshold: Float = 0, value: Float = 0)
  /// y = z moved towards 0 by lambda, and 0 within.
  case softShrink(lambda: Float = 0.5)
  /// y = z where |z| > lambda, else 0.
  case hardShrink(lambda: Float = 0.5)
  /// y = eᶻ/Σeᶻ over the units of a sample: probabilities that sum to one. Meant for the output layer.
  case softmax
  /// y = z − log Σeᶻ over the units of a sample: the logarithms of softmax.
  case logSoftmax
}

/// What stands for the derivative of the step function, which is zero wherever it exists.
public enum StepGradient: String, Sendable, Hashable, CaseIterable {
  /// Nothing: the function runs forward only.
  case none
  /// [|z| ≤ 1], as if the function were hard tanh.
  ///
  /// Source: Hubara, Courbariaux, Soudry, El-Yaniv, Bengio, "Binarized Neural Networks", 2016, arXiv:1602.02830.
  case straightThrough = "straight_through"
  /// 1, which with mean squared error makes gradient descent the perceptron rule; for a single layer of steps.
  ///
  /// Source: Rosenblatt, "The Perceptron", Psychological Review 65, 1958, doi:10.1037/h0042519.
  case perceptron
}

/// Who learns a slope of their own.
public enum SlopeSharing: String, Sendable, Hashable, CaseIterable {
  /// Each unit.
  case perUnit = "per_unit"
  /// The layer as a whole.
  case perLayer = "per_layer"
}

/// How GELU forms the normal distribution.
public enum GELUForm: String, Sendable, Hashable, CaseIterable {
  /// By the error function, as it is defined.
  case erf
  /// ½·(1 + tanh(√(2/π)·(z + 0.044715·z³))), at most 5e-4 from it.
  case tanh
}

extension ActivationFunction: CustomStringConvertible {
  /// The name, with the parameters' values in brackets; words only where they are not the usual ones.
  public var description: String { title { "\($0)" } }

  /// The same with numbers as `text` writes them.
  package func title(_ text: (Float) -> String) -> String {
    let values = parameters.compactMap { parameter in
      switch parameter.value {
      case .number(let number): text(number)
      case .word(let word): word == parameter.words[0] ? nil : word
      }
    }
    return values.isEmpty ? name : "\(name)(\(values.joined(separator: ", ")))"
  }
}
