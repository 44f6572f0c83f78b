/// The name of a checkpoint's file: `checkpoint-000042-step-1200.safetensors`, with `-best` before the dot where its epoch was
/// the best so far.
///
/// The first number counts the checkpoints of a folder and never goes back, as steps do when a run is rolled back or resumed
/// from an older state.
struct CheckpointName: Sendable, Hashable {
  let number: Int
  let step: Int
  let isBest: Bool

  private static let prefix = "checkpoint-", suffix = ".safetensors", best = "-best"

  init(number: Int, step: Int, isBest: Bool) {
    self.number = number
    self.step = step
    self.isBest = isBest
  }

  /// Reads a name; nil for any other file's.
  init?(_ name: String) {
    guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
    var middle = name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
    isBest = middle.hasSuffix(Self.best)
    if isBest { middle = middle.dropLast(Self.best.count) }
    let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1] == "step", parts.allSatisfy({ !$0.hasPrefix("+") }), let number = Int(parts[0]),
      let step = Int(parts[2]), number < .max
    else { return nil }
    self.number = number
    self.step = step
  }

  var text: String {
    let digits = String(number), zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return "\(Self.prefix)\(zeros)\(digits)-step-\(step)\(isBest ? Self.best : "")\(Self.suffix)"
  }

  /// The name of a file that is made to see whether one may be; it counts as one that was left unfinished.
  static let probe = ".\(prefix)probe\(ReplacementFile.temporarySuffix)"

  /// Whether a file is one that a run left when it died while it wrote.
  static func isUnfinished(_ name: String) -> Bool {
    name.hasPrefix(".\(prefix)") && name.hasSuffix(ReplacementFile.temporarySuffix)
  }
}
