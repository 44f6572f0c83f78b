/// What a number is moved and divided by: (x − centre) / spread.
public struct PreparedScale: Sendable, Hashable {
  /// What is taken away.
  public let centre: Double
  /// What is divided by: finite and more than 0.
  public let spread: Double

  /// A scale from its two figures.
  public init(centre: Double, spread: Double) {
    self.centre = centre
    self.spread = spread
  }

  /// Measures values; a spread of 0, or one whose inverse is no number, becomes 1.
  init(_ scaling: ColumnRecipe.Scaling, of values: [Double]) {
    var figures = NumberFigures(values)
    let (centre, spread): (Double, Double)
    switch scaling {
    case .none: (centre, spread) = (0, 1)
    case .standardize: (centre, spread) = (figures.mean, figures.deviation)
    case .range: (centre, spread) = (figures.smallest, figures.largest - figures.smallest)
    case .robust: (centre, spread) = (figures.quantile(0.5), figures.quantile(0.75) - figures.quantile(0.25))
    }
    self.init(centre: centre, spread: spread > 0 && (1 / spread).isFinite ? spread : 1)
  }

  /// The number in scale, kept within what `Float` holds.
  ///
  /// - Numerics: computed in `Double` and rounded once.
  func callAsFunction(_ value: Double) -> Float {
    let scaled = Float((value - centre) / spread)
    return min(max(scaled, -Float.greatestFiniteMagnitude), Float.greatestFiniteMagnitude)
  }

  /// The number that a scaled one stands for.
  ///
  /// - Numerics: computed in `Double` and rounded once.
  package func undone(_ scaled: Float) -> Float { Float(Double(scaled) * spread + centre) }

  /// Refuses figures that no number can be moved and divided by.
  ///
  /// - Parameter owner: what is scaled, for the message.
  package func requireSense(_ owner: String) throws(TrainingDataError) {
    // Figures of numbers in single precision are no larger than the distance between two of them.
    let limit = 2 * Double(Float.greatestFiniteMagnitude)
    guard centre.magnitude <= limit, spread > 0, spread <= limit, (1 / spread).isFinite else {
      throw TrainingDataError(
        .invalidArgument,
        "expected a finite centre and a spread above 0 for \(owner), got \(centre) and \(spread)")
    }
  }
}
