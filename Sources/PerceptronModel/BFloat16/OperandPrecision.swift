import NeuronKernels

/// What the matrix products of a network multiply; sums, activations, losses, gradients and parameters are floats always.
package enum OperandPrecision: Sendable, Hashable {
  /// Floats, as they are.
  case float32
  /// Floats rounded to bfloat16, two of them to a word.
  case bfloat16(BFloat16Arithmetic)

  /// The precision that multiplies them, as messages name it; its emulation is called the same.
  var name: String {
    switch self {
    case .float32: "f32"
    case .bfloat16(let arithmetic): arithmetic.precisionName
    }
  }
}

/// Where the weights of a dense stage stand as operands in bfloat16, in floats from the start of the parameter vector.
struct WeightOperandPlaces: Sendable, Hashable {
  /// Rows `[inputs/32][outputs][32]`, which the forward product broadcasts.
  let rows: Int
  /// Columns, pairs of outputs in the order of the arithmetic, which the backward product reads.
  let columns: Int
}

extension NetworkProgram {
  /// Floats that the parameter vector takes with what is made of it behind: weights as operands in bfloat16.
  ///
  /// The vector itself comes first, ``vectorCount`` floats.
  package var vectorCountWithOperands: Int { operands == .float32 ? vectorCount : operandPlaces().end }

  /// Where a stage's weights stand as operands; nil where they are floats.
  func weightOperands(ofStage index: Int) -> WeightOperandPlaces? {
    operands == .float32 ? nil : operandPlaces().places[index]
  }

  private func operandPlaces() -> (places: [WeightOperandPlaces?], end: Int) {
    // The vector ends on a line, and so does each of the forms.
    var next = vectorCount
    let places = stages.map { stage -> WeightOperandPlaces? in
      guard let shape = stage.dense else { return nil }
      let rows = next
      let columns = rows + shape.weightCount / 2
      next =
        columns + PanelLayout.paddedCount(shape.inputCount) * PanelLayout.weightColumnRows(shape.outputCount)
      return WeightOperandPlaces(rows: rows, columns: columns)
    }
    return (places, next)
  }
}
