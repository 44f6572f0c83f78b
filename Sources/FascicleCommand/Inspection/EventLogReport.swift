import Fascicle

/// The events of a run's `metrics.jsonl`, or of whatever `--json` wrote.
struct EventLogReport: InspectionReport {
  private let path: String
  /// How many events there are of each name, in the order in which they came first.
  private let counts: [(name: String, count: Int)]
  /// The last epoch's report, and the last run's end.
  private let lastEpoch: JSONPlace?, lastEnd: JSONPlace?
  /// What is wrong with a line, the first that is no event.
  private let damage: String?

  /// Reads the lines.
  init(path: String) throws {
    self.path = path
    var counts: [(name: String, count: Int)] = [], latest: [String: JSONPlace] = [:], damage: String?
    let lines = try WholeFile.read(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      guard let node = try? JSONParser.parse(Array(line)),
        let name = try? JSONPlace(node, file: path)["event"].text()
      else {
        damage = damage ?? Self.damage(line: index + 1, isLast: index == lines.count - 1)
        continue
      }
      latest[name] = JSONPlace(node, file: path)
      if let place = counts.firstIndex(where: { $0.name == name }) {
        counts[place].count += 1
      } else {
        counts.append((name, 1))
      }
    }
    (self.counts, self.damage) = (counts, damage)
    (lastEpoch, lastEnd) = (latest["epoch"], latest["run_end"])
  }

  private static func damage(line: Int, isLast: Bool) -> String {
    isLast
      ? "line \(line) was cut off, as a run that dies leaves it; '--resume auto' takes it out"
      : "line \(line) is no event in JSON"
  }

  private func count(_ name: String) -> Int { counts.first { $0.name == name }?.count ?? 0 }

  var text: String {
    var lines = LabelledLines()
    lines.add("events", counts.map { "\(NumberFormat.grouped($0.count)) \($0.name)" }.joined(separator: ", "))
    if count("run_start") > 0 {
      lines.add("runs", "\(count("run_start")) begun, \(count("run_end")) ended")
    }
    if let lastEpoch { lines.add("last epoch", Self.shown(lastEpoch, ["epoch", "train_loss", "validation_loss"])) }
    if let lastEnd { lines.add("last end", Self.shown(lastEnd, ["test_loss", "test_accuracy", "weights_sha256"])) }
    lines.add("damage", damage ?? "none")
    return lines.text
  }

  /// Some of an event's fields that have a value.
  private static func shown(_ event: JSONPlace, _ keys: [String]) -> String {
    keys.compactMap { key -> String? in
      guard let node = try? event.member(key)?.node else { return nil }
      return switch node {
      case .number(let digits): "\(key) \(digits)"
      case .text(let text): "\(key) \(text)"
      default: nil
      }
    }.joined(separator: ", ")
  }

  var event: JSONEvent {
    var fields: [String: JSONValue] = [
      "events": .object(Dictionary(counts.map { ($0.name, .whole($0.count)) }) { first, _ in first })
    ]
    if let damage { fields["damage"] = .text(damage) }
    return .inspection(kind: "events", path: path, fields)
  }
}
