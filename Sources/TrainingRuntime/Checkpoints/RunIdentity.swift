import GradientOptimizers
import PerceptronModel
import TrainingData

/// The settings that decide a run's bits, by the names that configurations give them.
///
/// How many workers run and where is none of them, nor is how closely the run is watched. The number of epochs is one only
/// where the schedule ends with the run. How layers learn (``/PerceptronModel/LayerLearning``) and what is done around updates
/// is said where it is not as usual, so that a new option of these leaves the runs before it as they were.
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

  /// The form of these settings; a state that was kept with another cannot be compared.
  ///
  /// What is as usual is left out, so where the meaning of that changes, the form must change too.
  static let form = Setting("settings.form", "2")

  /// Whether the settings have the form that this version compares.
  var isComparable: Bool { settings.contains(Self.form) }

  /// What another run has otherwise, as in `optimizer.learningRate (0.001 then, 0.01 now)`.
  package func differences(from now: RunIdentity) -> [String] {
    let then = Dictionary(settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    let today = Dictionary(now.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    var names: [String] = []
    for setting in settings + now.settings where !names.contains(setting.name) { names.append(setting.name) }
    return names.compactMap { name in
      let (old, new) = (then[name] ?? "not set", today[name] ?? "not set")
      guard old != new else { return nil }
      let (then, now) = Self.fromDifference(old, new)
      return "\(Self.key(name)) (\(Self.shortened(then)) then, \(Self.shortened(now)) now)"
    }
  }

  /// The words of configurations for members that are called otherwise here; kept settings have the members' names.
  private static let keys = [
    "learning.weights": "regularizer", "learning.biases": "biasRegularizer", "learning.slopes": "slopeRegularizer",
    "learning.outputs": "activityRegularizer", "learning.orthogonal": "orthogonalRegularizer",
    "learning.constraint": "constraint", "learning.isFrozen": "frozen", "learning.rateFactor": "learningRateFactor",
    "learning.decays": "decay",
  ]

  /// A setting's name as a configuration has it.
  private static func key(_ name: String) -> String {
    guard let member = keys.first(where: { name.hasSuffix(".\($0.key)") }) else { return name }
    return name.dropLast(member.key.count) + member.value
  }

  /// Two long texts from the member on in which they differ, so that what is left of them shows it.
  private static func fromDifference(_ old: String, _ new: String) -> (String, String) {
    guard max(old.count, new.count) > longest else { return (old, new) }
    let shared = old.commonPrefix(with: new), separators: Set<Character> = [" ", "(", "["]
    guard let separator = shared.lastIndex(where: separators.contains) else { return (old, new) }
    let count = shared.distance(from: shared.startIndex, to: separator) + 1
    let member = memberName(before: shared.prefix(count))
    return ("…\(member)\(old.dropFirst(count))", "…\(member)\(new.dropFirst(count))")
  }

  /// The name that a value at the end of a text belongs to, as in `factor: `; empty where it has none.
  private static func memberName(before text: Substring) -> Substring {
    guard text.hasSuffix(": ") else { return "" }
    let start = text.dropLast(2).lastIndex { $0 == " " || $0 == "(" || $0 == "[" }
    return text[(start.map(text.index(after:)) ?? text.startIndex)...]
  }

  private static let longest = 60

  private static func shortened(_ text: String) -> String {
    text.count > longest ? "\(text.prefix(longest - 3))…" : text
  }
}

extension String {
  /// What both begin with.
  fileprivate func commonPrefix(with other: String) -> Substring {
    prefix(zip(self, other).prefix { $0 == $1 }.count)
  }
}

extension RunIdentity {
  /// The identity of a call of `fit`.
  init(
    _ trainer: Trainer, plan: TrainingPlan, epochs: Int, classWeights: ClassWeights, earlyStopping: EarlyStopping?
  ) {
    var list = SettingList()
    list.settings.append(Self.form)
    list.add("network.inputs", trainer.program.network.inputs)
    list.addLayers("network.layers", trainer.program.network.layers)
    list.add("loss", trainer.program.loss)
    list.add("optimizer.name", trainer.optimizer.name)
    list.addMembers("optimizer", of: trainer.optimizer)
    list.add("schedule", trainer.schedule)
    if trainer.schedule.endsWithRun { list.add("training.epochs", epochs) }
    list.add("training.batchSize", plan.batchSize)
    list.add("training.seed", trainer.seed)
    list.add("training.classWeights", classWeights)
    list.add("training.earlyStopping", earlyStopping as Any)
    list.add("training.clipping", trainer.clipping)
    list.addMembers("training", of: trainer.transforms, leaving: UpdateTransforms())
    list.add("training.onDivergence", trainer.onDivergence)
    list.add("training.normalize", trainer.normalization)
    list.add("training.order", trainer.epochOrder.seedText)
    if let window = trainer.epochOrder.window { list.add("training.shuffleWindow", window) }
    list.add("runtime.precision", plan.precision.rawValue)
    list.add("runtime.reduction", plan.reduction.rawValue)
    if plan.reduction == .segmented { list.add("runtime.lanes", plan.laneCount) }
    self.init(settings: list.settings)
  }
}

extension LearningRateSchedule {
  /// Whether the rate of a step follows from how many the run will have.
  fileprivate var endsWithRun: Bool {
    switch self {
    case .cosine, .oneCycle: true
    case .polynomial(_, _, let epochs): epochs == nil
    case .sequence(let sequence): sequence.schedules.last?.endsWithRun ?? false
    case .constant, .step, .multiStep, .piecewise, .ramp, .exponential, .inverseTime, .cosineRestarts, .cyclic,
      .plateau:
      false
    }
  }
}
