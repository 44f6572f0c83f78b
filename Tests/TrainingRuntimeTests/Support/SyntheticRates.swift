import Fascicle
import HardwareTopology
import NeuronKernels
import PerceptronModel

/// Round rates of a machine that nobody has, so that predictions can be told in advance.
enum SyntheticRates {
  /// 100 GFLOP/s a core, 20 ns a tile, barriers of `barrierSeconds` for two workers.
  static func rates(barrierSeconds: Double = 100e-9, transferRate: Double = 20e9) -> MachineRates {
    let product = ProductTiming(tileSeconds: 20e-9, rowSeconds: 64 / 100e9, stepSeconds: 1e-9, beyondCache: 1.1)
    return MachineRates(
      fmaRate: 110e9, forward: product, backward: product, weightGradient: product, halfPanelShare: 0.52,
      gatherSeconds: 0.15e-9, transposeSeconds: 0.04e-9, sumSeconds: 0.1e-9, exponentialSeconds: 0.5e-9,
      updateSeconds: [0.09e-9, 0.12e-9, 0.29e-9], oneWorkerMemoryRate: 15e9, allWorkersMemoryRate: 25e9,
      transferRate: transferRate, loadedSlowdown: 1,
      barriers: [MachineRates.BarrierTiming(workerCount: 2, seconds: barrierSeconds)])
  }

  static func team(_ machine: String) throws -> TeamShape {
    let machine = try Machine.synthetic(machine)
    return TeamShape(
      machine: machine, budget: ProcessorBudget.current(on: machine, environment: .unlimited(on: machine)))
  }

  /// A network of these widths with rectifiers and a softmax, as the workloads of the bench have.
  static func model(
    _ layers: [Int], batch: Int, machine: String = "l3:1 core:16 pu:1", stateSlotCount: Int = 2,
    rates: MachineRates = rates()
  ) throws -> CostModel {
    let workload = Workload(name: "synthetic", layers: layers, batchSize: batch)
    return CostModel(
      program: try NetworkProgram(workload.network, loss: workload.loss), batchSize: batch,
      stateSlotCount: stateSlotCount, rates: rates, team: try team(machine))
  }

  /// The same rates on a machine that is slower by `factor` in everything.
  static func slowed(_ rates: MachineRates, by factor: Double) -> MachineRates {
    var slow = rates
    slow.fmaRate /= factor
    for product in [\MachineRates.forward, \.backward, \.weightGradient] {
      slow[keyPath: product].tileSeconds *= factor
      slow[keyPath: product].rowSeconds *= factor
      slow[keyPath: product].stepSeconds *= factor
    }
    for seconds in [\MachineRates.gatherSeconds, \.transposeSeconds, \.sumSeconds, \.exponentialSeconds] {
      slow[keyPath: seconds] *= factor
    }
    slow.updateSeconds = slow.updateSeconds.map { $0 * factor }
    for rate in [\MachineRates.oneWorkerMemoryRate, \.allWorkersMemoryRate, \.transferRate] {
      slow[keyPath: rate] /= factor
    }
    for index in slow.barriers.indices { slow.barriers[index].seconds *= factor }
    return slow
  }
}
