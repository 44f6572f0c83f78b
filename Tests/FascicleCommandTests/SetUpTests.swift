import Foundation
import Testing

@Suite("Before the first step")
struct SetUpTests {
  /// Weights that take some seconds to draw.
  private static let slow = [
    "train", "--quiet",
    "network.layers=[\(String(repeating: "{ dense: 2500, initializer: orthogonal }, ", count: 8))"
      + "{ dense: 10, activation: softmax }]",
  ]

  @Test("set-up that lasts says what it does, and the first signal ends it at once")
  func slowSetUp() throws {
    let process = Driver.process(Self.slow.filter { $0 != "--quiet" })
    let notes = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = notes
    try process.run()
    try notes.fileHandleForWriting.close()
    var seen = ""
    while !seen.contains("orthogonal weights") {
      let data = notes.fileHandleForReading.availableData
      try #require(!data.isEmpty, "the run said nothing: \(seen)")
      seen += String(decoding: data, as: UTF8.self)
    }
    #expect(seen.contains("drawing initial weights, among them the orthogonal weights of layer 1 (dense 2500), "))
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
  }

  @Test(
    "validate, --dry-run and train refuse the same, with the same words",
    arguments: [
      ["training.validation=0", "training.earlyStopping={}"],
      ["runtime.reduction=hogwild", "training.onDivergence=skip"],
      ["training.classWeights=[1, 2, 3]"],
      ["network.layers=[{ dense: 10, activation: softmax, frozen: true }]"],
    ])
  func contradictions(settings: [String]) throws {
    let answers = try [["validate"], ["train", "--dry-run"], ["train"], ["summary"]].map {
      try Driver.run($0 + settings)
    }
    for answer in answers {
      #expect(answer.status == 78 && answer.output.isEmpty)
      #expect(answer.error == answers[0].error)
    }
    #expect(answers[0].error.hasPrefix("error: "))
  }
}
