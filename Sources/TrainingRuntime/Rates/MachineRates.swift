import NeuronKernels
import WorkerTeam

/// Rates measured in this process or, for the same machine, in an earlier one: the ground that a plan stands on.
///
/// Everything is for one core running alone unless it says otherwise.
package struct MachineRates: Sendable, Hashable {
  /// The peak of fused multiply-adds, in FLOP a second.
  package var fmaRate: Double
  /// Forward products, with a rectifier on the sums.
  package var forward: ProductTiming
  /// Backward products down to the stage below.
  package var backward: ProductTiming
  /// Weight gradients, a block of rows at a time.
  package var weightGradient: ProductTiming
  /// What a panel of 16 samples takes of the time of one of 32.
  package var halfPanelShare: Double
  /// Seconds to gather and scale one value of a sample.
  package var gatherSeconds: Double
  /// Seconds to transpose one activation.
  package var transposeSeconds: Double
  /// Seconds to sum one activation over its samples, for a bias.
  package var sumSeconds: Double
  /// Seconds of one exponential of an activation or a loss, both ways.
  package var exponentialSeconds: Double
  /// Seconds to update one parameter in a cache, by the floats of state that its optimizer keeps: 0, 1, 2.
  package var updateSeconds: [Double]
  /// Bytes a second that an update moves beyond the caches, for one worker and for all at once; infinite while nobody has
  /// needed them.
  package var oneWorkerMemoryRate: Double
  package var allWorkersMemoryRate: Double
  /// Bytes a second that a core reads from what another core has written.
  package var transferRate: Double
  /// How much slower a core is while all of the team's run, 1 at least.
  package var loadedSlowdown: Double
  /// Seconds of a barrier, for some numbers of workers in rising order; none for a team of one.
  package var barriers: [BarrierTiming]

  package init(
    fmaRate: Double, forward: ProductTiming, backward: ProductTiming, weightGradient: ProductTiming,
    halfPanelShare: Double, gatherSeconds: Double, transposeSeconds: Double, sumSeconds: Double,
    exponentialSeconds: Double, updateSeconds: [Double], oneWorkerMemoryRate: Double, allWorkersMemoryRate: Double,
    transferRate: Double, loadedSlowdown: Double, barriers: [BarrierTiming]
  ) {
    self.fmaRate = fmaRate
    self.forward = forward
    self.backward = backward
    self.weightGradient = weightGradient
    self.halfPanelShare = halfPanelShare
    self.gatherSeconds = gatherSeconds
    self.transposeSeconds = transposeSeconds
    self.sumSeconds = sumSeconds
    self.exponentialSeconds = exponentialSeconds
    self.updateSeconds = updateSeconds
    self.oneWorkerMemoryRate = oneWorkerMemoryRate
    self.allWorkersMemoryRate = allWorkersMemoryRate
    self.transferRate = transferRate
    self.loadedSlowdown = loadedSlowdown
    self.barriers = barriers
  }

  /// The same machine with products that take `share` of the time.
  func withProducts(taking share: Double) -> MachineRates {
    var rates = self
    rates.forward = forward.scaled(by: share)
    rates.backward = backward.scaled(by: share)
    rates.weightGradient = weightGradient.scaled(by: share)
    return rates
  }

  /// A number of workers and what their barrier takes.
  package struct BarrierTiming: Sendable, Hashable {
    package var workerCount: Int
    package var seconds: Double

    package init(workerCount: Int, seconds: Double) {
      self.workerCount = workerCount
      self.seconds = seconds
    }
  }

  /// Whether the rates of memory are known.
  package var knowsMemory: Bool { oneWorkerMemoryRate < .infinity }

  /// The largest number of workers that the rates were measured with.
  package var workerCount: Int { barriers.last?.workerCount ?? 1 }

  /// Measures everything but memory, in some ten milliseconds.
  package static func measured(kernels: KernelSet, team: WorkerTeam) throws -> MachineRates {
    var probe = try KernelProbe(kernels)
    var rates = probe.rates()
    try TeamProbe(kernels: kernels, team: team).measure(into: &rates)
    return rates
  }
}
