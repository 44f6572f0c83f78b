extension NetworkProgram {
  /// Whether samples of a minibatch depend on one another, so that all who share it meet on its way.
  package var meetsWithinPasses: Bool { stages.contains { $0.operation.normalizesBatches } }

  /// How often they meet in a step: before and after the sums of every batch normalization, on the way forward and, where
  /// the gradient goes through, on the way back.
  package var meetingsWithinPasses: Int {
    stages.indices.reduce(0) { count, index in
      guard stages[index].operation.normalizesBatches else { return count }
      return count + (index > lowestLearningStage ? 4 : 2)
    }
  }
}
