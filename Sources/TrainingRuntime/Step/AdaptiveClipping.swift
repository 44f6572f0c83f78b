import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// What ``GradientClipping/adaptive(_:)`` takes together: the weights of single units, or a whole vector of biases or slopes.
///
/// A unit's weights lie in as many blocks as the stage has input panels, each perhaps another worker's: so all meet between
/// forming the gradient and this, and again before the update.
struct ClippedUnits: Sendable, Hashable {
  let stage: Int
  let role: ParameterRole
  /// Units of a dense stage's weights; a vector counts as one.
  let rows: Range<Int>

  /// Units whose turn comes together: eight lines of each input panel.
  private static let height = 4

  /// All of a network's that learn, in order; none for other kinds of clipping.
  static func all(of program: NetworkProgram, for clipping: GradientClipping) -> [ClippedUnits] {
    guard case .adaptive = clipping else { return [] }
    return program.stages.enumerated().flatMap { index, stage -> [ClippedUnits] in
      guard stage.learns else { return [] }
      let outputs = stage.dense?.outputCount ?? 0
      let weights = stride(from: 0, to: outputs, by: height).map { first in
        ClippedUnits(stage: index, role: .weight, rows: first..<min(first + height, outputs))
      }
      let vectors: [(ParameterRole, Range<Int>)] = [(.bias, stage.bias), (.slope, stage.slopes)]
      return weights
        + vectors.filter { !$0.1.isEmpty }.map { ClippedUnits(stage: index, role: $0.0, rows: 0..<1) }
    }
  }
}

extension StepEngine {
  /// Shrinks the gradients of units that are long beside the units' parameters, and meets the others; nothing for other
  /// kinds of clipping.
  ///
  /// - Parameter gradients: of the whole vector, complete before anybody calls this.
  func clipUnits(
    _ gradients: UnsafeMutablePointer<Float>, worker: WorkerContext, clock: UnsafeMutablePointer<StepClock>
  ) throws {
    guard case .adaptive(let limit) = clipping else { return }
    for index in IndexPartition.range(ofPart: worker.index, parts: worker.workerCount, count: clippedUnits.count) {
      let units = clippedUnits[index], stage = network.stages[units.stage].stage
      switch units.role {
      case .weight: clipRows(units.rows, of: stage, gradients, limit: limit)
      case .bias: clipVector(stage.bias, gradients, limit: limit)
      case .slope: clipVector(stage.slopes, gradients, limit: limit)
      }
    }
    clock.pointee.lap(.gradientAndUpdate)
    try worker.barrier()
    clock.pointee.lap(.barrier)
  }

  private func clipRows(
    _ rows: Range<Int>, of stage: Stage, _ gradients: UnsafeMutablePointer<Float>, limit: Float
  ) {
    guard let shape = stage.dense else { return }
    let lanes = PanelLayout.laneCount, panelStride = PanelLayout.panelRows(shape.outputCount) * lanes
    for row in rows {
      let first = stage.weights.lowerBound + row * lanes
      var parameterSquares = 0.0, gradientSquares = 0.0
      for panel in 0..<PanelLayout.panelCount(shape.inputCount) {
        let offset = first + panel * panelStride, count = min(lanes, shape.inputCount - panel * lanes)
        parameterSquares += squares(parameters + offset, count: count)
        gradientSquares += squares(gradients + offset, count: count)
      }
      guard let factor = Self.factor(limit, parameterSquares, gradientSquares) else { continue }
      for panel in 0..<PanelLayout.panelCount(shape.inputCount) {
        let gradient = gradients + first + panel * panelStride
        kernels.combine(gradient, .scale, with: gradient, count: lanes, a: factor)
      }
    }
  }

  private func clipVector(_ places: Range<Int>, _ gradients: UnsafeMutablePointer<Float>, limit: Float) {
    let gradient = gradients + places.lowerBound
    let factor = Self.factor(
      limit, squares(parameters + places.lowerBound, count: places.count), squares(gradient, count: places.count))
    guard let factor else { return }
    kernels.combine(gradient, .scale, with: gradient, count: PanelLayout.lineCount(places.count), a: factor)
  }

  /// The sum of the squares of real elements: what an optimizer has left in the padding after them counts for nothing.
  private func squares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    let whole = count / 16 * 16
    var sum = kernels.sumOfSquares(values, count: whole)
    for index in whole..<count { sum += Double(values[index]) * Double(values[index]) }
    return sum
  }

  /// What a unit's gradient is multiplied with; nil where it may stay.
  private static func factor(_ limit: Float, _ parameterSquares: Double, _ gradientSquares: Double) -> Float? {
    let largest = Double(limit) * max(parameterSquares.squareRoot(), GradientClipping.smallestAdaptiveNorm)
    let norm = gradientSquares.squareRoot()
    return norm < largest ? nil : Float(largest / max(norm, 1e-6))
  }
}
