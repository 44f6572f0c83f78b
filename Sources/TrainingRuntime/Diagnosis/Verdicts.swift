import Glibc
import PerceptronModel
import TrainingData

/// Judges an epoch's figures, and remembers since when something is wrong.
///
/// Limits are set where healthy networks are far away: a handful of silent units, or a deep layer's smaller gradients, are
/// no illness. Behind many layers the samples point nearly the same way, so that each rectifier fires for all of them or
/// for none: up to half of a healthy deep layer is silent from the start.
struct Verdicts {
  /// A layer's illness, by the number of the stage.
  private struct Case: Hashable {
    let stage: Int
    let kind: DiagnosisVerdict.Kind
  }

  /// The share of a layer's rectifiers that must be dead, or of its units saturated.
  static let deadShare = 0.55, saturatedShare = 0.5
  /// How much smaller or larger gradients must be at the bottom than at the top.
  static let gradientRatio = 1e4
  /// The change of the weights in a step, as a share of their size: too much where the loss does not fall for it.
  static let updateRatio = 0.2
  /// From which epoch and which step on a network should have learned more than to guess.
  static let learningEpoch = 3, learningStep = 32

  private var since: [Case: Int] = [:]

  /// What has been found, as a checkpoint keeps it.
  var sickSince: [Diagnostician.Sickness] {
    get {
      since.map { Diagnostician.Sickness(stage: $0.stage, kind: $0.kind, epoch: $1) }
        .sorted { ($0.stage, $0.kind.rawValue) < ($1.stage, $1.kind.rawValue) }
    }
    set { since = Dictionary(newValue.map { (Case(stage: $0.stage, kind: $0.kind), $0.epoch) }) { $1 } }
  }

  /// What is wrong in an epoch.
  ///
  /// - Parameter farRows: finds rows of the training samples that lie far off, the cause of much else; asked where
  ///   something is found, and by ``EpochLoss/asksForRows``.
  mutating func judge(
    _ layers: [LayerDiagnosis], of program: NetworkProgram, loss: EpochLoss, epoch: Int, learningRate: Float,
    meanBias: (_ stage: Int) -> Float?, farRows: () -> [FarRow]
  ) -> [DiagnosisVerdict] {
    var found: [(Case, finding: String, advice: String)] = []
    for (stage, layer) in layers.enumerated() {
      if let finding = Self.dead(layer) {
        found.append(
          (
            Case(stage: stage, kind: .deadUnits), finding,
            Self.lowBias(meanBias(stage)) + "lower the learning rate, use leaky_relu or He initialisation"
          ))
      }
      // At the output a limit is where a sure answer lies.
      if stage < layers.count - 1, let finding = Self.saturated(layer) {
        found.append(
          (
            Case(stage: stage, kind: .saturation), finding,
            "scale the inputs (normalize: standardize), lower the learning rate, or use a rectifier"
          ))
      }
      if let ratio = layer.updateRatio, ratio > Self.updateRatio, !loss.isFalling {
        let finding = "a step changes its weights by \(percent(ratio)) of their size"
        found.append(
          (Case(stage: stage, kind: .largeUpdates), finding, "lower the learning rate (now \(learningRate))"))
      }
    }
    // A dead layer passes nothing on, and is named itself.
    if !found.contains(where: { $0.0.kind == .deadUnits }), let (kind, finding, advice) = Self.depth(layers, program) {
      found.append((Case(stage: program.lowestLearningStage, kind: kind), finding, advice))
    }
    if epoch >= Self.learningEpoch, loss.stepCount >= Self.learningStep, let guess = loss.guess, !(loss.mean < guess) {
      found.append(
        (
          Case(stage: layers.count - 1, kind: .noBetterThanGuessing),
          "the loss of epoch \(epoch) is \(short(loss.mean)), no better than guessing (\(short(guess)))",
          Self.rateAdvice(learningRate)
        ))
    }
    let far = found.isEmpty && !loss.asksForRows ? [] : farRows()
    if !far.isEmpty {
      // The symptoms stay, but nothing else cures them.
      found = found.map { ($0.0, $0.finding, "see to the rows that lie far off first") }
      found.insert((Case(stage: 0, kind: .farRows), FarRow.finding(far), FarRow.advice(far)), at: 0)
    }
    since = Dictionary(uniqueKeysWithValues: found.map { ($0.0, since[$0.0] ?? epoch) })
    return found.map { sickness, finding, advice in
      let first = since[sickness] ?? epoch
      let name = sickness.kind == .farRows ? "input" : layers[sickness.stage].name
      return DiagnosisVerdict(
        kind: sickness.kind, layer: name, sinceEpoch: first,
        message: "\(name): \(finding)\(first < epoch ? ", since epoch \(first)" : ""); \(advice)")
    }
  }

  /// What to do about a network that has learned nothing.
  private static func rateAdvice(_ learningRate: Float) -> String {
    guard learningRate > 0 else { return "the learning rate is 0, so nothing can be learned: set one above 0" }
    return
      "try another learning rate, most likely a lower one (now \(learningRate)), or look for rows with values far off"
  }

  private static func dead(_ layer: LayerDiagnosis) -> String? {
    guard let dead = layer.deadUnits, layer.deadUnitsAreConfirmed else { return nil }
    let share = Double(dead) / Double(layer.unitCount)
    guard share >= deadShare else { return nil }
    return "\(percent(share)) of its ReLUs never fire"
  }

  /// What to try first where a layer's biases hold its rectifiers down.
  private static func lowBias(_ mean: Float?) -> String {
    guard let mean, mean < -1 else { return "" }
    return "raise its biases (\(short(Double(mean))) on average), "
  }

  private static func saturated(_ layer: LayerDiagnosis) -> String? {
    guard let units = layer.saturatedUnits else { return nil }
    let share = Double(units) / Double(layer.unitCount)
    guard share >= saturatedShare else { return nil }
    return "\(percent(share)) of its \(layer.activation) units are saturated for nearly every sample"
  }

  /// Compares the lowest layer that learns with the last.
  private static func depth(
    _ layers: [LayerDiagnosis], _ program: NetworkProgram
  ) -> (DiagnosisVerdict.Kind, finding: String, advice: String)? {
    let lowest = program.lowestLearningStage
    guard let bottom = layers[lowest].gradientScale, let top = layers[layers.count - 1].gradientScale, top > 0,
      lowest < layers.count - 1
    else { return nil }
    let ratio = bottom / top
    if ratio < 1 / gradientRatio {
      let size = ratio > 0 ? "1 part in \(rounded(1 / ratio))" : "nothing"
      return (
        .vanishingGradients, "\(size) of the output's gradient arrives here: it vanishes on the way down",
        "use fewer layers, or relu with He initialisation in place of \(commonest(layers))"
      )
    }
    guard ratio > gradientRatio else { return nil }
    return (
      .explodingGradients,
      "the output's gradient arrives here \(rounded(ratio)) times as large: it explodes on the way down",
      "use smaller initial weights, or bound the gradient (clipNorm: 1)"
    )
  }

  /// The activation that most layers below the last have.
  private static func commonest(_ layers: [LayerDiagnosis]) -> String {
    let names = layers.dropLast().map(\.activation)
    let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    return names.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) } ?? "linear"
  }
}

/// The mean loss of an epoch's training samples, without penalties.
struct EpochLoss {
  let mean: Double
  /// What a guess among all classes alike would have; nil where the loss or weights of samples give no such figure.
  let guess: Double?
  /// The least of the epochs before; nil in the first.
  let leastBefore: Double?
  /// Steps of the call of `fit` so far.
  let stepCount: Int
  /// Whether to look for rows far off even where nothing is sick: a scaling may hide what they do.
  let asksForRows: Bool

  /// Whether the network learns, as far as losses tell: below all epochs before, or in the first below a guess.
  var isFalling: Bool { (leastBefore ?? guess).map { mean < $0 } ?? false }

  init(
    mean: Double, of program: NetworkProgram, feed: SampleFeed, leastBefore: Double?, stepCount: Int, asksForRows: Bool
  ) {
    self.mean = mean
    self.leastBefore = leastBefore
    self.stepCount = stepCount
    self.asksForRows = asksForRows
    guard feed.hasLabels, feed.sampleWeights == nil, feed.classWeights == nil else {
      guess = nil
      return
    }
    guess =
      switch program.loss {
      case .crossEntropy: log(Double(program.outputCount))
      case .binaryCrossEntropy: log(2)
      default: nil
      }
  }
}

/// A figure with four digits behind the point, or a large one with one.
private func short(_ figure: Double) -> String {
  guard abs(figure) < 1e5 else { return figure < 0 ? "-" + rounded(-figure) : rounded(figure) }
  let scaled = (figure * 1e4).rounded() / 1e4
  return "\(scaled)"
}

/// A share in whole percent.
private func percent(_ share: Double) -> String {
  share.isFinite && share < 1e6 ? "\(Int((100 * share).rounded())) %" : "far more than 100 %"
}

/// A large number with one digit: 30,000 is `3e4`.
private func rounded(_ number: Double) -> String {
  guard number.isFinite else { return "1e308" }
  var digits = number, exponent = 0
  while digits >= 9.5, exponent < 400 {
    digits /= 10
    exponent += 1
  }
  return "\(Int(digits.rounded()))e\(exponent)"
}
