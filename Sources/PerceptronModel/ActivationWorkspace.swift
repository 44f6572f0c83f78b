import NeuronKernels

/// Where every activation of a minibatch lies in one block of floats: first the sizes, then the block, then the pointers.
///
/// Panels `[P][rows][32]` for the network's input and for each stage's output and gradient; z beside y where the way
/// back needs it; the transposed copy `[features/32][32·P][32]` of each dense stage's input.
///
/// A stage's output is last read when its own gradient is made, before that of the stage below. So the gradient of the
/// stage below takes its place where both are as wide: then a shard's panels are the same ones, and no other shard's.
package struct ActivationWorkspaceLayout: Sendable, Hashable {
  /// The places of one stage, in floats from the start of the block; nil for what is not kept.
  struct StagePlaces: Sendable, Hashable {
    var output: Int?
    var gradient: Int?
    var preactivation: Int?
    var inputTransposed: Int?
    /// One value a sample: what a normalization multiplied with.
    var inverses: Int?
    /// What a minibatch shows of a batch normalization's units.
    var statistics: Int?
    var bfloat16 = BFloat16Places()
  }

  /// Samples that fit, a multiple of 32.
  package let sampleCapacity: Int
  /// Floats of the whole block.
  package let floatCount: Int
  let input: Int?
  let inputTransposed: Int?
  let places: [StagePlaces]

  /// The layout for `sampleCapacity` samples, rounded up to whole panels.
  package init(_ program: NetworkProgram, sampleCapacity: Int) {
    let capacity = PanelLayout.paddedCount(sampleCapacity)
    switch program.operands {
    case .float32: self.init(program, capacity: capacity)
    case .bfloat16: self.init(BFloat16WorkspacePlan(program, capacity: capacity))
    }
  }

  private init(_ plan: BFloat16WorkspacePlan) {
    sampleCapacity = plan.capacity
    floatCount = plan.floatCount
    input = plan.input
    inputTransposed = plan.inputTransposed
    places = plan.places
  }

  private init(_ program: NetworkProgram, capacity: Int) {
    var next = 0
    func takePanels(_ features: Int) -> Int { take(PanelLayout.panelRows(features)) }
    func takeTransposed(_ features: Int) -> Int { take(PanelLayout.paddedCount(features)) }
    func take(_ rows: Int) -> Int {
      defer { next += rows * capacity }
      return next
    }
    func takeStatistics(_ units: Int) -> Int {
      defer { next += BatchStatistics.floatCount(units: units) }
      return next
    }
    self.sampleCapacity = capacity
    self.input = takePanels(program.inputCount)
    let firstTransposed = takeTransposed(program.inputCount)
    self.inputTransposed = firstTransposed
    var places = program.stages.enumerated().map { index, stage in
      let transposed: Int? =
        stage.dense == nil ? nil : index == 0 ? firstTransposed : takeTransposed(stage.inputCount)
      let statistics = stage.operation.normalizesBatches ? takeStatistics(stage.outputCount) : nil
      return StagePlaces(
        output: takePanels(stage.outputCount),
        gradient: Self.gradientReplacesOutputAbove(index, in: program) ? nil : takePanels(stage.outputCount),
        preactivation: stage.keepsPreactivation ? takePanels(stage.outputCount) : nil, inputTransposed: transposed,
        inverses: stage.operation.normalizesSamples ? takePanels(1) : nil, statistics: statistics)
    }
    for index in places.indices where places[index].gradient == nil {
      places[index].gradient = places[index + 1].output
    }
    self.places = places
    self.floatCount = next
  }

  /// Where the panels lie that a residual connection adds.
  func added(by stage: Stage) -> Int? {
    guard case .add(let source) = stage.operation else { return nil }
    return source < 0 ? input : places[source].output
  }

  /// Whether the gradient of a stage lies where the output of the stage above was.
  ///
  /// Only where a dense stage keeps a transposed copy of that output, so that messages can still tell its values.
  private static func gradientReplacesOutputAbove(_ index: Int, in program: NetworkProgram) -> Bool {
    let stages = program.stages
    guard index + 2 < stages.count, stages[index + 2].dense != nil else { return false }
    return stages[index].outputCount == stages[index + 1].outputCount
  }
}
