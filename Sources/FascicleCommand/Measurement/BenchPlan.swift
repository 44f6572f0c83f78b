import ArgumentParser
import Fascicle
import RunConfiguration

/// What `bench` measures, from the texts of its options.
struct BenchPlan {
  let workloads: [Workload]
  /// nil for what suits the machine.
  let workerRequests: [WorkerRequest]?
  let precision: Precision
  let seconds: Double

  /// Reads the options; a `ValidationError` says what is wrong with one.
  init(
    workload: String?, layers: String?, batch: String?, activation: String?, loss: String?, optimizer: String?,
    precision: String, workers: String?, seconds: String
  ) throws {
    let own = try layers.map {
      try Self.workload(layers: $0, batch: batch, activation: activation, loss: loss, optimizer: optimizer)
    }
    if own != nil, workload != nil {
      throw ValidationError("--workload and --layers both say what to measure; give one of them")
    }
    let forLayersOnly = [("batch", batch), ("activation", activation), ("loss", loss), ("optimizer", optimizer)]
    if own == nil, let (name, _) = forLayersOnly.first(where: { $0.1 != nil }) {
      throw ValidationError("--\(name) goes with --layers; a named workload has its own")
    }
    workloads = try own.map { [$0] } ?? Self.named(workload ?? "all")
    workerRequests = try workers.map { try $0.split(separator: ",").map { try WorkerOption.request(String($0)) } }
    self.precision = try Self.choice("precision", precision, among: Precision.allCases.map(\.rawValue)) {
      Precision(rawValue: $0)
    }
    guard let seconds = Double(seconds), seconds > 0, seconds <= 86_400 else {
      throw ValidationError("--seconds must be a number above 0 and at most 86400, but is '\(seconds)'")
    }
    self.seconds = seconds
  }

  private static func named(_ names: String) throws -> [Workload] {
    if names == "all" { return Workload.standard }
    let known = Workload.standard.map(\.name)
    return try names.split(separator: ",").map { name in
      try choice("workload", String(name), among: known + ["all"]) { name in
        Workload.standard.first { $0.name == name }
      }
    }
  }

  private static func workload(
    layers: String, batch: String?, activation: String?, loss: String?, optimizer: String?
  ) throws -> Workload {
    let widths = layers.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard widths.count >= 2, widths.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw ValidationError("--layers must be two or more widths such as 784,256,10, but is '\(layers)'")
    }
    guard let batchSize = Int(batch ?? "128"), (1...1 << 20).contains(batchSize) else {
      throw ValidationError("--batch must be a whole number from 1 to \(1 << 20), but is '\(batch ?? "")'")
    }
    let function = try choice("activation", activation ?? "relu", among: ActivationFunction.names) {
      ActivationFunction.named($0)
    }
    let workload = Workload(
      name: widths.map(String.init).joined(separator: "-"), layers: widths, batchSize: batchSize, activation: function,
      optimizer: try choice("optimizer", optimizer ?? "adam", among: optimizerNames, make: Self.optimizer))
    if let loss, loss != workload.loss.name {
      throw ValidationError(
        "--loss is \(workload.loss.name) for a last width of \(widths[widths.count - 1]), not '\(loss)'")
    }
    return workload
  }

  private static let optimizerNames = ["momentum"] + OptimizerConfiguration.names

  /// Any optimizer with its defaults, and SGD with the usual momentum.
  private static func optimizer(_ name: String) -> (any GradientOptimizer)? {
    name == "momentum" ? SGD(momentum: 0.9) : OptimizerConfiguration.named(name)
  }

  private static func choice<Value>(
    _ option: String, _ name: String, among names: [String], make: (String) -> Value?
  ) throws -> Value {
    if let value = make(name) { return value }
    let near = Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw ValidationError("--\(option) must be \(Suggestion.list(names)), but is '\(name)'\(near)")
  }
}
