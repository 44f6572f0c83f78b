import Fascicle

extension SectionReader {
  /// The embedding that a layer's section describes.
  func embedding() -> Embedding {
    if !has("column") { require("column", because: "an embedding takes a column of the data") }
    if !has("categories") { require("categories", because: "an embedding has a vector for each category") }
    return Embedding(
      column: whole("column", default: 0, in: 0...(1 << 24)),
      categories: whole("categories", default: 1, in: 1...(1 << 24)),
      width: whole("embedding", default: 1, in: 1...(1 << 24)), initializer: initializer(),
      regularizer: regularizer("regularizer"), isFrozen: flag("frozen", default: false),
      rateFactor: float("learningRateFactor", default: 1), decays: flag("decay", default: true))
  }

  /// Keys of an embedding besides those of other layers.
  static let embeddingKeys = ["column", "categories"]
}

extension Embedding {
  /// The layer as configurations write it.
  var entries: [ConfigurationTree.Entry] {
    let drawn = initializer.map { ConfigurationTree.named($0.name, $0.parameters) } ?? .text("auto")
    return [
      .init("embedding", .whole(UInt64(max(0, width)))), .init("column", .whole(UInt64(max(0, column)))),
      .init("categories", .whole(UInt64(max(0, categories)))), .init("initializer", drawn),
    ] + learning.entries
  }
}
