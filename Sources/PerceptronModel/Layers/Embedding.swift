/// Puts a learned vector in the place of a column of category numbers.
///
///     Network(inputs: 6) {
///       Embedding(column: 3, categories: 12, width: 4)
///       Embedding(column: 5, categories: 300, width: 16)
///       Dense(64, activation: .relu)                        // sees 4 numbers and 20 of vectors
///       Dense(1)
///     }
///
/// Embeddings stand first in a network. A sample leaves one with the values that it came with, less the category, and behind
/// them the vector of the category: the columns that are not embedded come first, then the vectors in the layers' order.
///
/// Categories are whole numbers from 0 on; data with others are refused before anything runs. Scaling leaves their columns
/// alone, and measures the others without them.
///
/// A vector's gradient is the sum over the samples of its category, in their order. That of a category which a minibatch does
/// not have is zero, and optimizers treat it as such: momentum, Adam's averages and weight decay go on moving it, as with
/// PyTorch's dense gradients and unlike `SparseAdam`.
///
/// Source: Guo, Berkhahn, "Entity Embeddings of Categorical Variables", 2016, arXiv:1604.06737.
public struct Embedding: Sendable, Hashable {
  /// Which of the network's inputs it is, from 0.
  public var column: Int
  /// How many categories there are, numbered from 0.
  public var categories: Int
  /// Values of a vector.
  public var width: Int
  /// How the vectors are drawn; nil for uniform in ±0.05, as in Keras.
  public var initializer: Initializer?
  /// The penalty on the vectors.
  public var regularizer: Regularizer
  /// Whether the vectors stay as they are.
  public var isFrozen: Bool
  /// What the schedule's learning rate is multiplied with here, above 0.
  public var rateFactor: Float
  /// Whether the optimizer's weight decay reaches the vectors.
  public var decays: Bool

  /// A table of `categories` vectors of `width` values.
  public init(
    column: Int, categories: Int, width: Int, initializer: Initializer? = nil, regularizer: Regularizer = .none,
    isFrozen: Bool = false, rateFactor: Float = 1, decays: Bool = true
  ) {
    self.column = column
    self.categories = categories
    self.width = width
    self.initializer = initializer
    self.regularizer = regularizer
    self.isFrozen = isFrozen
    self.rateFactor = rateFactor
    self.decays = decays
  }
}

extension Embedding {
  /// The layer as summaries write it, as in `embedding 4 of column 3`.
  var summary: String { "embedding \(width) of column \(column)" }

  /// The options as every layer has them.
  package var learning: LayerLearning {
    LayerLearning(weights: regularizer, isFrozen: isFrozen, rateFactor: rateFactor, decays: decays)
  }
}
