import Fascicle
import Foundation
import Testing
import TrainingData

@Suite("Trained models on the command line", .serialized)
struct ModelCommandTests {
  /// A model of the digits, trained once for all tests, and its folder.
  private static let trained: (folder: URL, end: [String: any Sendable])? = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-model-\(getpid())")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    guard
      let events = try? Driver.run(["train", "--json", "--output", "one", "training.epochs=3"], in: folder).events(),
      let end = events.last
    else { return nil }
    atexit {
      try? FileManager.default.removeItem(
        at: FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-model-\(getpid())"))
    }
    let names = ["weights_sha256", "model"], losses = ["test_loss", "test_accuracy"]
    var kept: [String: any Sendable] = [:]
    for name in names { kept[name] = end[name] as? String }
    for name in losses { kept[name] = end[name] as? Double }
    return (folder, kept)
  }()

  private var folder: URL { get throws { try #require(Self.trained).folder } }
  private var end: [String: any Sendable] { get throws { try #require(Self.trained).end } }

  @Test("training leaves a model, and says where")
  func trainingWritesAModel() throws {
    #expect(try end["model"] as? String == "one")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("one").path)
    #expect(names.sorted() == ["config.yaml", "metrics.jsonl", "model.json", "model.safetensors"])
    let again = try Driver.run(["train", "--quiet", "--output", "two", "training.epochs=1"], in: folder)
    #expect(again.output.contains("two/model.safetensors, two/model.json"))
  }

  @Test("an evaluation gives the run's test loss and accuracy, for any workers", arguments: ["1", "2", "auto"])
  func evaluate(workers: String) throws {
    for arguments in [["one"], ["one", "one/config.yaml", "--part", "test"]] {
      let outcome = try Driver.run(["evaluate", "--json", "--workers", workers] + arguments, in: folder)
      let event = try #require(outcome.events().first, "\(outcome.error)")
      #expect(event["event"] as? String == "evaluation")
      #expect(event["loss"] as? Double == (try end["test_loss"] as? Double))
      #expect(event["accuracy"] as? Double == (try end["test_accuracy"] as? Double))
      #expect(event["weights_sha256"] as? String == (try end["weights_sha256"] as? String))
    }
    let text = try Driver.run(["evaluate", "one", "--part", "validation"], in: folder).output
    #expect(text.contains("validation samples of one/config.yaml, 144 samples") && text.contains("accuracy"))
  }

  @Test("an inspection tells what training left")
  func inspect() throws {
    let text = try Driver.run(["inspect", "one"], in: folder).output
    let digest = try #require(end["weights_sha256"] as? String)
    #expect(text.contains("dense 64 relu") && text.contains("sha256 \(digest)"))
    let model = try #require(try Driver.run(["inspect", "--json", "one"], in: folder).events().first)
    #expect(model["kind"] as? String == "model" && model["parameters"] as? Int == 4810)
    let weights = try Driver.run(["inspect", "one/model.safetensors"], in: folder).output
    #expect(weights.contains("layers.1.weight") && weights.contains("10 × 64") && weights.contains("19,240"))
  }

  @Test("an evaluation shows metrics as tables and as JSON")
  func metrics() throws {
    let text = try Driver.run(["evaluate", "one", "--top-k", "3"], in: folder).output
    for label in ["top 3 ", "macro ", "log loss ", "calibration ", "classes ", "confusion "] {
      #expect(text.contains("\n\(label)"), "\(label)")
    }
    let event = try #require(try Driver.run(["evaluate", "one", "--json"], in: folder).events().first)
    let metrics = try #require(event["metrics"] as? [String: Any])
    #expect(metrics["kind"] as? String == "classification")
    #expect(metrics["accuracy"] as? Double == event["accuracy"] as? Double)
    #expect(metrics["k"] as? Int == 5)
    let loss = try #require(metrics["log_loss"] as? Double)
    #expect(abs(loss - (event["loss"] as? Double ?? .nan)) < 1e-6)
    let confusion = try #require(metrics["confusion"] as? [[Int]])
    #expect(confusion.flatMap { $0 }.reduce(0, +) == event["samples"] as? Int)
    #expect((metrics["classes"] as? [[String: Any]])?.count == 10)
    for (count, message) in [("0", "--top-k must be at least 1"), ("11", "between 1 and 10, but is 11")] {
      let outcome = try Driver.run(["evaluate", "one", "--top-k", count], in: folder)
      #expect(outcome.status != 0 && outcome.error.contains(message))
    }
  }

  @Test("odd pairs are warned of by validate, by train and in its events, and early stopping says what it did")
  func warningsAndEarlyStopping() throws {
    let reason = "the loss mean_squared_error after softmax learns slowly"
    let odd = "loss=mean_squared_error"
    #expect(try Driver.run(["validate", odd], in: folder).output.contains("warning     \(reason)"))
    #expect(try !Driver.run(["validate"], in: folder).output.contains("warning"))
    #expect(try Driver.run(["train", odd, "training.epochs=1"], in: folder).output.contains("warning     \(reason)"))
    let events = try Driver.run(
      [
        "train", "--json", odd, "training.epochs=50", "optimizer.learningRate=0.1",
        "training.earlyStopping={ patience: 2 }",
      ], in: folder
    ).events()
    #expect((events.first?["warnings"] as? [String])?.first?.hasPrefix(reason) == true)
    let end = try #require(events.last)
    #expect(end["stopped_early"] as? Bool == true && end["restored_best"] as? Bool == true)
    #expect(end["best_epoch"] as? Int == (end["epochs"] as? Int ?? 0) - 2)
    let losses = events.filter { $0["event"] as? String == "epoch" }.compactMap { $0["validation_loss"] as? Double }
    #expect(losses.min() == end["validation_loss"] as? Double)
  }

  @Test("answers come as CSV or JSON, with the same classes, and agree with the evaluation")
  func predict() throws {
    let csv = try Driver.run(["predict", "one", "one/config.yaml"], in: folder)
    let lines = csv.output.split(separator: "\n")
    let columns = ["class"] + (0..<10).map { "probability_\($0)" }
    #expect(lines.first?.split(separator: ",").map(String.init) == columns)
    let rows = lines.dropFirst().map { line in line.split(separator: ",").compactMap { Double($0) } }
    #expect(rows.count == 359)
    for row in rows {
      let probabilities = Array(row.dropFirst())
      #expect(probabilities.count == 10)
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      #expect(probabilities.max() == probabilities[Int(row[0])])
    }
    let events = try Driver.run(["predict", "one", "--json", "--workers", "1"], in: folder).events()
    #expect(events.count == rows.count)
    for (number, (event, row)) in zip(events, rows).enumerated() {
      #expect(event["row"] as? Int == number)
      #expect(event["class"] as? Int == Int(row[0]))
    }
  }

  @Test("answers go to a file in the format of its ending, for samples of any kind of file")
  func predictToFiles() throws {
    try withFolder { folder in
      let model = try self.folder.appendingPathComponent("one").path
      let pixels = (0..<5 * 64).map { UInt8($0 % 17) }
      let samples = NumberArray(shape: [5, 64], elements: .uint8(pixels))
      try Data(samples.npyBytes).write(to: folder.appendingPathComponent("x.npy"))
      let lines = stride(from: 0, to: pixels.count, by: 64).map { first in
        pixels[first..<first + 64].map { "\($0)" }.joined(separator: ",")
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("x.csv"))
      let shown = try Driver.run(["predict", model, "x.npy"], in: folder).output
      #expect(shown == (try Driver.run(["predict", model, "x.csv"], in: folder).output))
      for name in ["a.csv", "a.jsonl", "a.npy"] {
        let outcome = try Driver.run(["predict", model, "x.csv", "--output", name], in: folder)
        #expect(outcome.output.isEmpty && outcome.error == "\(name): answers for 5 samples\n", "\(outcome)")
      }
      func file(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
      #expect(try String(decoding: file("a.csv"), as: UTF8.self) == shown)
      #expect(try String(decoding: file("a.jsonl"), as: UTF8.self).split(separator: "\n").count == 5)
      let rows = shown.split(separator: "\n").dropFirst().map {
        $0.split(separator: ",").dropFirst().compactMap { Float($0) }
      }
      let array = try NumberArray(reading: folder.appendingPathComponent("a.npy").path)
      #expect(array.shape == [5, 10] && array.elements == .float32(rows.flatMap { $0 }))
      // A sample that does not fit leaves the file that was there.
      try Data("1,2\n".utf8).write(to: folder.appendingPathComponent("bad.csv"))
      try Driver.expectRefusal(
        ["predict", model, "bad.csv", "-o", "a.csv"], 65, "a sample has 2 features, but the model takes 64", in: folder)
      #expect(try String(decoding: file("a.csv"), as: UTF8.self) == shown)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 6)
      for arguments in [["-o", "a.txt"], ["-o", "a.npy", "--json"]] {
        try Driver.expectRefusal(["predict", model, "x.npy"] + arguments, 64, "--output", in: folder)
      }
    }
  }

  @Test("answers that are no numbers are told")
  func answersWithoutNumber() throws {
    try withFolder { folder in
      _ = try Driver.run(["train", "--output", "raw", "training.epochs=1", "training.normalize=none"], in: folder)
      let huge = [String](repeating: "3e38", count: 64).joined(separator: ",")
      let plain = [String](repeating: "1", count: 64).joined(separator: ",")
      try Data("\(plain)\n\(huge)\n".utf8).write(to: folder.appendingPathComponent("x.csv"))
      let outcome = try Driver.run(["predict", "raw", "x.csv"], in: folder)
      #expect(outcome.status == 0)
      #expect(
        outcome.error.hasPrefix("warning: an answer has numbers that are not finite, the first for sample 1;"),
        "\(outcome)")
    }
  }

  @Test("images alone are answered for; with labels they are evaluated")
  func idxFiles() throws {
    try withFolder { folder in
      try IDXFile.images(30, side: 8).write(to: folder.appendingPathComponent("images"))
      try IDXFile.labels(30).write(to: folder.appendingPathComponent("labels"))
      let model = try self.folder.appendingPathComponent("one").path
      let alone = try Driver.run(["predict", model, "images"], in: folder)
      let pair = try Driver.run(["predict", model, "images,labels"], in: folder)
      #expect(alone.status == 0 && alone.output.split(separator: "\n").count == 31, "\(alone.error)")
      #expect(alone.output == pair.output)
      let evaluation = try Driver.run(["evaluate", model, "images,labels", "--json"], in: folder)
      #expect(try evaluation.events().first?["samples"] as? Int == 30, "\(evaluation.error)")
    }
  }

  @Test("a summary shows layers, scaling and where the weights come from")
  func summary() throws {
    let outcome = try Driver.run(["summary", "one"], in: folder)
    for phrase in ["dense 64 relu", "4,810", "adam, seed 7, 3 epochs", "loss", "sha256 "] {
      #expect(outcome.output.contains(phrase), "\(outcome.output)\(outcome.error)")
    }
  }

  @Test("timings of answers have their fields")
  func inferenceBench() throws {
    let outcome = try Driver.run(
      ["bench", "--inference", "--workload", "tiny", "--workers", "1", "--seconds", "0.01", "--json"])
    let events = try outcome.events()
    #expect(events.map { $0["batch"] as? Int } == [1, 1024], "\(outcome.error)")
    for event in events {
      #expect(event["event"] as? String == "inference_result")
      #expect(event["layers"] as? [Int] == [32, 64, 64, 10])
      let p50 = try #require(event["latency_microseconds_p50"] as? Double)
      let p99 = try #require(event["latency_microseconds_p99"] as? Double)
      #expect(p50 > 0 && p50 <= p99)
      #expect(event["samples_per_second"] as? Double ?? 0 > 0)
    }
    let table = try Driver.run(["bench", "--inference", "--workload", "tiny", "--workers", "1", "--seconds", "0.01"])
    #expect(table.output.split(separator: "\n").count == 3)
  }

  /// What is done to a copy of the model before a command is asked, and how it answers.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let status: Int32
    let phrase: String
    var damage: @Sendable (URL) throws -> Void = { _ in }
  }

  static let mistakes: [Mistake] = [
    Mistake(testDescription: "no model", arguments: ["evaluate"], status: 64, phrase: "MODEL"),
    Mistake(
      testDescription: "no such model", arguments: ["evaluate", "none"], status: 66,
      phrase: "none: no such model folder"),
    Mistake(
      testDescription: "no such model to ask", arguments: ["predict", "none", "images"], status: 66,
      phrase: "no such model folder"),
    Mistake(
      testDescription: "a folder without a model", arguments: ["summary", "empty"], status: 66,
      phrase: "empty/model.json: no such file"),
    Mistake(
      testDescription: "no data", arguments: ["evaluate", "copy", "none.yaml"], status: 66,
      phrase: "none.yaml: no such configuration file"),
    Mistake(
      testDescription: "no images", arguments: ["predict", "copy", "none"], status: 66, phrase: "none: no such file"),
    Mistake(
      testDescription: "no labels", arguments: ["evaluate", "copy", "images"], status: 64,
      phrase: "expected a configuration or IMAGES,LABELS, but is 'images'"),
    Mistake(
      testDescription: "three files", arguments: ["predict", "copy", "a,b,c"], status: 64, phrase: "but is 'a,b,c'"),
    Mistake(
      testDescription: "an unknown part", arguments: ["evaluate", "copy", "--part", "tests"], status: 64,
      phrase: "tests"),
    Mistake(
      testDescription: "no workers", arguments: ["evaluate", "copy", "--workers", "0"], status: 64, phrase: "but is '0'"
    ),
    Mistake(
      testDescription: "images of another size", arguments: ["predict", "copy", "images"], status: 65,
      phrase: "a sample has 16 features, but the model takes 64"),
    Mistake(
      testDescription: "images and labels of another size", arguments: ["evaluate", "copy", "images,labels"],
      status: 65,
      phrase: "a sample has 16 features, but the model takes 64"),
    Mistake(
      testDescription: "weights cut short", arguments: ["evaluate", "copy"], status: 65,
      phrase: "the file is cut short",
      damage: { folder in
        let file = folder.appendingPathComponent("copy/model.safetensors")
        try Data(contentsOf: file).dropLast(100).write(to: file)
      }),
    Mistake(
      testDescription: "weights of another run", arguments: ["predict", "copy", "images"], status: 65,
      phrase: "one of the two files is damaged or of another run",
      damage: { folder in
        let file = folder.appendingPathComponent("copy/model.safetensors")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: file)
      }),
    Mistake(
      testDescription: "a description that is none", arguments: ["summary", "copy"], status: 65,
      phrase: "copy/model.json: expected a value at byte 0",
      damage: { try Data("model".utf8).write(to: $0.appendingPathComponent("copy/model.json")) }),
    Mistake(
      testDescription: "no validation samples", arguments: ["evaluate", "copy", "some.yaml", "--part", "validation"],
      status: 65, phrase: "no samples are held out for validation",
      damage: { try Data("training: { validation: 0 }\n".utf8).write(to: $0.appendingPathComponent("some.yaml")) }),
  ]

  @Test("mistakes end with their status and a sentence", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    try withFolder { folder in
      try FileManager.default.copyItem(
        at: self.folder.appendingPathComponent("one"), to: folder.appendingPathComponent("copy"))
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("empty"), withIntermediateDirectories: false)
      try IDXFile.images(30).write(to: folder.appendingPathComponent("images"))
      try IDXFile.labels(30).write(to: folder.appendingPathComponent("labels"))
      try mistake.damage(folder)
      let outcome = try Driver.run(mistake.arguments, in: folder)
      #expect(outcome.status == mistake.status, "\(outcome.error)")
      #expect(outcome.error.hasPrefix("error: ") && outcome.output.isEmpty, "\(outcome.error)")
      #expect((1...3).contains(outcome.error.split(separator: "\n").count), "\(outcome.error)")
      #expect(outcome.error.contains(mistake.phrase), "\(outcome.error)")
    }
  }

  @Test("a model that cannot be written ends with 74")
  func unwritable() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("run/model.safetensors"), withIntermediateDirectories: true)
      let outcome = try Driver.run(["train", "--quiet", "--output", "run", "training.epochs=1"], in: folder)
      #expect(outcome.status == 74)
      #expect(outcome.error.contains("writing run/model.safetensors failed: "), "\(outcome.error)")
    }
  }
}
