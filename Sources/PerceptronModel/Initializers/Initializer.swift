/// How a layer's weights are drawn before training.
///
/// Every weight is a function of (seed, layer, output, input), and with `orthogonal`, `sparse` and `nguyen_widrow` of the
/// layer's shape besides; neither the memory layout nor the number of workers changes it. Biases start at zero unless the
/// layer says otherwise; with `nguyen_widrow` they are part of the method.
public enum Initializer: Sendable, Hashable {
  /// Uniform in ±√(6/(inputs + outputs)).
  ///
  /// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
  case glorotUniform
  /// Normal with variance 2/(inputs + outputs).
  case glorotNormal
  /// Uniform in ±√(6/inputs), which keeps the variance through rectifiers.
  ///
  /// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
  case heUniform
  /// Normal with variance 2/inputs.
  case heNormal
  /// Uniform in ±√(3/inputs).
  ///
  /// Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, section 4.6.
  case lecunUniform
  /// Normal with variance 1/inputs, which keeps mean and variance through SELU.
  ///
  /// Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
  case lecunNormal
  /// Normal with this standard deviation.
  case randomNormal(deviation: Float = 0.05)
  /// Uniform in ±bound.
  case randomUniform(bound: Float = 0.05)
  /// Normal with this standard deviation, cut off at two of them: the cut leaves 0.8796 of it.
  case truncatedNormal(deviation: Float = 0.05)
  /// Variance scale/fan, from a distribution of choice; `glorot`, `he` and `lecun` are cases of it.
  ///
  /// Source: He, Zhang, Ren, Sun, 2015, section 2.2; the words are those of Keras.
  case varianceScaling(
    scale: Float = 1, fan: InitializerFan = .input, distribution: InitializerDistribution = .truncated)
  /// A random rotation times `gain`: WᵀW = gain²·I, or WWᵀ where there are fewer outputs than inputs.
  ///
  /// Takes outputs²·inputs (or inputs²·outputs) multiplications on one core, four times over.
  ///
  /// Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
  /// networks", 2013, arXiv:1312.6120.
  case orthogonal(gain: Float = 1)
  /// All the same number.
  case constant(value: Float)
  /// All zero.
  case zeros
  /// All one.
  case ones
  /// `gain` where output and input have the same number, else zero.
  case identity(gain: Float = 1)
  /// Normal with this standard deviation, but in each unit a share of the inputs, rounded up, has weight zero.
  ///
  /// Source: Martens, "Deep learning via Hessian-free optimization", ICML 2010.
  case sparse(share: Float = 0.9, deviation: Float = 0.1)
  /// Random directions of length β = 0.7·units^(1/inputs) and biases in ±β: each unit takes its own part of inputs in ±1.
  ///
  /// Source: Nguyen, Widrow, "Improving the learning speed of 2-layer neural networks by choosing initial values of the
  /// adaptive weights", IJCNN 1990, doi:10.1109/IJCNN.1990.137819.
  case nguyenWidrow

  /// He's for rectifiers, LeCun's normal for SELU, Glorot's for everything else.
  static func standard(for activation: ActivationFunction) -> Initializer {
    if activation == .selu { return .lecunNormal }
    return activation.isRectifier ? .heUniform : .glorotUniform
  }
}

/// Which of a layer's widths ``Initializer/varianceScaling(scale:fan:distribution:)`` divides by.
public enum InitializerFan: String, Sendable, Hashable, CaseIterable {
  /// The inputs.
  case input = "fan_in"
  /// The outputs.
  case output = "fan_out"
  /// The mean of both.
  case average = "fan_avg"
}

/// What ``Initializer/varianceScaling(scale:fan:distribution:)`` draws from.
public enum InitializerDistribution: String, Sendable, Hashable, CaseIterable {
  /// Normal, cut off at two deviations and widened to keep the variance.
  case truncated = "truncated_normal"
  /// Normal.
  case normal
  /// Uniform.
  case uniform
}

extension Initializer: CustomStringConvertible {
  /// The name, with the parameters' values in brackets.
  public var description: String {
    let values = parameters.map { parameter in
      switch parameter.value {
      case .number(let number): "\(number)"
      case .word(let word): word
      }
    }
    return values.isEmpty ? name : "\(name)(\(values.joined(separator: ", ")))"
  }
}
