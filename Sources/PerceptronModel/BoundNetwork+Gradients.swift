import NeuronKernels

/// The gradients of a minibatch, row by row, once every shard has left its activations and output gradients.
extension BoundNetwork {
  /// Rows of one input panel of a stage's weight gradient, `[rows][32]`, over the first `sampleCount` samples.
  ///
  /// - Parameters:
  ///   - updateReads: what the update of these rows will read, asked for meanwhile.
  ///   - rowsAhead: output gradients that calls to come will read, asked for meanwhile in single precision.
  package func weightGradient(
    ofStage index: Int, panel: Int, rows: Range<Int>, sampleCount: Int, kernels: KernelSet,
    into gradient: UnsafeMutablePointer<Float>, updateReads: UpdateReads, rowsAhead: Range<Int> = 0..<0
  ) {
    let bound = stages[index]
    let stage = bound.stage, firstInput = panel * PanelLayout.laneCount
    let inputCount = min(PanelLayout.laneCount, stage.inputCount - firstInput)
    if let products = kernels.bfloat16 {
      products.weightGradient(
        sampleCount: sampleCount, outputCount: stage.outputCount, rows: rows, inputCount: inputCount,
        outputGradient: bound.bfloat16.gradientRows.unsafelyUnwrapped,
        inputSamplePairs: bound.bfloat16.inputSamplePairs.unsafelyUnwrapped + firstInput * sampleCapacity / 2,
        gradient: gradient, updateReads: updateReads)
      return
    }
    kernels.weightGradient(
      sampleCount: sampleCount, outputCount: stage.outputCount, rows: rows, inputCount: inputCount,
      outputGradient: bound.gradient.unsafelyUnwrapped,
      inputTransposed: bound.inputTransposed.unsafelyUnwrapped + firstInput * sampleCapacity, gradient: gradient,
      updateReads: updateReads, rowsAhead: rowsAhead)
  }

  /// Rows of a stage's bias gradient: the sums of ∂loss/∂z as the weight gradient reads it, or of ∂loss/∂y for a
  /// normalization's shifts.
  package func biasGradient(
    ofStage index: Int, rows: Range<Int>, sampleCount: Int, kernels: KernelSet,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let bound = stages[index]
    guard let products = kernels.bfloat16, bound.stage.dense != nil else {
      kernels.sampleSums(
        sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: rows,
        values: bound.gradient.unsafelyUnwrapped, sums: gradient)
      return
    }
    products.sampleSums(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: rows,
      values: bound.bfloat16.gradientRows.unsafelyUnwrapped, sums: gradient)
  }

  /// Rows of the gradient of a stage's learned slopes, one for each unit or the sum of all, or of a normalization's gains.
  package func slopeGradient(
    ofStage index: Int, rows: Range<Int>, sampleCount: Int, kernels: KernelSet,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    let bound = stages[index]
    if bound.stage.operation.isNormalization {
      return kernels.sampleProducts(
        sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: rows,
        bound.gradient.unsafelyUnwrapped, bound.preactivation.unsafelyUnwrapped, sums: gradient)
    }
    func sums(_ rows: Range<Int>, into sums: UnsafeMutablePointer<Float>) {
      kernels.sampleSums(
        sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: rows,
        values: bound.preactivation.unsafelyUnwrapped, sums: sums)
    }
    guard bound.activation.sharesSlope else { return sums(rows, into: gradient) }
    var total: Float = 0
    for unit in 0..<bound.stage.outputCount {
      sums(unit..<unit + 1, into: gradient)
      total += gradient[0]
    }
    gradient[0] = total
  }

  /// Makes the operands of rows of a stage's weights anew, after these have changed; nothing where the operands are the
  /// weights themselves.
  ///
  /// - Precondition: `rows` begins at an even row and ends at one, or at the last.
  /// - Concurrency: writes only the operands of its own rows.
  package func refreshOperands(ofStage index: Int, panel: Int, rows: Range<Int>, kernels: KernelSet) {
    let bound = stages[index]
    guard let products = kernels.bfloat16, let shape = bound.stage.dense else { return }
    let firstInput = panel * PanelLayout.laneCount
    let firstWeight = firstInput * PanelLayout.panelRows(shape.outputCount)
    products.packWeights(
      outputCount: shape.outputCount, rows: rows, weights: bound.weights + firstWeight,
      weightRows: bound.bfloat16.weightRows.unsafelyUnwrapped + firstWeight,
      weightColumns: bound.bfloat16.weightColumns.unsafelyUnwrapped
        + firstInput * PanelLayout.weightColumnRows(shape.outputCount))
  }
}
