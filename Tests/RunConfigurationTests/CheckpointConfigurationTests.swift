import Fascicle
import RunConfiguration
import Testing

@Suite("How a configuration says what is kept")
struct CheckpointConfigurationTests {
  @Test("nothing is kept unless asked for, and a section has defaults for everything")
  func defaults() throws {
    #expect(try load("{}").checkpoint == nil)
    #expect(try load("checkpoint: none").checkpoint == nil)
    #expect(try load("checkpoint: {}").checkpoint == CheckpointConfiguration())
    #expect(CheckpointConfiguration().rule == CheckpointRule(everyEpochs: 1, keepsBest: true, onError: .proceed))
  }

  @Test("every key is read, and written so that reading it gives it back")
  func everyKey() throws {
    let text = """
      checkpoint: { folder: /somewhere/else, everySteps: 100, everyMinutes: 2.5, everyEpochs: none, keepLast: 7,
                    keepBest: false, onError: stop }
      """
    let configuration = try load(text), checkpoint = try #require(configuration.checkpoint)
    #expect(checkpoint.folder == "/somewhere/else" && checkpoint.keepLast == 7)
    #expect(
      checkpoint.rule
        == CheckpointRule(
          everySteps: 100, everyMinutes: 2.5, everyEpochs: nil, keepsBest: false, onError: .stop))
    #expect(try load(configuration.yaml).checkpoint == checkpoint)
  }

  @Test(
    "what makes no sense is refused with its place",
    arguments: [
      ("everySteps: 0", "checkpoint.everySteps must be a whole number from 1"),
      ("everyMinutes: -1", "checkpoint.everyMinutes must be a number above 0"),
      ("keepLast: 0", "checkpoint.keepLast must be a whole number from 1"),
      ("onError: ignore", "checkpoint.onError must be continue or stop"),
      ("keepLats: 2", "unknown key 'checkpoint.keepLats'"),
    ])
  func refusals(entry: String, message: String) throws {
    let error = #expect(throws: RunConfigurationError.self) { try load("checkpoint: { \(entry) }") }
    #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
  }
}
