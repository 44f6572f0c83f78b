import Foundation
import Testing

@Suite("Cross-validation on the command line")
struct CrossValidateCommandTests {
  private static let moons = [
    "data.format=moons", "data.samples=200", "training.epochs=4", "optimizer.learningRate=0.05",
  ]

  @Test("each fold has its event, and the last holds their means; twice the same")
  func events() throws {
    let arguments =
      ["cross-validate", "--folds", "4", "--stratify", "--json", "--quiet", "--workers", "1"] + Self.moons
    let outcome = try Driver.run(arguments)
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let events = try outcome.events(), folds = events.dropLast()
    #expect(folds.map { $0["event"] as? String } == ["fold", "fold", "fold", "fold"])
    #expect(folds.map { $0["fold"] as? Int } == [1, 2, 3, 4])
    // A fifth is kept for the test.
    #expect(folds.compactMap { $0["samples"] as? Int }.reduce(0, +) == 160)
    let losses = folds.compactMap { $0["loss"] as? Double }
    let end = try #require(events.last)
    #expect(end["event"] as? String == "cross_validation" && end["stratified"] as? Bool == true)
    let loss = try #require(end["loss"] as? [String: Double])
    let mean = losses.reduce(0, +) / 4
    #expect(abs((loss["mean"] ?? 0) - mean) < 1e-12)
    let deviation = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot()
    #expect(abs((loss["deviation"] ?? 0) - deviation) < 1e-12)
    let metrics = try #require(end["metrics"] as? [String: [String: Double]])
    for name in ["accuracy", "macro_f1", "macro_roc_auc", "log_loss"] { #expect(metrics[name] != nil, "\(name)") }
    let again = try Driver.run(["cross-validate", "training.stratify=true", "--folds", "4", "--json"] + Self.moons)
    #expect(
      try again.events().dropLast().map { $0["weights_sha256"] as? String }
        == folds.map { $0["weights_sha256"] as? String })
  }

  @Test("the report has a row for each fold, and all together")
  func report() throws {
    let outcome = try Driver.run(["cross-validate", "--folds", "3"] + Self.moons)
    #expect(outcome.status == 0, "\(outcome.error)")
    for phrase in ["folds       3, seed 7", "macro F1", "accuracy", "together", "± 0."] {
      #expect(outcome.output.contains(phrase), "\(outcome.output)")
    }
    for fold in 1...3 { #expect(outcome.error.contains("fold \(fold) of 3")) }
    let regression = try Driver.run([
      "cross-validate", "--folds", "2", "--quiet", "data.format=friedman", "data.samples=100", "training.epochs=2",
    ])
    #expect(regression.output.contains("RMSE") && regression.output.contains("R²"), "\(regression.output)")
  }

  @Test("a table is prepared for each fold by the rows that the fold trains on")
  func table() throws {
    try withFolder { folder in
      let rows = (0..<60).map { "\($0 % 3 == 0 ? "" : "\($0 % 7)"),\($0 % 2 == 0 ? "red" : "blue")" }
      try Data(("n,colour\n" + rows.joined(separator: "\n")).utf8).write(to: folder.appendingPathComponent("t.csv"))
      let outcome = try Driver.run(
        [
          "cross-validate", "--folds", "3", "--json", "--quiet", "data.format=csv", "data.file=t.csv",
          "data.label=colour", "data.impute=mean", "network.layers=[{ dense: 2, activation: softmax }]",
          "training.epochs=2",
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
      // A fifth is kept for the test.
      #expect(try outcome.events().compactMap { $0["samples"] as? Int } == [16, 16, 16])
    }
  }

  @Test("figures are in the labels' own unit where those are learned in scale")
  func labelsInScale() throws {
    func error(_ settings: [String]) throws -> Double {
      let outcome = try Driver.run(
        [
          "cross-validate", "--folds", "2", "--json", "--quiet", "data.format=friedman", "data.samples=200",
          "training.epochs=1", "optimizer.learningRate=0",
        ] + settings)
      let metrics = try #require(outcome.events().last?["metrics"] as? [String: [String: Double]], "\(outcome)")
      return try #require(metrics["rmse"]?["mean"])
    }
    // Friedman's values are some 14 with a deviation of 5: answers near the mean miss by 5, and in scale by 1.
    #expect(try error(["data.labelScale=standardize"]) > 3)
  }

  @Test("folds that cannot be made are refused")
  func refusals() throws {
    let one = try Driver.run(["cross-validate", "--folds", "1"])
    #expect(one.status == 64 && one.error.contains("--folds must be a whole number from 2 to 1000000, but is '1'"))
    let many = try Driver.run(["cross-validate", "--folds", "1000"] + Self.moons)
    #expect(many.status == 78 && many.error.contains("expected 2 to 160 folds"), "\(many.error)")
    let values = try Driver.run(["cross-validate", "--stratify", "data.format=friedman"])
    #expect(values.status == 78 && values.error.contains("no classes to divide evenly"), "\(values.error)")
  }

  @Test("Ctrl-C in any fold reports the folds that are done", arguments: [1, 2, 4])
  func stopped(doneCount: Int) throws {
    let process = Driver.process(
      ["cross-validate", "--json", "data.format=moons", "data.samples=400", "training.epochs=2000"])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try output.fileHandleForWriting.close()
    var text = ""
    while text.count(where: { $0 == "\n" }) < doneCount {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "ended by itself: \(text)")
      text += String(decoding: data, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGINT)
    while case let data = output.fileHandleForReading.availableData, !data.isEmpty {
      text += String(decoding: data, as: UTF8.self)
    }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let events = try Driver.Outcome(status: 130, output: text, error: "").events(), folds = events.dropLast(),
      end = try #require(events.last)
    #expect(end["event"] as? String == "cross_validation" && folds.count >= doneCount && folds.count < 5)
    #expect(end["folds_done"] as? Int == folds.count)
    let losses = folds.compactMap { $0["loss"] as? Double }, loss = try #require(end["loss"] as? [String: Double])
    #expect(abs((loss["mean"] ?? 0) - losses.reduce(0, +) / Double(folds.count)) < 1e-12)
  }
}
