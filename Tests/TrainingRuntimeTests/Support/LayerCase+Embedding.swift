import Fascicle

extension LayerCase {
  /// The rows of `Oracle/embedding.json`.
  static let embeddings: [LayerCase] = [
    LayerCase("embedding") {
      Embedding(column: 3, categories: 12, width: 4)
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("embeddings") {
      Embedding(column: 5, categories: 3, width: 2)
      Embedding(column: 0, categories: 40, width: 33)
      Embedding(column: 2, categories: 7, width: 1)
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("embedding of all columns") {
      Embedding(column: 0, categories: 50, width: 17)
      Dense(3)
    },
    LayerCase("embedding of a softmax") {
      Embedding(column: 3, categories: 12, width: 4)
      Dense(9, activation: .tanh)
      Dense(4, activation: .softmax)
    },
    LayerCase("embedding with a penalty") {
      Embedding(
        column: 3, categories: 12, width: 4, regularizer: Regularizer(l1: 0.02, l2: 0.05), rateFactor: 0.5)
      Dense(9, activation: .tanh)
      Dense(3)
    },
    LayerCase("embedding that is frozen") {
      Embedding(column: 3, categories: 12, width: 4, isFrozen: true)
      Dense(9, activation: .tanh)
      Dense(3)
    },
  ]
}
