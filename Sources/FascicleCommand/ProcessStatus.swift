import ArgumentParser
import Fascicle
import RunConfiguration

/// How the process ends, for scripts: the codes of `sysexits.h`, and the shell's for signals.
package enum ProcessStatus: Int32, Sendable {
  case done = 0
  /// Training failed: the loss stopped being a number.
  case trainingFailed = 1
  case usage = 64
  case badData = 65
  case missingInput = 66
  case unavailableResource = 69
  case internalError = 70
  case inputOutput = 74
  case stoppedWithCheckpoint = 75
  case badConfiguration = 78
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  /// The status that an error of any room leads to.
  package init(_ error: any Error) {
    self =
      switch error {
      case let error as RunConfigurationError: Self.status(of: error.code)
      case let error as TrainingDataError: Self.status(of: error.category)
      case let error as TrainingRuntimeError: Self.status(of: error.code)
      case let error as ModelExchangeError: Self.status(of: error.code)
      case let error as NeuronKernelsError: error.code == .outOfMemory ? .unavailableResource : .usage
      case let error as WorkerTeamError: error.code == .threadCreation ? .unavailableResource : .internalError
      case is PerceptronModelError, is GradientOptimizersError: .badConfiguration
      case is HardwareTopologyError: .unavailableResource
      case is OutputError: .inputOutput
      case is CheckpointPlaceError: .badConfiguration
      case let error as PictureError: error.code == .converter ? .unavailableResource : .badConfiguration
      case let stop as StoppedBySignal: stop.signal.status
      default: FascicleCommand.exitCode(for: error) == .validationFailure ? .usage : .internalError
      }
  }

  private static func status(of code: RunConfigurationError.Code) -> ProcessStatus {
    switch code {
    case .missing: .missingInput
    case .readFailed: .inputOutput
    case .override: .usage
    case .notYAML, .unsupportedYAML, .key, .value: .badConfiguration
    }
  }

  private static func status(of category: TrainingDataError.Category) -> ProcessStatus {
    switch category {
    case .missingInput: .missingInput
    case .inputOutput: .inputOutput
    case .badData: .badData
    case .invalidRequest: .badConfiguration
    case .resources: .unavailableResource
    }
  }

  private static func status(of code: ModelExchangeError.Code) -> ProcessStatus {
    switch code {
    case .missing: .missingInput
    case .readFailed, .writeFailed: .inputOutput
    case .damaged, .mismatch, .unsupported: .badData
    case .outOfMemory, .inUse: .unavailableResource
    }
  }

  private static func status(of code: TrainingRuntimeError.Code) -> ProcessStatus {
    switch code {
    case .setting, .dataMismatch: .badConfiguration
    case .modelMismatch: .badData
    case .stateMismatch: .badConfiguration
    case .memory: .unavailableResource
    case .diverged: .trainingFailed
    }
  }
}
