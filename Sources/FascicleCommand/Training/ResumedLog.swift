import FoundationEssentials

/// The lines of a run's `metrics.jsonl` that a resumed run goes on from.
///
/// A run that died may have logged more than its last checkpoint holds; those epochs come again. Lines of runs before it, in
/// the same folder, stay as they are.
package enum ResumedLog {
  private struct Event: Decodable {
    var event: String?
    var epoch: Int?
    var resumedFrom: String?

    private enum CodingKeys: String, CodingKey {
      case event, epoch
      case resumedFrom = "resumed_from"
    }
  }

  /// The lines to keep, and which epochs they tell of.
  package static func lines(
    of text: String, epochs: Int, rollBacks: Int
  ) -> (lines: [String], epochs: Set<Int>) {
    // A line that was cut off in the midst has no line feed.
    let complete = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
    let lines = complete.split(separator: "\n").map(String.init)
    let events = lines.map { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    let start = events.lastIndex { $0?.event == "run_start" && $0?.resumedFrom == nil } ?? 0
    var kept = Array(lines[..<min(start, lines.count)]), found: Set<Int> = [], rollBackCount = 0
    for (line, event) in zip(lines, events).dropFirst(start) {
      guard let event else { continue }
      if event.event == "epoch", let epoch = event.epoch {
        guard epoch <= epochs, found.insert(epoch).inserted else { continue }
      }
      if event.event == "rolled_back" {
        rollBackCount += 1
        if rollBackCount > rollBacks { continue }
      }
      kept.append(line)
    }
    return (kept, found)
  }
}
