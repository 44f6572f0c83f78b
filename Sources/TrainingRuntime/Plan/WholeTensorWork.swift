import GradientOptimizers
import NeuronKernels
import PerceptronModel

/// What a step does besides phase A, gradients and one update of every parameter: products of whole matrices, and further
/// passes over the parameters.
package struct WholeTensorWork: Sendable, Hashable {
  /// A product that runs `times` times, in tiles of 32 × 32 elements that workers share out.
  struct Product: Sendable, Hashable {
    let rows: Int
    let columns: Int
    let depth: Int
    var times = 1
  }

  private(set) var products: [Product] = []
  /// Elements of gradients, directions and parameters whose squares are summed.
  private(set) var summed = 0
  /// Elements that are copied to another layout.
  private(set) var transposed = 0
  /// Parameters that are gone through once more as in a plain update, without state.
  private(set) var updated = 0

  /// None.
  package init() {}

  /// All that these settings ask for.
  package init(
    _ program: NetworkProgram, optimizer: any GradientOptimizer, clipping: GradientClipping,
    transforms: UpdateTransforms
  ) {
    let all = program.vectorCount
    if StepEngine.needsNorm(optimizer, clipping: clipping, transforms: transforms) { summed += all }
    if case .adaptive = clipping { summed += 2 * all }
    if optimizer is any TrustRatioOptimizer {
      summed += 2 * all
      updated += all
    }
    if optimizer is Adafactor { summed += all }
    // Two loops over the pairs, a dot product and a sum each.
    if let lbfgs = optimizer as? LBFGS { summed += 4 * lbfgs.history * all }
    for stage in Orthogonalization.Layout(program, optimizer: optimizer)?.stages ?? [] {
      addOrthogonalization(program.stages[stage])
    }
    for stage in program.stages where !stage.learning.isFrozen { addLayerOptions(stage) }
  }

  /// X·Xᵀ, A² and B·X, and X as it lies and as its transpose.
  private mutating func addOrthogonalization(_ stage: Stage) {
    let rows = min(stage.inputCount, stage.outputCount), columns = max(stage.inputCount, stage.outputCount)
    let times = Orthogonalization.iterationCount
    products += [
      Product(rows: rows, columns: rows, depth: columns, times: times),
      Product(rows: rows, columns: rows, depth: rows, times: times),
      Product(rows: rows, columns: columns, depth: rows, times: times),
    ]
    transposed += (times + 2) * rows * columns
    summed += rows * columns
  }

  private mutating func addLayerOptions(_ stage: Stage) {
    guard let shape = stage.dense else { return }
    let count = shape.inputCount * shape.outputCount
    if stage.learning.constraint.needsWholeRows { summed += count }
    guard stage.learning.orthogonal > 0 else { return }
    // W·Wᵀ and its product with W.
    products += [
      Product(rows: shape.outputCount, columns: shape.outputCount, depth: shape.inputCount),
      Product(rows: shape.outputCount, columns: shape.inputCount, depth: shape.outputCount),
    ]
    transposed += count
    updated += 2 * count
  }

  /// Seconds of the busiest of `workers` workers, before the team's slowdown.
  ///
  /// - Parameter secondLevelBytes: of the cache beyond which operands make products longer.
  package func seconds(workers: Int, rates: MachineRates, secondLevelBytes: Int) -> Double {
    let passes =
      Double(summed) * rates.sumSeconds + Double(transposed) * rates.transposeSeconds
      + Double(updated) * rates.updateSeconds[0]
    return products.reduce(passes / Double(workers)) { sum, product in
      let panels = PanelLayout.panelCount(product.columns)
      let tiles = panels * PanelLayout.panelCount(product.rows)
      let exceedsCache = product.depth * (product.rows + product.columns) * 4 > secondLevelBytes
      let whole =
        Double(panels)
        * rates.weightGradient.seconds(rows: product.rows, depth: product.depth, exceedsCache: exceedsCache)
      let largestShare = Double((tiles + workers - 1) / workers) / Double(tiles)
      return sum + Double(product.times) * whole * largestShare
    }
  }
}
