import FoundationEssentials

/// The lines of a run's `metrics.jsonl` that a resumed run goes on from.
///
/// A run that died may have logged more than its last checkpoint holds; those epochs come again. Lines of runs before it, in
/// the same folder, stay as they are.
package enum ResumedLog {
  /// The lines to keep where a run was to go on, but nothing of it was kept: it begins anew, so those of its earlier
  /// attempt go, unless that came to its end.
  package static func linesOfEndedRuns(of text: String) -> [String] {
    let (lines, events, start) = parsed(text)
    return events[start...].contains { $0?.event == "run_end" } ? lines : Array(lines[..<start])
  }

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
    let (lines, events, start) = parsed(text)
    var kept = Array(lines[..<start]), found: Set<Int> = [], rollBackCount = 0
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

  /// All whole lines, what they say, and where the latest run began that did not go on from a state.
  private static func parsed(_ text: String) -> (lines: [String], events: [Event?], start: Int) {
    // A line that was cut off in the midst has no line feed.
    let complete = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
    let lines = complete.split(separator: "\n").map(String.init)
    let events = lines.map { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    return (lines, events, events.lastIndex { $0?.event == "run_start" && $0?.resumedFrom == nil } ?? 0)
  }
}
