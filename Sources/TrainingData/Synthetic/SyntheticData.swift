/// A data set that is drawn and not read: shapes on which one sees what a network can learn.
///
///     let moons = try Dataset.synthetic(SyntheticData(.moons, samples: 1_000, noise: 0.1))
///
/// Sample *i* follows from the seed, the shape and *i* alone, so the first hundred of a thousand samples are those of a
/// set of a hundred; the classes take turns.
public struct SyntheticData: Sendable, Hashable {
  /// What the samples look like; all but the last have two features and are told apart by class.
  public enum Shape: String, Sendable, Hashable, CaseIterable {
    /// Points around (±1, ±1); class 1 where the signs differ. No straight line parts the classes.
    ///
    /// Source: Minsky, Papert, *Perceptrons*, 1969: what a single layer can't learn.
    case xor
    /// Two half circles of radius 1, each reaching into the other.
    ///
    /// Source: scikit-learn, `make_moons`.
    case moons
    /// A circle of radius 1 around one of radius ½.
    ///
    /// Source: scikit-learn, `make_circles`, with its factor at ½.
    case circles
    /// Arms that wind around the origin one and a half times, 2 unless `classes` says otherwise.
    ///
    /// Source: Lang, Witbrock, "Learning to Tell Two Spirals Apart", 1988.
    case spirals
    /// Round clouds on a circle of radius 1, 3 unless `classes` says otherwise.
    case blobs
    /// Ten features from 0 to 1 and one target, 10·sin(π·x₁·x₂) + 20·(x₃ − ½)² + 10·x₄ + 5·x₅: a regression of which
    /// five features are beside the point.
    ///
    /// Source: Friedman, "Multivariate Adaptive Regression Splines", Annals of Statistics 19, 1991, equation 61.
    case friedman

    /// Whether `classes` may be chosen.
    public var choosesClasses: Bool { self == .spirals || self == .blobs }

    /// How many classes there are when nothing else is said; 0 for a regression.
    public var usualClassCount: Int {
      switch self {
      case .xor, .moons, .circles, .spirals: 2
      case .blobs: 3
      case .friedman: 0
      }
    }
  }

  /// What the samples look like.
  public var shape: Shape
  /// How many samples.
  public var samples: Int
  /// The standard deviation of what is added to every feature, or to the target of a regression.
  public var noise: Double
  /// How many classes; 0 for a regression.
  public var classes: Int
  /// What the draws follow from.
  public var seed: UInt64

  /// The most samples that are drawn.
  public static let sampleLimit = 10_000_000
  /// The most classes of a shape that lets them be chosen.
  public static let classLimit = 64
  /// The most noise.
  public static let noiseLimit = 1_000.0

  /// A set of this shape; `classes` is the shape's own number when left out.
  public init(
    _ shape: Shape, samples: Int = 1_000, noise: Double = 0.1, classes: Int? = nil, seed: UInt64 = 0
  ) {
    self.shape = shape
    self.samples = samples
    self.noise = noise
    self.classes = classes ?? shape.usualClassCount
    self.seed = seed
  }

  /// Features of a sample.
  public var featureCount: Int { shape == .friedman ? 10 : 2 }

  /// Refuses numbers that no set can be drawn from.
  ///
  /// - Throws: `.invalidArgument`.
  public func validate() throws(TrainingDataError) {
    func refuse(_ expected: String, _ got: String) -> TrainingDataError {
      TrainingDataError(.invalidArgument, "\(shape.rawValue): expected \(expected), got \(got)")
    }
    guard (1...Self.sampleLimit).contains(samples) else {
      throw refuse("1 to \(Self.sampleLimit) samples", "\(samples)")
    }
    guard noise >= 0, noise <= Self.noiseLimit else {
      throw refuse("noise from 0 to \(Int(Self.noiseLimit))", "\(noise)")
    }
    if shape.choosesClasses {
      guard (2...Self.classLimit).contains(classes) else {
        throw refuse("2 to \(Self.classLimit) classes", "\(classes)")
      }
    } else if classes != shape.usualClassCount {
      throw refuse(shape == .friedman ? "no classes" : "\(shape.usualClassCount) classes", "\(classes)")
    }
  }
}
