import Fascicle
import RunConfiguration
import Testing

@Suite("Did you mean")
struct SuggestionTests {
  @Test(
    "slips are recognised",
    arguments: [
      ("epohcs", "epochs"), ("epoch", "epochs"), ("learning-rate", "learningRate"), ("BATCHSIZE", "batchSize"),
      ("wd", "weightDecay"), ("sede", "seed"),
    ])
  func slips(word: String, meant: String) {
    #expect(
      Suggestion.nearest(to: word, among: ["epochs", "learningRate", "batchSize", "weightDecay", "seed"]) == meant)
  }

  @Test(
    "words that resemble nothing are left alone",
    arguments: ["", "x", "colour", String(repeating: "epochs", count: 100)])
  func strangers(word: String) {
    #expect(Suggestion.nearest(to: word, among: ["epochs", "learningRate", "batchSize"]) == nil)
  }

  @Test("distance counts insertions, deletions, replacements and swaps")
  func distances() {
    func distance(_ a: String, _ b: String) -> Int { Suggestion.distance(Array(a.utf8), Array(b.utf8)) }
    #expect(distance("", "") == 0)
    #expect(distance("abc", "") == 3)
    #expect(distance("abc", "acb") == 1)
    #expect(distance("kitten", "sitting") == 3)
  }
}
