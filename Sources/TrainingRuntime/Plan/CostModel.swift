import NeuronKernels
import PerceptronModel

/// Predicts how long a training step takes with any number of workers, from measured rates; a pure function of its fields.
///
///     step(T) = phase A of the worker with most samples + phase B of the one with most parameters
///             + lines that other cores have written + barriers
///
/// `0014-the-cost-model` has the terms and what they leave out.
package struct CostModel: Sendable {
  package let program: NetworkProgram
  package let batchSize: Int
  /// Floats of state that the optimizer keeps for a parameter.
  package let stateSlotCount: Int
  package let rates: MachineRates
  package let team: TeamShape
  /// How often all workers meet in a step, the barriers of a split by units left out: twice, and once more for each of the
  /// whole gradient's norm, a trust ratio, penalties on angles and constraints on whole rows; more with optimizers that
  /// work on whole tensors.
  package let meetingCount: Int
  /// Minibatches of a step.
  package let accumulation: Int
  /// What the optimizer, clipping and layers' options add to a step.
  package let wholeTensors: WholeTensorWork

  package init(
    program: NetworkProgram, batchSize: Int, stateSlotCount: Int, rates: MachineRates, team: TeamShape,
    meetingCount: Int = 2, accumulation: Int = 1, wholeTensors: WholeTensorWork = WholeTensorWork()
  ) {
    self.meetingCount = meetingCount
    self.accumulation = accumulation
    self.wholeTensors = wholeTensors
    self.program = program
    self.batchSize = batchSize
    self.stateSlotCount = stateSlotCount
    self.rates = rates
    self.team = team
  }

  /// The same steps on another machine whose cores have the same rates.
  package func on(_ team: TeamShape) -> CostModel {
    CostModel(
      program: program, batchSize: batchSize, stateSlotCount: stateSlotCount, rates: rates, team: team,
      meetingCount: meetingCount, accumulation: accumulation, wholeTensors: wholeTensors)
  }

  /// What a step takes with `workers` workers, at least one.
  ///
  /// - Parameter forced: how they share the samples; nil for what is cheapest.
  package func step(workers: Int, split forced: PhaseASplit? = nil) -> StepPrediction {
    let (split, phaseA) = forced.map { ($0, phaseACost($0, workers: workers)) } ?? phaseASplit(workers: workers)
    let phaseB = phaseB(workers: workers)
    let slow = slowdown(workers)
    // Each minibatch of a step costs what the only one would, but the parameters are updated once.
    let passes = slow * Double(accumulation)
    let wholeTensors = wholeTensors.seconds(
      workers: workers, rates: rates, secondLevelBytes: team.secondLevelBytes)
    return StepPrediction(
      workerCount: workers, split: split, data: passes * phaseA.data, forward: passes * phaseA.forward,
      backward: passes * phaseA.backward, gradient: passes * phaseB.gradient,
      optimizer: slow * (phaseB.optimizer + wholeTensors),
      transfer: passes * (transferSeconds(workers) + phaseA.transfer),
      barrier: Double(meetingCount + 2 * (accumulation - 1)) * barrierSeconds(workers)
        + Double(accumulation) * phaseA.barrier)
  }

  // MARK: - Phase B

  /// The worker with most blocks: products over the whole minibatch, and the update as far as memory does not hide it.
  private func phaseB(workers: Int) -> (gradient: Double, optimizer: Double) {
    var gradient = 0.0, blockCount = 0
    for stage in program.stages {
      gradient += Double(batchSize * (stage.bias.count + stage.slopes.count)) * rates.sumSeconds
      guard let shape = stage.dense else { continue }
      let panels = PanelLayout.panelCount(shape.inputCount)
      blockCount += panels * blocksPerPanel(shape)
      let exceedsCache = batchSize * (shape.inputCount + shape.outputCount) * 4 > team.secondLevelBytes
      gradient +=
        Double(panels)
        * rates.weightGradient.seconds(rows: shape.outputCount, depth: batchSize, exceedsCache: exceedsCache)
    }
    let share = largestShare(of: max(1, blockCount), parts: workers)
    let parameters = Double(program.vectorCount)
    let update = parameters * rates.updateSeconds[min(stateSlotCount, rates.updateSeconds.count - 1)]
    // Reading and writing parameters and state beyond the caches goes on while gradients are formed.
    let hidden = max(0, memorySeconds(workers) - (gradient + update) * share)
    return (gradient * share, update * share + hidden)
  }

  private func blocksPerPanel(_ shape: DenseShape) -> Int {
    program.operands.blockCount(outputs: shape.outputCount)
  }

  /// The share of `count` equal pieces that the busiest of `parts` has.
  private func largestShare(of count: Int, parts: Int) -> Double {
    Double((count + parts - 1) / parts) / Double(count)
  }

  /// Seconds in which memory brings what no cache holds between two steps; zero where all of it stays in caches.
  private func memorySeconds(_ workers: Int) -> Double {
    let vectorBytes = Double(program.vectorCount) * 4
    let kept = vectorBytes * Double(1 + stateSlotCount)
    let cached = Double(team.cachedBytes(workers: workers))
    guard kept > cached else { return 0 }
    return vectorBytes * Double(2 * (1 + stateSlotCount)) * (1 - cached / kept) / memoryRate(workers)
  }

  /// How many cores' demand a memory node satisfies, where more of them could not be measured; assumed.
  static let coresThatFillANode = 8

  /// Bytes a second that `workers` workers draw from memory together.
  private func memoryRate(_ workers: Int) -> Double {
    let measured = rates.workerCount
    let one = rates.oneWorkerMemoryRate, all = rates.allWorkersMemoryRate
    if workers <= measured { return min(all, one * Double(workers)) }
    let perCore = all / Double(measured)
    let fullNodes = Double(max(measured, Self.coresThatFillANode) * team.nodeCount(workers)) * perCore
    return max(all, min(perCore * Double(min(workers, team.processorLimit)), fullNodes))
  }

  // MARK: - What workers do to each other

  /// Seconds in which a worker reads what others have written: new weights, and in phase B inputs and gradients.
  private func transferSeconds(_ workers: Int) -> Double {
    guard workers > 1 else { return 0 }
    var bytes = Double(program.vectorCount) * 4
    for shape in program.stages.compactMap(\.dense) {
      // A worker's blocks cover few rows and many input panels, or the other way round: the smaller side is shared out.
      let (less, more) = (min(shape.inputCount, shape.outputCount), max(shape.inputCount, shape.outputCount))
      bytes += Double(batchSize * 4) * (Double(less) + Double(more) / Double(workers))
    }
    let others = Double(workers - 1) / Double(workers)
    return bytes * others / rates.transferRate * team.meanDistance(workers)
  }

  /// Seconds of a barrier: measured and between measured counts on a line; beyond, in proportion to the way to the farthest.
  package func barrierSeconds(_ workers: Int) -> Double {
    guard workers > 1 else { return 0 }
    if workers > team.processorLimit { return Self.sleepSeconds }
    guard let last = rates.barriers.last else { return Self.unmeasuredArrivalSeconds * distanceSum(workers) }
    if workers > last.workerCount {
      return last.seconds / Double(last.workerCount) * distanceSum(workers)
    }
    var below = MachineRates.BarrierTiming(workerCount: 1, seconds: 0)
    for timing in rates.barriers {
      if workers <= timing.workerCount {
        let part = Double(workers - below.workerCount) / Double(timing.workerCount - below.workerCount)
        return below.seconds + part * (timing.seconds - below.seconds)
      }
      below = timing
    }
    return below.seconds
  }

  /// What each arrival adds where no barrier could be measured, as on a machine of one core.
  static let unmeasuredArrivalSeconds = 50e-9
  /// Bytes a second that a core reads from what another has written, where no two could be tried.
  static let unmeasuredTransferRate = 20e9
  /// What a wait takes where workers share processors: one sleeps and is woken.
  static let sleepSeconds = 50e-6

  private func distanceSum(_ workers: Int) -> Double { team.meanDistance(workers) * Double(workers) }

  /// How much slower `workers` workers run than one alone: a shared clock frequency, and turns on shared processors.
  private func slowdown(_ workers: Int) -> Double {
    let running = min(workers, team.processorLimit)
    let turns = Double((workers + team.processorLimit - 1) / team.processorLimit)
    guard running > 1 else { return turns }
    let load = Double(running - 1) / Double(max(2, rates.workerCount) - 1)
    return turns * (1 + (rates.loadedSlowdown - 1) * min(1, load))
  }
}
