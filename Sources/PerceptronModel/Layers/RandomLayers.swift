import NeuronKernels

/// Leaves out each value with probability `rate` while training, and scales the others up; answers use all of them.
///
///     y = x/(1 − rate) or 0
///
/// What is left out follows from the seed, the step, the sample and the unit, and from nothing else.
///
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting", JMLR 15, 2014.
public struct Dropout: Sendable, Hashable {
  /// The probability of being left out, at least 0 and below 1.
  public var rate: Float

  /// A layer that leaves out a share of `rate`.
  public init(_ rate: Float) { self.rate = rate }
}

/// Dropout for SELU: what is left out becomes the value that SELU tends to, and mean and variance stay 0 and 1.
///
///     y = a·x + b or a·α′ + b        α′ = −1.7581, a = 1/√((1 − rate)·(1 + rate·α′²)), b = −a·α′·rate
///
/// Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515.
public struct AlphaDropout: Sendable, Hashable {
  /// The probability of being left out, at least 0 and below 1.
  public var rate: Float

  /// A layer that leaves out a share of `rate`.
  public init(_ rate: Float) { self.rate = rate }
}

/// Adds a normal number of mean 0 to every value while training; answers are without.
///
/// The numbers follow from the seed, the step, the sample and the unit, and from nothing else.
public struct GaussianNoise: Sendable, Hashable {
  /// The standard deviation, at least 0.
  public var deviation: Float

  /// A layer that adds noise of this deviation.
  public init(_ deviation: Float) { self.deviation = deviation }
}

extension Dropout {
  var change: RandomChange { .drop(rate: rate, scale: Float(1 / (1 - Double(rate))), shift: 0, dropped: 0) }
}

extension AlphaDropout {
  /// −scale·alpha of SELU.
  private static let limit = -1.7580993408473766

  var change: RandomChange {
    let rate = Double(rate), a = 1 / ((1 - rate) * (1 + rate * Self.limit * Self.limit)).squareRoot()
    let b = -a * Self.limit * rate
    return .drop(rate: self.rate, scale: Float(a), shift: Float(b), dropped: Float(a * Self.limit + b))
  }
}
