import HardwareTopology
import NeuronKernels
import PerceptronModel

/// Everything decided before the first step: who runs where, on what share of the work, in how much memory, and why.
///
/// A plan is a value; making one measures the machine for a few milliseconds and takes no lasting memory.
public struct TrainingPlan: Sendable {
  /// The machine.
  public let machine: Machine
  /// The part of it that this process may use.
  public let budget: ProcessorBudget
  /// Which worker runs on which processor.
  public let placement: WorkerPlacement
  /// Workers that train.
  public let workerCount: Int
  /// Why so many.
  public let workerReason: String
  /// What a step is predicted to take; nil where the number of workers was given and nothing was measured.
  public let predictedStepSeconds: Double?
  /// How the workers share the samples of a minibatch.
  public let phaseASplit: PhaseASplit
  /// Whether workers are bound to their processors.
  public let pinsWorkers: Bool
  /// The instruction set of the kernels.
  public let instructionSet: InstructionSet
  /// How gradients are reduced; where `segmented` would have a single lane, `ownerComputes`.
  public let reduction: GradientReduction
  /// Gradients that are summed, each over its own share of a minibatch; 1 where nothing is summed.
  public let laneCount: Int
  /// Why this reduction with so many lanes, and what it promises.
  public let reductionReason: String
  /// Arithmetic of the step.
  public let precision: Precision
  /// The network.
  public let network: Network
  /// Parameters of the network.
  public let parameterCount: Int
  /// Samples of a minibatch; the last of an epoch may have fewer.
  public let batchSize: Int
  /// Minibatches whose gradients make one step.
  public let accumulation: Int
  /// Steps of an epoch.
  public let stepsPerEpoch: Int
  /// FLOP of a full step.
  public let flopsPerStep: Double
  /// What the run takes of memory.
  public let memory: MemoryPlan
  /// What the engine is made for.
  let shape: StepShape
}

extension TrainingPlan {
  /// Whether another run of this plan gives the same parameters, bit for bit.
  public var givesSameBits: Bool { reduction != .hogwild }
}

extension TrainingPlan: CustomStringConvertible {
  /// A few aligned lines for people.
  public var description: String {
    var lines = [
      "network   \(network), \(parameterCount) parameters",
      "step      \(stepSamples) samples, \(stepsPerEpoch) steps an epoch, \(megaflops) MFLOP each",
      "kernels   \(kernelWords)",
      "reduction \(reduction.rawValue): \(reductionReason)",
      "workers   \(workerCount)\(sharing): \(workerReason)",
    ]
    lines += placement.description.split(separator: "\n").map { "          \($0)" }
    lines += (budget.reasons + budget.notes + placement.reasons).map { "          \($0)" }
    lines.append("memory    \(formatBytes(memory.byteCount)): \(memoryParts)")
    return lines.joined(separator: "\n")
  }

  /// As in `32`, or in `4 × 32` where a step has several minibatches.
  public var stepSamples: String { accumulation == 1 ? "\(batchSize)" : "\(accumulation) × \(batchSize)" }

  /// How the workers share a minibatch; without waiting, each has its own.
  private var sharing: String { reduction == .hogwild ? "" : ", sharing the work \(phaseASplit)" }

  private var megaflops: String {
    let value = flopsPerStep / 1e6
    return value < 10 ? "\((value * 100).rounded() / 100)" : "\(Int(value.rounded()))"
  }

  private var memoryParts: String {
    memory.parts.filter { $0.byteCount > 0 }.map { "\($0.name) \(formatBytes($0.byteCount))" }.joined(separator: ", ")
  }
}
