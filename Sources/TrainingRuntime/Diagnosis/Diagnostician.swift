import NeuronKernels
import PerceptronModel
import TrainingData
import WorkerTeam

/// Watches one call of `fit`: looks at what sampled steps leave behind, and judges every epoch.
///
/// It looks between steps, when the workers have left a step and its activations and gradients still lie in the workspace,
/// so a step itself knows nothing of it: it costs the same, allocates nothing more and gives the same bits. Each unit's
/// figures are one worker's, in one order, so they are the same for any number of workers.
final class Diagnostician {
  private let engine: StepEngine
  private let team: WorkerTeam
  private let mode: DiagnosisMode
  private let spacing: Int
  let board: TallyBoard
  /// The activations' names, which are not worth looking up every time.
  private let activationNames: [String]
  var weights: WeightSample
  var verdicts = Verdicts()
  var lastSampled: Int?
  var sampledSteps = 0
  /// Units known to be dead, by stage; what was silent in between needs no second search.
  var dead: [Int: Set<Int>] = [:]
  /// After a search that acquitted a layer, epochs until the next, doubled every time.
  var pause = 0, nextPause = 1

  /// Nil where nothing is to be watched: with `hogwild` no step is over when another begins.
  init?(engine: StepEngine, team: WorkerTeam, mode: DiagnosisMode) {
    guard mode != .off, engine.shape.reduction != .hogwild else { return nil }
    self.engine = engine
    self.team = team
    self.mode = mode
    spacing = SampledSteps.spacing(engine.program, batchSize: engine.batchSize)
    activationNames = engine.program.stages.map(\.activation.name)
    board = TallyBoard(engine.program)
    weights = WeightSample(engine.program)
  }

  /// Which steps of an epoch to look at.
  func steps(of run: EpochRun) -> SampledSteps {
    SampledSteps(
      mode: mode, spacing: spacing, stepsPerEpoch: run.stepsPerEpoch, stepsBefore: run.stepsBefore,
      totalSteps: run.totalSteps, lastSampled: lastSampled)
  }

  /// Takes note of the weights before a step that will be looked at.
  func prepare() { weights.remember(engine.parameters) }

  /// Looks at what a step has left.
  func look(at step: Int, of run: EpochRun, workerCount: Int) throws {
    let count = run.computedSamples(ofStep: step).count, board = board
    let batch = ComputedBatch(shards: engine.computedShards(sampleCount: count))
    if board.isSmall(sampleCount: count) {
      board.add(batch, panels: board.panels.indices)
    } else {
      try team.broadcast(activeWorkers: workerCount) { worker in
        board.add(
          batch,
          panels: IndexPartition.range(
            ofPart: worker.index, parts: worker.workerCount, count: board.panels.count))
      }
    }
    weights.compare(engine.parameters)
    sampledSteps += 1
    lastSampled = run.stepsBefore + step
  }

  /// What the epoch has shown; nil when none of its steps was looked at.
  ///
  /// Begins anew for the next.
  func finish(
    _ run: EpochRun, epoch: Int, loss: EpochLoss, farRows: () -> [FarRow]
  ) throws -> EpochDiagnosis? {
    guard sampledSteps > 0 else { return nil }
    defer { reset() }
    let confirmed = try confirmDeadUnits(run)
    let layers = engine.program.stages.indices.map { layer($0, confirmedDead: confirmed[$0]) }
    return EpochDiagnosis(
      layers: layers,
      verdicts: verdicts.judge(
        layers, of: engine.program, loss: loss, epoch: epoch,
        learningRate: run.optimizerStep(run.stepsPerEpoch - 1).learningRate, meanBias: meanBias, farRows: farRows),
      sampledSteps: sampledSteps)
  }

  /// The mean of a layer's biases; nil where it has none.
  private func meanBias(ofStage stage: Int) -> Float? {
    let bias = engine.program.parameters(ofStage: stage, in: engine.parameters).bias
    return bias.isEmpty ? nil : bias.reduce(0, +) / Float(bias.count)
  }

  /// Forgets the steps since the last epoch's end.
  func reset() {
    board.reset()
    weights.reset()
    sampledSteps = 0
  }

  /// The layer's figures, over all sampled steps.
  private func layer(_ stage: Int, confirmedDead: Int?) -> LayerDiagnosis {
    let activation = engine.program.stages[stage].activation, tallies = board.tallies(ofStage: stage)
    let total = tallies.reduce(into: UnitTally()) { $0.add($1) }
    let count = Double(total.sampleCount), isSoftmax = activation == .softmax
    func moments(_ sum: Double, _ squares: Double) -> (mean: Double, deviation: Double) {
      let mean = sum / count
      return (mean, max(0, squares / count - mean * mean).squareRoot())
    }
    let values = moments(total.sum, total.squareSum)
    let gradients =
      stage >= engine.program.lowestLearningStage ? moments(total.gradientSum, total.gradientSquareSum) : nil
    let samples = count / Double(tallies.count)
    let saturatedShare = Double(total.saturatedCount) / (isSoftmax ? samples : count)
    let saturatedUnits =
      isSoftmax
      ? (saturatedShare >= Self.nearlyAll ? tallies.count : 0)
      : tallies.filter { Double($0.saturatedCount) >= Self.nearlyAll * Double($0.sampleCount) }.count
    let hasLimits = activation.saturation != nil
    return LayerDiagnosis(
      name: engine.program.stageNames[stage], activation: activationNames[stage], unitCount: tallies.count,
      deadUnits: activation.canDie ? confirmedDead ?? board.silentUnits(ofStage: stage).count : nil,
      deadUnitsAreConfirmed: confirmedDead != nil, saturatedUnits: hasLimits ? saturatedUnits : nil,
      saturatedShare: hasLimits ? saturatedShare : nil, activationMean: values.mean,
      activationDeviation: values.deviation, gradientMean: gradients?.mean, gradientDeviation: gradients?.deviation,
      updateRatio: weights.ratio(ofStage: stage))
  }

  /// The share of a unit's samples that makes it saturated.
  private static let nearlyAll = 0.95
}

// MARK: - Dead units

extension Diagnostician {
  /// For each layer with so many silent units that they would be reported, how many are dead on all of the epoch's samples.
  private func confirmDeadUnits(_ run: EpochRun) throws -> [Int: Int] {
    let suspects = engine.program.stages.indices.filter { stage in
      engine.program.stages[stage].activation.canDie && isSick(board.silentUnits(ofStage: stage).count, stage)
    }
    var counts: [Int: Int] = [:]
    var open: [Int] = []
    for stage in suspects {
      let known = (dead[stage] ?? []).intersection(board.silentUnits(ofStage: stage))
      if isSick(known.count, stage) { counts[stage] = known.count } else { open.append(stage) }
    }
    if open.isEmpty { return counts }
    if pause > 0 {
      pause -= 1
      return counts
    }
    let found = try search(open, run)
    for stage in open {
      dead[stage] = found[stage] ?? []
      counts[stage] = found[stage]?.count ?? 0
    }
    if open.contains(where: { !isSick(counts[$0] ?? 0, $0) }) {
      pause = nextPause
      nextPause *= 2
    }
    // An acquittal ends the search early, so its count is none to report.
    return counts.filter { isSick($0.value, $0.key) }
  }

  private func search(_ stages: [Int], _ run: EpochRun) throws -> [Int: Set<Int>] {
    let units = stages.flatMap { stage in
      board.silentUnits(ofStage: stage).map { SilentUnits.Unit(stage: stage, unit: $0) }
    }
    let needed = Dictionary(uniqueKeysWithValues: stages.map { ($0, neededDead($0)) })
    let silent = try SilentUnits(engine: engine, units: units).search(
      run.feed, rows: run.order, team: team, needed: needed)
    return Dictionary(silent.map { ($0.stage, [$0.unit]) }, uniquingKeysWith: { $0.union($1) })
  }

  private func isSick(_ count: Int, _ stage: Int) -> Bool { count >= neededDead(stage) }

  private func neededDead(_ stage: Int) -> Int {
    max(1, Int((Verdicts.deadShare * Double(engine.program.stages[stage].outputCount)).rounded(.up)))
  }
}

/// What a step has left, as several workers read it; nobody writes it between steps.
struct ComputedBatch: @unchecked Sendable {
  let shards: [ComputedShard]
}

/// The tallies of all units, in memory that workers reach without counting references.
final class TallyBoard: @unchecked Sendable {
  /// A stage's panel of units.
  struct Panel {
    let stage: Int
    let panel: Int
  }

  let panels: UnsafeMutableBufferPointer<Panel>
  private let units: UnsafeMutableBufferPointer<UnitTally>
  private let firstUnits: UnsafeMutableBufferPointer<Int>

  init(_ program: NetworkProgram) {
    var first = 0, all: [Panel] = []
    firstUnits = .allocate(capacity: program.stages.count)
    for (index, stage) in program.stages.enumerated() {
      firstUnits.initializeElement(at: index, to: first)
      first += stage.outputCount
      all += (0..<PanelLayout.panelCount(stage.outputCount)).map { Panel(stage: index, panel: $0) }
    }
    panels = .allocate(capacity: all.count)
    _ = panels.initialize(from: all)
    units = .allocate(capacity: first)
    units.initialize(repeating: UnitTally())
  }

  deinit {
    panels.deallocate()
    units.deallocate()
    firstUnits.deallocate()
  }

  /// Values of a minibatch so few that waking workers would take longer than looking at them.
  func isSmall(sampleCount: Int) -> Bool { units.count * sampleCount < 16_384 }

  func reset() { units.update(repeating: UnitTally()) }

  /// All tallies as they lie in memory.
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(units) }

  /// Adds a minibatch's samples to the tallies of some panels.
  func add(_ batch: ComputedBatch, panels share: Range<Int>) {
    for index in share {
      let panel = panels[index]
      for shard in batch.shards where !shard.samples.isEmpty {
        shard.network.tally(
          stage: panel.stage, panel: panel.panel, sampleCount: shard.samples.count,
          into: units.baseAddress.unsafelyUnwrapped + firstUnits[panel.stage])
      }
    }
  }

  func tallies(ofStage stage: Int) -> Slice<UnsafeMutableBufferPointer<UnitTally>> {
    units[firstUnits[stage]..<(stage + 1 < firstUnits.count ? firstUnits[stage + 1] : units.count)]
  }

  /// The units of a stage that no sample has made fire.
  func silentUnits(ofStage stage: Int) -> [Int] {
    tallies(ofStage: stage).enumerated().filter { $0.element.firedCount == 0 }.map(\.offset)
  }
}

extension UnitTally {
  fileprivate mutating func add(_ other: UnitTally) {
    sampleCount += other.sampleCount
    firedCount += other.firedCount
    saturatedCount += other.saturatedCount
    sum += other.sum
    squareSum += other.squareSum
    gradientSum += other.gradientSum
    gradientSquareSum += other.gradientSquareSum
  }
}
