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
    "other programs' names are answered with ours, where ours is one of those that fit",
    arguments: [
      ("network: { layers: [{ dense: 10, activation: swish }] }", "it is called silu here"),
      ("network: { layers: [{ dense: 10, initializer: xavier_uniform }] }", "it is called glorot_uniform here"),
      ("network: { layers: [{ dense: 10, initializer: { name: Kaiming_Normal } }] }", "it is called he_normal here"),
      ("optimizer: nesterov", "it is sgd with momentum, such as 0.9, and nesterov: true"),
      ("schedule: linear", "a fall is polynomial with power 1 here, and a rise is a ramp"),
      ("training: { earlyStopping: { monitor: val_loss } }", "it is called validation_loss here"),
      ("training: { average: ema }", "it is called exponential here"),
      ("loss: cosine", "it is called cosine_similarity here"),
    ])
  func otherNames(yaml: String, hint: String) throws {
    #expect(try refusal(of: yaml).description.hasSuffix("; " + hint))
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
