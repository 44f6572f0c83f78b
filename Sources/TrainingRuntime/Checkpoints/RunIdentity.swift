import GradientOptimizers
import PerceptronModel
import TrainingData

/// The settings that decide a run's bits, by the names that configurations give them.
///
/// How many workers run and where is none of them, nor is how closely the run is watched. The number of epochs is one only
/// where the schedule ends with the run.
package struct RunIdentity: Sendable, Hashable {
  package struct Setting: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package let settings: [Setting]

  package init(settings: [Setting]) { self.settings = settings }

  /// A digest of all settings, for those who only want to know whether two runs are alike.
  package var sha256: String {
    var text = settings.map { "\($0.name)=\($0.value)\n" }.joined()
    return SHA256.hexadecimal(text.withUTF8 { SHA256.digest(UnsafeRawBufferPointer($0)) })
  }

  /// What another run has otherwise, as in `optimizer.learningRate (0.001 then, 0.01 now)`.
  package func differences(from now: RunIdentity) -> [String] {
    let then = Dictionary(settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    let today = Dictionary(now.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    var names: [String] = []
    for setting in settings + now.settings where !names.contains(setting.name) { names.append(setting.name) }
    return names.compactMap { name in
      let (old, new) = (then[name] ?? "absent", today[name] ?? "absent")
      return old == new ? nil : "\(name) (\(Self.shortened(old)) then, \(Self.shortened(new)) now)"
    }
  }

  private static func shortened(_ text: String) -> String { text.count > 60 ? "\(text.prefix(57))…" : text }
}

extension RunIdentity {
  /// The identity of a call of `fit`.
  init(
    _ trainer: Trainer, plan: TrainingPlan, epochs: Int, classWeights: ClassWeights, earlyStopping: EarlyStopping?
  ) {
    var settings: [Setting] = []
    func add(_ name: String, _ value: Any) { settings.append(Setting(name, Self.text(value))) }
    func addMembers(_ name: String, _ value: Any) {
      for (label, member) in Mirror(reflecting: value).children { add("\(name).\(label ?? "value")", member) }
    }
    add("network.inputs", trainer.program.network.inputs)
    for (index, layer) in trainer.program.network.layers.enumerated() { add("network.layers.\(index)", layer) }
    add("loss", trainer.program.loss)
    add("optimizer.name", trainer.optimizer.name)
    addMembers("optimizer", trainer.optimizer)
    add("schedule", trainer.schedule)
    if trainer.schedule.endsWithRun { add("training.epochs", epochs) }
    add("training.batchSize", plan.batchSize)
    add("training.seed", trainer.seed)
    add("training.classWeights", classWeights)
    add("training.earlyStopping", earlyStopping as Any)
    add("training.clipping", trainer.clipping)
    addMembers("training", trainer.transforms)
    add("training.onDivergence", trainer.onDivergence)
    add("training.normalize", trainer.normalization)
    add("training.order", trainer.epochOrder.seedText)
    if let window = trainer.epochOrder.window { add("training.shuffleWindow", window) }
    add("runtime.precision", plan.precision.rawValue)
    add("runtime.reduction", plan.reduction.rawValue)
    if plan.reduction == .segmented { add("runtime.lanes", plan.laneCount) }
    self.init(settings: settings)
  }

  /// A value with all its members, whatever it says of itself.
  private static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      return mirror.children.first.map { text($0.value) } ?? "none"
    case .enum:
      guard let child = mirror.children.first else { return "\(value)" }
      let payload = text(child.value)
      return "\(child.label ?? "")\(payload.hasPrefix("(") ? payload : "(\(payload))")"
    case .collection, .set:
      return "[\(mirror.children.map { text($0.value) }.joined(separator: ", "))]"
    default:
      if mirror.children.isEmpty { return "\(value)" }
      return "(\(mirror.children.map { "\($0.label ?? ""): \(text($0.value))" }.joined(separator: ", ")))"
    }
  }
}

extension LearningRateSchedule {
  /// Whether the rate of a step follows from how many the run will have.
  fileprivate var endsWithRun: Bool {
    switch self {
    case .cosine, .oneCycle: true
    case .polynomial(_, _, let epochs): epochs == nil
    case .constant, .step, .multiStep, .exponential, .inverseTime, .cosineRestarts, .cyclic, .plateau: false
    }
  }
}
