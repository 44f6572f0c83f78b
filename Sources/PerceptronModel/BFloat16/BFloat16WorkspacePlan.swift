import NeuronKernels

/// Lays out the workspace of a network whose products multiply bfloat16.
///
/// Floats are kept only where something other than a product reads them: the loss, an activation that stands alone, and
/// derivatives that need more of y than its sign.
struct BFloat16WorkspacePlan {
  let capacity: Int
  private(set) var floatCount = 0
  private(set) var input: Int?
  private(set) var inputTransposed: Int?
  private(set) var places: [ActivationWorkspaceLayout.StagePlaces] = []
  private let program: NetworkProgram
  private var sharedPairs: [SharedPairs] = []

  /// The plan for `capacity` samples, a multiple of 32.
  init(_ program: NetworkProgram, capacity: Int) {
    self.program = program
    self.capacity = capacity
    let widest = program.stages.map { PanelLayout.panelRows(PanelLayout.pairCount($0.outputCount)) }.max() ?? 0
    sharedPairs = (0..<2).map { _ in SharedPairs(place: take(widest), stride: widest) }
    var inputPlaces = takeInput()
    for index in program.stages.indices {
      let stagePlaces = takeStage(index, input: inputPlaces)
      places.append(stagePlaces)
      inputPlaces = (stagePlaces.bfloat16.outputPairs, nil)
    }
  }

  /// Takes room for panels of floats, or of pairs.
  private mutating func takePanels(_ rows: Int) -> Int { take(PanelLayout.panelRows(rows)) }

  /// Takes room for `words` words of each sample.
  private mutating func take(_ words: Int) -> Int {
    defer { floatCount += words * capacity }
    return floatCount
  }

  /// The network's input: pairs for a dense stage, floats for an activation.
  private mutating func takeInput() -> (pairs: Int?, samplePairs: Int?) {
    let features = program.inputCount, padded = PanelLayout.paddedCount(program.inputCount)
    guard program.stages[0].dense == nil else { return (takePanels(PanelLayout.pairCount(features)), take(padded / 2)) }
    input = takePanels(features)
    inputTransposed = take(padded)
    return (nil, nil)
  }

  private mutating func takeStage(
    _ index: Int, input: (pairs: Int?, samplePairs: Int?)
  ) -> ActivationWorkspaceLayout.StagePlaces {
    let stage = program.stages[index]
    var taken = ActivationWorkspaceLayout.StagePlaces()
    if needsFloatOutput(index) { taken.output = takePanels(stage.outputCount) }
    if needsFloatGradient(index) { taken.gradient = takePanels(stage.outputCount) }
    if stage.keepsPreactivation { taken.preactivation = takePanels(stage.outputCount) }
    if stage.operation.normalizesSamples { taken.inverses = takePanels(1) }
    if stage.operation.normalizesBatches {
      taken.statistics = floatCount
      floatCount += BatchStatistics.floatCount(units: stage.outputCount)
    }
    if feedsDense(index) { taken.bfloat16.outputPairs = takePanels(PanelLayout.pairCount(stage.outputCount)) }
    guard stage.dense != nil else { return taken }
    taken.bfloat16.inputPairs = input.pairs
    taken.bfloat16.inputSamplePairs = input.samplePairs ?? take(PanelLayout.paddedCount(stage.inputCount) / 2)
    // Rows of an odd number of features still begin each panel on a line: 32 halves are one.
    taken.bfloat16.gradientRows = take((PanelLayout.panelRows(stage.outputCount) + 1) / 2)
    if index > program.lowestLearningStage { taken.bfloat16.gradientPairs = sharedPairs[index % 2] }
    return taken
  }

  private func isLast(_ index: Int) -> Bool { index == program.stages.count - 1 }

  private func feedsDense(_ index: Int) -> Bool { !isLast(index) && program.stages[index + 1].dense != nil }

  private func needsFloatOutput(_ index: Int) -> Bool {
    let stage = program.stages[index]
    return !feedsDense(index) || stage.dense == nil || stage.activation.needsExactOutput
      || !program.fusesBackward(index)
  }

  private func needsFloatGradient(_ index: Int) -> Bool {
    let stage = program.stages[index]
    return !feedsDense(index) || stage.dense == nil || stage.activation.couplesUnits || !program.fusesBackward(index)
  }
}
