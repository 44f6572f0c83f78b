import Foundation
import Testing

@Suite("Tables on the command line", .serialized)
struct TableCommandTests {
  private static let configurations = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("configs")
  private static var passengers: String { configurations.appendingPathComponent("passengers.yaml").path }

  private static func file(_ name: String) -> String {
    configurations.appendingPathComponent("passengers/\(name)").path
  }

  @Test("from a file to predictions in two commands, which need nothing but the model's folder and the new file")
  func passengers() throws {
    try withFolder { folder in
      let trained = try Driver.run(["train", Self.passengers, "--json", "--output", "ship"], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      let end = try #require(trained.events().last)
      #expect(try #require(end["test_accuracy"] as? Double) > 0.72)
      try FileManager.default.removeItem(at: folder.appendingPathComponent("ship/config.yaml"))

      let predicted = try Driver.run(["predict", "ship", Self.file("new_passengers.csv")], in: folder)
      #expect(predicted.status == 0, "\(predicted.error)")
      let lines = predicted.output.split(separator: "\n")
      #expect(lines.first == "class,probability_no,probability_yes")
      #expect(lines.count == 51)
      for line in lines.dropFirst() {
        let fields = line.split(separator: ","), values = fields.dropFirst().compactMap { Double($0) }
        #expect(values.count == 2 && abs(values[0] + values[1] - 1) < 1e-5)
        #expect(fields[0] == (values[1] > values[0] ? "yes" : "no"))
      }
      let events = try Driver.run(["predict", "ship", Self.file("new_passengers.csv"), "--json"], in: folder).events()
      #expect(events.map { $0["class_name"] as? String } == lines.dropFirst().map { String($0.prefix { $0 != "," }) })
      #expect(events.first?["event"] as? String == "prediction")
    }
  }

  @Test("an evaluation reads the run's table again, or another, and names the classes")
  func evaluation() throws {
    try withFolder { folder in
      let trained = try Driver.run(["train", Self.passengers, "--json", "--output", "ship"], in: folder)
      let end = try #require(trained.events().last)
      let again = try #require(try Driver.run(["evaluate", "ship", "--json"], in: folder).events().first)
      #expect(again["accuracy"] as? Double == (end["test_accuracy"] as? Double))
      #expect(again["loss"] as? Double == (end["test_loss"] as? Double))
      let text = try Driver.run(["evaluate", "ship", Self.file("passengers.csv")], in: folder).output
      #expect(text.contains("891 samples") && text.contains("yes") && text.contains("no"))
      let summary = try Driver.run(["summary", "ship"], in: folder).output
      #expect(summary.contains("Survived from Class, Sex, Age, Siblings, Children, Fare, Port"))
    }
  }

  @Test("numbers are learned as values, and two classes with a single output")
  func otherLosses() throws {
    try withFolder { folder in
      let rows = (0..<200).map {
        "\($0 % 20),\($0 % 7),\(($0 % 20) * 2 + $0 % 7),\($0 % 20 < 10 ? "low" : "high, or so")"
      }
      try Data(
        ("a;b;sum;side\n" + rows.map { $0.replacing(",", with: ";", maxReplacements: 3) }.joined(separator: "\n")).utf8
      )
      .write(to: folder.appendingPathComponent("t.csv"))
      let common = ["train", "--quiet", "--output", "m", "data.format=csv", "data.file=t.csv", "training.epochs=80"]
      let values = try Driver.run(
        common + [
          "data.label=sum", "data.columns.side=ignore", "loss=mean_squared_error", "network.layers=[{ dense: 1 }]",
          "optimizer.learningRate=0.2",
        ], in: folder)
      #expect(values.status == 0, "\(values.error)")
      try Data("b;a\n3;5\n".utf8).write(to: folder.appendingPathComponent("new.csv"))
      let answers = try Driver.run(["predict", "m", "new.csv"], in: folder)
      let lines = answers.output.split(separator: "\n")
      #expect(lines.first == "value_0" && abs((Double(lines.last ?? "") ?? 0) - 13) < 0.5, "\(answers)")

      let sides = try Driver.run(
        common + [
          "data.label=side", "loss=binary_cross_entropy", "network.layers=[{ dense: 1, activation: sigmoid }]",
          "optimizer.learningRate=0.05",
        ], in: folder)
      #expect(sides.status == 0, "\(sides.error)")
      try Data("b;a;sum\n3;1;5\n3;19;41\n".utf8).write(to: folder.appendingPathComponent("new.csv"))
      let classes = try Driver.run(["predict", "m", "new.csv"], in: folder).output.split(separator: "\n")
      #expect(classes.map { $0.hasPrefix("\"high, or so\",") } == [false, false, true], "\(classes)")
      #expect(classes.map { $0.hasPrefix("low,") } == [false, true, false])
    }
  }

  @Test("mistakes end with a status of their kind and a sentence")
  func mistakes() throws {
    try withFolder { folder in
      let rows = (0..<30).map { "\($0),\($0 == 1 ? "" : ["x", "z"][$0 % 2]),\($0 % 3 == 0 ? "no" : "yes")\n" }
      try Data(("a,b,y\n" + rows.joined()).utf8).write(to: folder.appendingPathComponent("t.csv"))
      let train = ["train", "data.format=csv", "data.file=t.csv"],
        two = "network.layers=[{ dense: 2, activation: softmax }]"
      try Driver.expectRefusal(
        train + ["data.label=z", two], 78, "t.csv: there is no column 'z'; the columns are a, b or y", in: folder)
      try Driver.expectRefusal(train + ["data.label=y", two], 65, "t.csv:3: column 'b' has no value", in: folder)
      try Driver.expectRefusal(
        train + ["data.label=y", "data.columns.c=ignore", two], 78, "there is no column 'c'; the columns are",
        in: folder)
      try Driver.expectRefusal(
        train + ["data.label=y", "data.impute=most_frequent"], 78, "has 2 classes, but there is no network for it",
        in: folder)
      try Driver.expectRefusal(
        train + ["data.label=y", "loss=mean_squared_error", "network.layers=[{ dense: 1 }]", "data.columns.y=numeric"],
        65,
        "t.csv:2: column 'y' must be a finite number, but is 'no'", in: folder)
      try Driver.expectRefusal(
        ["train", "data.format=csv", "data.file=no.csv", "data.label=y"], 66, "no.csv: no such file", in: folder)

      let trained = try Driver.run(
        train + ["data.label=y", two, "data.impute=most_frequent", "--output", "m", "training.epochs=1", "--quiet"],
        in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      try Data("a,b\nmany,x\n".utf8).write(to: folder.appendingPathComponent("new.csv"))
      try Driver.expectRefusal(
        ["predict", "m", "new.csv"], 65, "new.csv:2: column 'a' must be a finite number", in: folder)
      try Driver.expectRefusal(
        ["evaluate", "m", "new.csv"], 65, "the column 'y' of the model's training table is missing", in: folder)
      try Data("a,c\n1,x\n".utf8).write(to: folder.appendingPathComponent("new.csv"))
      try Driver.expectRefusal(["predict", "m", "new.csv"], 65, "table is missing", in: folder)
    }
  }
}
