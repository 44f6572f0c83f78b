import PerceptronModel

extension Embedding {
  /// The layer as `model.json` has it.
  var members: [JSONNode.Member] {
    [.init("embedding", .whole(width)), .init("column", .whole(column)), .init("categories", .whole(categories))]
      + drawnMembers(initializer)
      + learning.members
  }
}

extension JSONPlace {
  /// The embedding that an object describes, its width given.
  func embedding(width: Int) throws(ModelExchangeError) -> Embedding {
    let learning = try learning()
    return Embedding(
      column: try self["column"].whole(in: 0...1 << 24), categories: try self["categories"].whole(in: 1...1 << 24),
      width: width, initializer: try initializer(), regularizer: learning.weights, isFrozen: learning.isFrozen,
      rateFactor: learning.rateFactor, decays: learning.decays)
  }
}
