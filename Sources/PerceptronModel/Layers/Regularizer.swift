/// A price on large values, whose gradient training adds to that of the loss; the losses reported are without it.
///
///     penalty = l1·Σ|v| + l2·Σv²        ∂penalty/∂v = l1·sign v + 2·l2·v
///
/// Over weights, biases or slopes the sums run over all of them, padding left out. Over a layer's outputs they run over
/// the units, and the penalty is a mean over the samples of the minibatch, as the loss is.
public struct Regularizer: Sendable, Hashable {
  /// The factor of Σ|v|, at least 0: it draws values to zero and holds them there.
  public var l1: Float
  /// The factor of Σv², at least 0: it draws large values harder.
  public var l2: Float

  /// A penalty with both terms, elastic where neither is zero.
  ///
  /// Source: Zou, Hastie, "Regularization and variable selection via the elastic net", 2005,
  /// doi:10.1111/j.1467-9868.2005.00503.x.
  public init(l1: Float = 0, l2: Float = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  /// No penalty.
  public static let none = Regularizer()
  /// `factor`·Σ|v|.
  public static func l1(_ factor: Float) -> Regularizer { Regularizer(l1: factor) }
  /// `factor`·Σv².
  public static func l2(_ factor: Float) -> Regularizer { Regularizer(l2: factor) }
  /// Both.
  public static func elastic(l1: Float, l2: Float) -> Regularizer { Regularizer(l1: l1, l2: l2) }

  /// Whether there is nothing to add.
  public var isNone: Bool { l1 == 0 && l2 == 0 }

  /// The factors as configurations write them.
  public var parameters: [NamedParameter] {
    [.number("l1", l1, .nonNegative), .number("l2", l2, .nonNegative)]
  }
}
