import Foundation
import Testing

@Suite("Columns of predictions")
struct PredictionColumnTests {
  /// A network's end and its loss, and the columns of its answers.
  struct Model: Sendable, CustomTestStringConvertible {
    let loss: String
    let last: String
    let columns: [String]
    /// Whether the columns behind the class add up to one.
    var addsUp = false
    var testDescription: String { "\(loss) after \(last)" }
  }

  static let models = [
    Model(
      loss: "focal", last: "{ dense: 2, activation: softmax }", columns: ["class", "probability_0", "probability_1"],
      addsUp: true),
    Model(
      loss: "{ name: categorical_cross_entropy, from: logits }", last: "{ dense: 2 }",
      columns: ["class", "probability_0", "probability_1"], addsUp: true),
    Model(
      loss: "binary_cross_entropy", last: "{ dense: 1, activation: sigmoid }",
      columns: ["class", "probability_0", "probability_1"], addsUp: true),
    Model(
      loss: "{ name: binary_cross_entropy, from: logits }", last: "{ dense: 1 }",
      columns: ["class", "probability_0", "probability_1"], addsUp: true),
    Model(loss: "hinge", last: "{ dense: 1 }", columns: ["class", "score_1"]),
    Model(loss: "categorical_hinge", last: "{ dense: 2 }", columns: ["class", "score_0", "score_1"]),
    Model(loss: "mean_squared_error", last: "{ dense: 2 }", columns: ["class", "score_0", "score_1"]),
  ]

  @Test(
    "follow from the loss, agree with the evaluation, and serve data that come without a network", arguments: models)
  func columns(model: Model) throws {
    try withFolder { folder in
      let trained = try Driver.run(
        [
          "train", "--quiet", "--output", "one", "data.format=moons", "data.samples=200", "training.epochs=20",
          "optimizer.learningRate=0.02", "loss=\(model.loss)",
          "network.layers=[{ dense: 16, activation: tanh }, \(model.last)]",
        ], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      // Data alone: no network that could fit them.
      let data = "data: { format: moons, samples: 100, seed: 5, test: { fraction: 0.5 } }\n"
      try Data(data.utf8).write(to: folder.appendingPathComponent("data.yaml"))
      let answer = try Driver.run(["predict", "one", "data.yaml"], in: folder)
      #expect(answer.status == 0, "\(answer.error)")
      let lines = answer.output.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(lines.first?.map(String.init) == model.columns)
      #expect(lines.count == 51)
      let events = try Driver.run(["predict", "one", "data.yaml", "--json"], in: folder).events()
      for (line, event) in zip(lines.dropFirst(), events) {
        let numbers = line.compactMap { Double($0) }
        #expect(event["class"] as? Int == Int(numbers[0]))
        if model.addsUp { #expect(abs(numbers.dropFirst().reduce(0, +) - 1) < 1e-6) }
        if numbers.count == 3 { #expect((numbers[2] > numbers[1]) == (numbers[0] == 1)) }
        if numbers.count == 2 { #expect((numbers[1] > 0) == (numbers[0] == 1)) }
      }
      let evaluation = try Driver.run(["evaluate", "one", "data.yaml", "--json"], in: folder)
      #expect(evaluation.status == 0, "\(evaluation.error)")
      #expect((try evaluation.events().first?["accuracy"] as? Double ?? 0) > 0.7)
    }
  }

  @Test("data that do not fit the model are still refused")
  func refusals() throws {
    try withFolder { folder in
      let trained = try Driver.run(
        ["train", "--quiet", "--output", "one", "data.format=moons", "training.epochs=1"], in: folder)
      #expect(trained.status == 0)
      for (data, phrase) in [
        ("data: { format: digits }", "a sample has 64 features, but the model takes 2"),
        ("data: { format: spirals, classes: 5 }", "spirals has 5 classes, but the model puts out 2"),
      ] {
        try Data((data + "\n").utf8).write(to: folder.appendingPathComponent("data.yaml"))
        let outcome = try Driver.run(["evaluate", "one", "data.yaml"], in: folder)
        #expect(outcome.status == 65 && outcome.error.contains(phrase), "\(outcome.error)")
      }
    }
  }
}
