import Foundation
import Testing

@Suite("Sparse texts, label scales and columns that divide, on the command line", .serialized)
struct SparseCommandTests {
  /// Two classes, −1 and 1, told apart by which of features 1 and 4 is there.
  private static func sparse(_ rows: Range<Int>) -> String {
    rows.map { row in
      let isFirst = row % 2 == 0, value = 0.5 + Double(row % 5) / 5
      return "\(isFirst ? -1 : 1) \(isFirst ? "1:\(value)" : "") 3:\(row % 3) \(isFirst ? "" : "4:\(value)")"
    }.joined(separator: "\n") + "\n"
  }

  @Test("a network learns from a sparse text, and answers for another with its labels as names")
  func training() throws {
    try withFolder { folder in
      try Data(Self.sparse(0..<300).utf8).write(to: folder.appendingPathComponent("train.svm"))
      let trained = try Driver.run(
        [
          "train", "--json", "--output", "m", "data.format=libsvm", "data.file=train.svm", "training.epochs=30",
          "network.layers=[{ dense: 2, activation: softmax }]", "optimizer.learningRate=0.05",
        ], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      #expect(try #require(trained.events().last)["test_accuracy"] as? Double == 1)
      // The largest index is missing here, and so is nothing.
      try Data("1 1:1 3:1\n-1 1:0.5\n".utf8).write(to: folder.appendingPathComponent("new.svm"))
      let lines = try Driver.run(["predict", "m", "new.svm"], in: folder).output.split(separator: "\n")
      #expect(lines.first == "class,probability_-1,probability_1")
      #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("-1,") } && lines.count == 3)
      let evaluated = try Driver.run(["evaluate", "m", "new.svm", "--json"], in: folder)
      #expect(try #require(evaluated.events().first)["accuracy"] as? Double == 0.5)
      try Data("1 5:1\n".utf8).write(to: folder.appendingPathComponent("wide.svm"))
      let wide = try Driver.run(["predict", "m", "wide.svm"], in: folder)
      #expect(wide.status == 65 && wide.error.contains("wide.svm:1: expected indices up to 4, got 5"), "\(wide.error)")
      // What training left says how to read the file again.
      let again = try Driver.run(["evaluate", "m", "--json"], in: folder)
      #expect(try #require(again.events().first)["accuracy"] as? Double == 1, "\(again)")
    }
  }

  @Test("a label is learned in scale, and answers and figures are in its own unit")
  func labelScale() throws {
    try withFolder { folder in
      // A third of the rows are 900 more, and another 1800, which nothing tells: the best figure is 735.
      let rows = (0..<200).map {
        "\($0 % 20),\($0 % 7),\(100_000 + 1000 * (($0 % 20) * 2 + $0 % 7) + $0 % 3 * 900)"
      }
      try Data(("a,b,price\n" + rows.joined(separator: "\n")).utf8).write(to: folder.appendingPathComponent("t.csv"))
      func train(_ scale: String) throws -> Driver.Outcome {
        try Driver.run(
          [
            "train", "--quiet", "--output", scale, "data.format=csv", "data.file=t.csv", "data.label=price",
            "data.labelScale=\(scale)", "loss=mean_squared_error", "network.layers=[{ dense: 1 }]",
            "training.epochs=60", "optimizer.learningRate=0.05",
          ], in: folder)
      }
      for scale in ["standardize", "range", "robust"] {
        let trained = try train(scale)
        #expect(trained.status == 0, "\(trained.error)")
        try Data("b,a\n3,5\n".utf8).write(to: folder.appendingPathComponent("new.csv"))
        let lines = try Driver.run(["predict", scale, "new.csv"], in: folder).output.split(separator: "\n")
        #expect(abs((Double(lines.last ?? "") ?? 0) - 113_900) < 1000, "\(scale): \(lines)")
        let evaluated = try #require(try Driver.run(["evaluate", scale, "t.csv", "--json"], in: folder).events().first)
        let metrics = try #require(evaluated["metrics"] as? [String: Any])
        let rmse = try #require(metrics["rmse"] as? Double)
        // The values' deviation is some 11,700: a figure in scale would be below 1, one without the scale far above.
        #expect(rmse > 300 && rmse < 1500 && (metrics["r2"] as? Double ?? 0) > 0.97, "\(scale): \(metrics)")
      }
      let refused = try Driver.run(
        [
          "train", "data.format=csv", "data.file=t.csv", "data.label=price", "data.labelScale=range", "loss=poisson",
          "network.layers=[{ dense: 1, activation: softplus }]",
        ], in: folder)
      #expect(refused.status == 78 && refused.error.contains("data.labelScale cannot be range for the loss poisson"))
    }
  }

  @Test("a column says which rows are for the test and which watch, and is no feature")
  func divisions() throws {
    try withFolder { folder in
      let folds = ["train", "train", "train", "check", "exam"]
      let rows = (0..<100).map { "\($0 % 10),\(folds[$0 % 5]),\($0 % 10 < 5 ? "low" : "high")" }
      try Data(("x,fold,y\n" + rows.joined(separator: "\n")).utf8).write(to: folder.appendingPathComponent("t.csv"))
      let common = [
        "train", "--json", "data.format=csv", "data.file=t.csv", "data.label=y", "training.epochs=2",
        "network.layers=[{ dense: 2, activation: softmax }]",
      ]
      let trained = try Driver.run(
        common + [
          "--output", "m", "data.test={ column: fold, values: [exam] }",
          "data.validation={ column: fold, values: [check] }",
        ], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      for (part, count) in [("test", 20), ("validation", 20), ("training", 60)] {
        let event = try Driver.run(["evaluate", "m", "--part", part, "--json"], in: folder).events().first
        #expect(event?["samples"] as? Int == count, "\(part)")
      }
      // A new file may have the column or lack it.
      for text in ["x\n3\n", "x,fold\n3,exam\n"] {
        try Data(text.utf8).write(to: folder.appendingPathComponent("new.csv"))
        let predicted = try Driver.run(["predict", "m", "new.csv"], in: folder)
        #expect(predicted.status == 0 && predicted.output.split(separator: "\n").count == 2, "\(predicted.error)")
      }
      let unknown = try Driver.run(common + ["data.test={ column: fold, values: [quiz] }"], in: folder)
      #expect(unknown.status == 78 && unknown.error.contains("t.csv: no row has 'quiz' in column 'fold'"), "\(unknown)")
      let none = try Driver.run(common + ["data.test={ column: part, values: [exam] }"], in: folder)
      #expect(none.status == 78 && none.error.contains("there is no column 'part'"), "\(none)")
      let all = try Driver.run(common + ["data.test={ column: fold, values: [exam, check, train] }"], in: folder)
      #expect(all.status == 65 && all.error.contains("leaves no row to train on"), "\(all)")
      let empty = try Driver.run(common + ["data.test={ column: fold }"], in: folder)
      #expect(empty.status == 78 && empty.error.contains("data.test.values is missing"), "\(empty)")
    }
  }

  @Test("an inspection tells a table's columns and first rows")
  func inspectTable() throws {
    try withFolder { folder in
      let text = "id,name,\"two\nlines\"\n1,\"Ada, Countess\",\n2,Zoë,0.5\n3,Ada,-7\n"
      try Data(text.utf8).write(to: folder.appendingPathComponent("t.csv"))
      let report = try Driver.run(["inspect", "t.csv"], in: folder).output
      for phrase in [
        "3 rows of 3 columns, named in a header", "id", "1 … 3, mean 2", "3 different: Ada, Ada, Countess, Zoë",
        "-7 … 0.5000, mean -3.2500", "two␣lines",
      ] { #expect(report.contains(phrase), "\(phrase): \(report)") }
      let event = try #require(try Driver.run(["inspect", "t.csv", "--json"], in: folder).events().first)
      let columns = try #require(event["columns"] as? [[String: Any]])
      #expect(event["kind"] as? String == "table" && event["rows"] as? Int == 3)
      #expect(columns.map { $0["missing"] as? Int } == [0, 0, 1])
      #expect(columns[1]["categories"] as? [String] == ["Ada", "Ada, Countess", "Zoë"])
      try Data("1,2\n".utf8).write(to: folder.appendingPathComponent("plain.csv"))
      #expect(
        try Driver.run(["inspect", "plain.csv"], in: folder).output.contains("1 row of 2 columns, without a header"))
      try Data("a,b\n1,2,3\n".utf8).write(to: folder.appendingPathComponent("bad.csv"))
      let bad = try Driver.run(["inspect", "bad.csv"], in: folder)
      #expect(bad.status == 65 && bad.error.contains("bad.csv:2: expected 2 fields"))
    }
  }

  @Test("an inspection tells a sparse text and a NumPy array for what they are, plain or in gzip")
  func inspectOthers() throws {
    try withFolder { folder in
      let sparse = Data(Self.sparse(0..<10).utf8)
      try sparse.write(to: folder.appendingPathComponent("a"))
      try IDXFile.gzip(sparse, claimedByteCount: sparse.count).write(to: folder.appendingPathComponent("b"))
      for name in ["a", "b"] {
        let report = try Driver.run(["inspect", name], in: folder).output
        #expect(report.contains("LIBSVM") && report.contains("10 rows of 5 columns") && report.contains("label"))
        let event = try #require(try Driver.run(["inspect", name, "--json"], in: folder).events().first)
        #expect(event["kind"] as? String == "libsvm" && event["rows"] as? Int == 10)
      }
      var array = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
      let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }"
      array += Data((header + String(repeating: " ", count: 117 - header.utf8.count) + "\n").utf8)
      array += Data([1, 0, 2, 0, 3, 0, 0xff, 0xff, 5, 0, 6, 0])
      try array.write(to: folder.appendingPathComponent("x.npy"))
      let report = try Driver.run(["inspect", "x.npy"], in: folder).output
      #expect(report.contains("2 × 3") && report.contains("<i2"), "\(report)")
      #expect(report.contains("-1 … 6, mean 2.6667") && report.contains("1 2 3"), "\(report)")
      let event = try #require(try Driver.run(["inspect", "x.npy", "--json"], in: folder).events().first)
      let arrays = try #require(event["arrays"] as? [[String: Any]])
      #expect(event["kind"] as? String == "numpy" && arrays.count == 1 && arrays[0]["shape"] as? [Int] == [2, 3])
      try array.dropLast().write(to: folder.appendingPathComponent("cut.npy"))
      let cut = try Driver.run(["inspect", "cut.npy"], in: folder)
      #expect(cut.status == 65 && cut.error.contains("cut short"))
    }
  }

  @Test("an inspection tells a checkpoint's steps, optimizer and digests, and names damage")
  func inspectCheckpoint() throws {
    try withFolder { folder in
      let trained = try Driver.run(
        ["train", "--quiet", "--output", "m", "training.epochs=2", "checkpoint.folder=kept"], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      let checkpoints = folder.appendingPathComponent("kept")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).sorted().last)
      let report = try Driver.run(["inspect", "kept/\(name)"], in: folder).output
      #expect(
        report.contains("2 finished epochs") && report.contains("adam") && report.contains("digests"), "\(report)")
      let event = try #require(
        try Driver.run(["inspect", "kept/\(name)", "--json"], in: folder).events().first)
      #expect(event["kind"] as? String == "checkpoint" && event["epochs"] as? Int == 2)
      #expect(event["digests"] as? String == "ok")
      var bytes = try Data(contentsOf: checkpoints.appendingPathComponent(name))
      bytes[bytes.count - 200] ^= 4
      try bytes.write(to: folder.appendingPathComponent("damaged"))
      let damaged = try Driver.run(["inspect", "damaged"], in: folder)
      #expect(damaged.status == 65 && damaged.error.contains("damaged"), "\(damaged)")
    }
  }

  @Test(
    "a checkpoint whose beginning is damaged is told by its name or by what remains",
    arguments: [UInt8(0), UInt8(ascii: "x"), UInt8(ascii: "\n"), UInt8(ascii: "{"), 0x93, 0xff])
  func checkpointWithoutBeginning(filling: UInt8) throws {
    try withFolder { folder in
      let trained = try Driver.run(
        ["train", "--quiet", "training.epochs=1", "checkpoint.folder=kept", "data.format=xor", "data.samples=40"]
          + ["network.layers=[{ dense: 2, activation: softmax }]"], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      let checkpoints = folder.appendingPathComponent("kept")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).sorted().last)
      var bytes = try Data(contentsOf: checkpoints.appendingPathComponent(name))
      bytes.replaceSubrange(0..<256, with: Data(repeating: filling, count: 256))
      func expectDamage(_ path: String, _ bytes: Data) throws {
        try bytes.write(to: folder.appendingPathComponent(path))
        let outcome = try Driver.run(["inspect", path], in: folder)
        #expect(outcome.status == 65 && outcome.output.isEmpty, "\(path): \(outcome)")
        #expect(
          outcome.error.contains("the checkpoint is damaged") || outcome.error.contains("cut short"), "\(outcome)")
      }
      try expectDamage("kept/\(name)", bytes)
      // Cut short as well, so that only the name tells.
      try expectDamage("kept/\(name)", bytes.prefix(300))
      // Under another name, what remains of the header tells.
      try expectDamage("other.bin", bytes)
      // The control: neither name nor header.
      try bytes.prefix(300).write(to: folder.appendingPathComponent("third.bin"))
      let stranger = try Driver.run(["inspect", "third.bin"], in: folder)
      #expect(stranger.status == 65 && !stranger.error.contains("checkpoint"), "\(stranger)")
    }
  }
}
