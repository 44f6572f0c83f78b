import Testing

import FascicleCommand

@Suite("The log of a resumed run")
struct ResumedLogTests {
  private static func event(_ name: String, _ epoch: Int) -> String { #"{"epoch":\#(epoch),"event":"\#(name)"}"# }

  @Test("epochs that come again, and what was cut off, are taken out; runs before it stay")
  func lines() {
    let before = [#"{"event":"run_start","resumed_from":null}"#, Self.event("epoch", 1), Self.event("epoch", 9)]
    let kept =
      [#"{"event":"run_start","resumed_from":null}"#] + (1...3).map { Self.event("epoch", $0) }
      + [Self.event("rolled_back", 4), #"{"event":"run_start","resumed_from":"x"}"#]
    let dropped = [Self.event("epoch", 4), Self.event("rolled_back", 5), Self.event("epoch", 3)]
    let text = (before + kept + dropped).map { $0 + "\n" }.joined() + #"{"event":"epo"#
    let result = ResumedLog.lines(of: text, epochs: 3, rollBacks: 1)
    #expect(result.lines == before + kept)
    #expect(result.epochs == [1, 2, 3])
    #expect(ResumedLog.linesOfEndedRuns(of: text) == before)
    let ended = kept + [#"{"event":"run_end"}"#]
    #expect(ResumedLog.linesOfEndedRuns(of: ended.map { $0 + "\n" }.joined()) == ended)
    #expect(ResumedLog.linesOfEndedRuns(of: "").isEmpty)
    #expect(ResumedLog.lines(of: "", epochs: 3, rollBacks: 0).lines.isEmpty)
  }
}
