import NeuronKernels

/// What configurations, kernels and plans know of a loss: a row of the table below.
struct LossForm {
  /// What the loss can be compared with, and what it needs to be told.
  struct Traits: OptionSet {
    let rawValue: Int
    /// Class labels are targets.
    static let labels = Traits(rawValue: 1)
    /// Rows of values are targets.
    static let values = Traits(rawValue: 2)
    /// The outputs are scores of classes of which one is right, so that one output would have nothing to compare with.
    static let exclusive = Traits(rawValue: 4)
  }

  let name: String
  let kind: KernelLoss.Kind
  let traits: Traits
  let parameters: [LossParameter]
  /// The kernel's numbers for so many outputs.
  let numbers: (Int) -> (a: Float, b: Float)
  /// The activation of the last layer that the loss is fused with.
  let fused: ActivationFunction?
  /// The value of a single output above which it stands for class 1.
  let threshold: Float
  /// The loss with other values of the parameters, in their order; nil for a word that is none of theirs.
  let withValues: ([LossParameter.Value]) -> Loss?

  init(
    _ name: String, _ kind: KernelLoss.Kind, _ traits: Traits, parameters: [LossParameter] = [],
    numbers: @escaping (Int) -> (a: Float, b: Float) = { _ in (1, 0) }, fused: ActivationFunction? = nil,
    threshold: Float = 0.5, withValues: @escaping ([LossParameter.Value]) -> Loss?
  ) {
    self.name = name
    self.kind = kind
    self.traits = traits
    self.parameters = parameters
    self.numbers = numbers
    self.fused = fused
    self.threshold = threshold
    self.withValues = withValues
  }

  init(_ name: String, _ kind: KernelLoss.Kind, _ loss: Loss) {
    self.init(name, kind, [.labels, .values]) { _ in loss }
  }
}

extension Loss {
  /// Every loss, with its usual parameters.
  public static let all: [Loss] = [
    .crossEntropy(), .binaryCrossEntropy(), .focal(), .binaryFocal(), .klDivergence(), .meanSquaredError,
    .meanAbsoluteError, .meanAbsolutePercentageError, .meanSquaredLogarithmicError, .huber(), .logCosh, .quantile(),
    .poisson(), .gaussianNLL, .hinge, .squaredHinge, .categoricalHinge, .cosineSimilarity,
  ]

  /// The loss's row.
  var form: LossForm {
    switch self {
    case .crossEntropy(let smoothing, let input):
      LossForm(
        "categorical_cross_entropy", .crossEntropy, [.labels, .values, .exclusive],
        parameters: [.smoothing(smoothing), .word("from", input)],
        numbers: { (1 - smoothing, smoothing / Float($0)) }, fused: input == .probabilities ? .softmax : nil
      ) { values in
        values[1].choice().map { .crossEntropy(labelSmoothing: values[0].number ?? .nan, from: $0) }
      }
    case .binaryCrossEntropy(let smoothing, let input):
      LossForm(
        "binary_cross_entropy", .binaryCrossEntropy, [.labels, .values],
        parameters: [.smoothing(smoothing), .word("from", input)],
        numbers: { _ in (1 - smoothing, smoothing / 2) }, fused: input == .probabilities ? .sigmoid : nil,
        threshold: input == .probabilities ? 0.5 : 0
      ) { values in
        values[1].choice().map { .binaryCrossEntropy(labelSmoothing: values[0].number ?? .nan, from: $0) }
      }
    case .focal(let gamma, let input):
      LossForm(
        "focal", .focal, [.labels, .exclusive],
        parameters: [.number("gamma", gamma, .nonNegative), .word("from", input)],
        numbers: { _ in (gamma, 0) }, fused: input == .probabilities ? .softmax : nil
      ) { values in values[1].choice().map { .focal(gamma: values[0].number ?? .nan, from: $0) } }
    case .binaryFocal(let gamma, let input):
      LossForm(
        "binary_focal", .binaryFocal, [.labels, .values],
        parameters: [.number("gamma", gamma, .nonNegative), .word("from", input)],
        numbers: { _ in (gamma, 0) }, fused: input == .probabilities ? .sigmoid : nil,
        threshold: input == .probabilities ? 0.5 : 0
      ) { values in values[1].choice().map { .binaryFocal(gamma: values[0].number ?? .nan, from: $0) } }
    case .klDivergence(let input):
      LossForm(
        "kl_divergence", .klDivergence, [.values, .exclusive], parameters: [.word("from", input)],
        fused: input == .probabilities ? .softmax : nil
      ) { $0[0].choice().map { .klDivergence(from: $0) } }
    case .meanSquaredError: LossForm("mean_squared_error", .meanSquaredError, .meanSquaredError)
    case .meanAbsoluteError: LossForm("mean_absolute_error", .meanAbsoluteError, .meanAbsoluteError)
    case .meanAbsolutePercentageError:
      LossForm("mean_absolute_percentage_error", .meanAbsolutePercentageError, .values) { _ in
        .meanAbsolutePercentageError
      }
    case .meanSquaredLogarithmicError:
      LossForm("mean_squared_logarithmic_error", .meanSquaredLogarithmicError, .values) { _ in
        .meanSquaredLogarithmicError
      }
    case .huber(let delta):
      LossForm(
        "huber", .huber, [.labels, .values], parameters: [.number("delta", delta, .positive)],
        numbers: { _ in (delta, 0) }
      ) { .huber(delta: $0[0].number ?? .nan) }
    case .logCosh: LossForm("log_cosh", .logCosh, .logCosh)
    case .quantile(let tau):
      LossForm(
        "quantile", .quantile, .values, parameters: [.number("tau", tau, .insideUnit)], numbers: { _ in (tau, 0) }
      ) { .quantile(tau: $0[0].number ?? .nan) }
    case .poisson(let input):
      LossForm(
        "poisson", input == .rates ? .poisson : .logPoisson, .values, parameters: [.word("from", input)]
      ) { $0[0].choice().map { .poisson(from: $0) } }
    case .gaussianNLL: LossForm("gaussian_nll", .gaussianNLL, .values) { _ in .gaussianNLL }
    case .hinge: LossForm("hinge", .hinge, [.labels, .values], threshold: 0) { _ in .hinge }
    case .squaredHinge:
      LossForm("squared_hinge", .squaredHinge, [.labels, .values], threshold: 0) { _ in .squaredHinge }
    case .categoricalHinge:
      LossForm("categorical_hinge", .categoricalHinge, [.labels, .values, .exclusive]) { _ in .categoricalHinge }
    case .cosineSimilarity:
      LossForm("cosine_similarity", .cosineSimilarity, [.labels, .values, .exclusive]) { _ in .cosineSimilarity }
    }
  }
}

extension LossParameter {
  fileprivate static func smoothing(_ share: Float) -> LossParameter { .number("labelSmoothing", share, .rate) }
}
