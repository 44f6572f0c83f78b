import Fascicle

/// What a run is trained on and tested on.
public struct DataConfiguration: Sendable, Hashable {
  /// Where samples come from.
  public enum Source: Sendable, Hashable {
    /// The 1,797 handwritten digits inside the package.
    case digits
    /// A pair of IDX files, plain or compressed with gzip; absolute paths.
    case idx(images: String, labels: String)
    /// A pair of NumPy arrays; absolute paths.
    case npy(features: String, labels: String)
    /// Two arrays of an archive; absolute path.
    case npz(ArchivedArrays)
    /// A file of comma-separated values.
    case table(TableSource)
    /// Samples that are drawn, such as the moons.
    case synthetic(SyntheticData)
  }

  /// Samples that are not trained on.
  public enum HeldOut: Sendable, Hashable {
    /// A random part of the source; 0 for none.
    case fraction(Double)
    /// A pair of IDX files of their own; absolute paths.
    case idx(images: String, labels: String)
    /// A pair of NumPy arrays of their own; absolute paths.
    case npy(features: String, labels: String)
    /// Two arrays of an archive, the source's own for one; absolute path.
    case npz(ArchivedArrays)
    /// A table of their own; absolute path.
    case table(String)
    /// The rows of the source's table that a column chooses.
    case rows(RowSelection)
  }

  /// Where samples come from.
  public var source = Source.digits
  /// What the trained network is tested on.
  public var test = HeldOut.fraction(Self.digitsTestFraction)
  /// What only watches the run; nil for the part of the samples that the training's settings ask for.
  public var validation: HeldOut?
  /// Whether features of `idx` and `npy` files stay there, which may then be larger than memory.
  public var isMapped = false
  /// How often each sample counts in the loss: an array's path, or its name in the source's archive; nil for all alike.
  ///
  /// A table's recipe has its own.
  public var weights: String?
  /// How values of arrays are brought to a scale that networks learn well on; a table's recipe has its own.
  public var labelScaling = ColumnRecipe.Scaling.none

  /// A fifth of the digits, of a table or of what is drawn, is held out for the test unless something else is asked for.
  static let digitsTestFraction = 0.2

  /// The digits, a fifth of them held out.
  public init() {}
}

extension DataConfiguration.Source {
  /// What configurations call the format.
  var name: String {
    switch self {
    case .digits: "digits"
    case .idx: "idx"
    case .npy: "npy"
    case .npz: "npz"
    case .table(let table): table.format == .libsvm ? "libsvm" : "csv"
    case .synthetic(let data): data.shape.rawValue
    }
  }
}
