import Fascicle
import Foundation
import Testing
import TrainingData

@Suite("Models and data for other programs")
struct ExchangeCommandTests {
  private static let run = [
    "train", "--quiet", "data.format=moons", "data.samples=60", "training.epochs=1", "--output", "m",
    "network.layers=[{ dense: 4, activation: prelu }, { dense: 2, activation: softmax }]",
  ]
  private static let configuration = """
    network: { layers: [{ dense: 4, activation: prelu }, { dense: 2, activation: softmax }] }
    """

  @Test("weights go out and come in again with the same digest, through any format")
  func roundTrip() throws {
    try withFolder { folder in
      #expect(try Driver.run(Self.run, in: folder).status == 0)
      try Data(Self.configuration.utf8).write(to: folder.appendingPathComponent("c.yaml"))
      let digest = try #require(
        Driver.run(["export", "m", "--output", "w.npz", "--json"], in: folder).events().first?["weights_sha256"]
          as? String)
      #expect(try Driver.run(["export", "m", "--to", "safetensors"], in: folder).status == 0)
      for arguments in [["convert", "w.npz", "v.safetensors"], ["convert", "v.safetensors", "u.npz", "--compress"]] {
        let converted = try Driver.run(arguments, in: folder)
        #expect(converted.status == 0 && converted.output.contains("layers.0.slopes [4] <f4"), "\(converted)")
      }
      for file in ["w.npz", "m/weights.safetensors", "v.safetensors", "u.npz"] {
        let imported = try Driver.run(["import", file, "--config", "c.yaml", "--output", "n", "--json"], in: folder)
        #expect(imported.status == 0, "\(imported.error)")
        #expect(try imported.events().first?["weights_sha256"] as? String == digest, "\(file)")
      }
      let told = try Driver.run(["import", "w.npz", "--config", "c.yaml", "--output", "n"], in: folder)
      #expect(told.output.contains("layers.1.weight ← layers.1.weight [2, 4]"))
    }
  }

  @Test("values of arrays are learned in scale, and answers and figures are in their own unit")
  func targetScales() throws {
    try withFolder { folder in
      func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
      func write(_ name: String, _ width: Int, _ values: [Float]) throws {
        let array = NumberArray(shape: [values.count / width, width], elements: .float32(values))
        try NumPyFile.write(array, to: path(name))
      }
      let x = (0..<300).map { Float($0 * 37 % 23) / 10 - 1 }
      try write("x.npy", 1, x)
      try write("y.npy", 2, x.flatMap { [50_000 + 900 * $0, 7 - 0.01 * $0] })
      let settings = [
        "data.format=npy", "data.features=x.npy", "data.labels=y.npy", "loss=mean_squared_error",
        "network.layers=[{ dense: 2 }]", "training.epochs=30", "optimizer.learningRate=0.05",
      ]
      let trained = try Driver.run(
        ["train", "--quiet", "--output", "m", "data.labelScale=standardize"] + settings, in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      try write("one.npy", 1, [0.5])
      let lines = try Driver.run(["predict", "m", "one.npy"], in: folder).output.split(separator: "\n")
      let answers = (lines.last ?? "").split(separator: ",").compactMap { Double($0) }
      #expect(answers.count == 2 && abs(answers[0] - 50_450) < 1 && abs(answers[1] - 6.995) < 1e-4, "\(lines)")
      for data in [["x.npy,y.npy"], []] {
        let evaluated = try #require(try Driver.run(["evaluate", "m"] + data + ["--json"], in: folder).events().first)
        let metrics = try #require(evaluated["metrics"] as? [String: Any])
        #expect((metrics["rmse"] as? Double ?? 9) < 1 && (metrics["r2"] as? Double ?? 0) > 0.999, "\(metrics)")
        #expect(evaluated["loss"] as? Double ?? 1 < 1e-3)
      }
      let report = try Driver.run(["inspect", "m"], in: folder).output
      #expect(report.contains("targets     2, each learned in a scale of its own"), "\(report)")
      let exported = try Driver.run(["export", "m", "--to", "npz"], in: folder).output
      #expect(exported.contains("left out    the scaling of features and the scaling of targets"), "\(exported)")
      let classes = try Driver.run(["train", "data.format=moons", "data.labelScale=range"])
      #expect(classes.status == 78 && classes.error.contains("data.labelScale does not belong to the format moons"))
    }
  }

  @Test("features of an imported model are scaled as an archive or the command says")
  func scaling() throws {
    try withFolder { folder in
      try Data("network: { layers: [{ dense: 1 }] }\nloss: mean_squared_error\n".utf8).write(
        to: folder.appendingPathComponent("c.yaml"))
      func array(_ values: [Float], _ shape: [Int]) -> NumberArray {
        NumberArray(shape: shape, elements: .float32(values))
      }
      func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
      let weights: [NumPyFile.Named] = [("coefs_0", array([1, 10], [2, 1])), ("intercepts_0", array([0.5], [1]))]
      let scaler: [NumPyFile.Named] = [("scaler.mean_", array([3, 4], [2])), ("scaler.scale_", array([2, 8], [2]))]
      try NumPyFile.writeArchive(weights, to: path("w.npz"), isCompressed: false)
      try NumPyFile.writeArchive(weights + scaler, to: path("s.npz"), isCompressed: false)
      for (name, array) in scaler { try NumPyFile.write(array, to: path("\(name).npy")) }
      // (5 − 3) / 2 + 10 · (12 − 4) / 8 + 0.5
      try NumPyFile.write(array([5, 12], [1, 2]), to: path("x.npy"))
      func answer(_ arguments: [String], told phrase: String) throws -> String {
        let outcome = try Driver.run(["import"] + arguments + ["--config", "c.yaml", "--output", "m"], in: folder)
        #expect(outcome.status == 0 && outcome.output.contains(phrase), "\(outcome)")
        return try Driver.run(["predict", "m", "x.npy"], in: folder).output
      }
      let scaled = try answer(["s.npz"], told: "scaled by scaler.mean_ [2] and scaler.scale_ [2]")
      #expect(scaled.contains("11.5"), "\(scaled)")
      let pair = "scaler.mean_.npy,scaler.scale_.npy"
      #expect(try answer(["w.npz", "--scale", pair], told: "scaled by \(pair)") == scaled)
      #expect(try answer(["w.npz", "--scale", "s.npz:scaler.mean_,s.npz:scaler.scale_"], told: "scaled by") == scaled)
      #expect(try answer(["w.npz", "--scale", "0,0.5"], told: "scaled by 0,0.5").contains("250.5"))
      #expect(try answer(["w.npz"], told: "taken as they are").contains("125.5"))
      let add = ["--config", "c.yaml", "--output", "n"]
      try Driver.expectRefusal(["import", "s.npz", "--scale", pair] + add, 65, "has a scaler of its own", in: folder)
      try Driver.expectRefusal(
        ["import", "w.npz", "--scale", "1"] + add, 64, "--scale must be MEAN,DEVIATION", in: folder)
      try Driver.expectRefusal(["import", "w.npz", "--scale", "no.npy,1"] + add, 66, "no.npy", in: folder)
      try Driver.expectRefusal(
        ["import", "w.npz", "--scale", "s.npz:coefs_0,c.yaml"] + add, 65, "c.yaml", in: folder)
      try NumPyFile.write(array([1, 2, 3], [3]), to: path("three.npy"))
      try Driver.expectRefusal(
        ["import", "w.npz", "--scale", "three.npy,1"] + add, 65, "expected a mean for each of 2 features", in: folder)
    }
  }

  @Test("ONNX files are written where the model lies or where they are wanted")
  func onnx() throws {
    try withFolder { folder in
      #expect(try Driver.run(Self.run, in: folder).status == 0)
      let told = try Driver.run(["export", "m", "--to", "onnx"], in: folder)
      #expect(
        told.status == 0 && told.output.contains("ONNX opset 17") && told.output.contains("m/model.onnx"), "\(told)")
      #expect(try Driver.run(["export", "m", "--output", "a.onnx"], in: folder).status == 0)
      let first = try Data(contentsOf: folder.appendingPathComponent("a.onnx"))
      #expect(try first == Data(contentsOf: folder.appendingPathComponent("m/model.onnx")) && first.count > 200)
    }
  }

  @Test("data become arrays: a table's numbers and positions, and a pair of files")
  func data() throws {
    try withFolder { folder in
      let table = "a,b,y\n1.5,x,no\n,z,yes\n-2,x,no\n"
      try Data(table.utf8).write(to: folder.appendingPathComponent("t.csv"))
      let outcome = try Driver.run(["convert", "t.csv", "t.npz", "--label", "y"], in: folder)
      #expect(outcome.status == 0 && outcome.error.contains("b: 0 = x, 1 = z"), "\(outcome)")
      let archive = try NPZArchive(path: folder.appendingPathComponent("t.npz").path)
      let features = try archive.array("features"), labels = try archive.array("labels")
      #expect(features.shape == [3, 2] && features.floats.filter { !$0.isNaN } == [1.5, 0, 1, -2, 0])
      #expect(labels.storedType == "<i4" && labels.floats == [0, 1, 0])
      #expect(try Driver.run(["convert", "t.npz:labels", "y.npy"], in: folder).status == 0)
      #expect(try Driver.run(["convert", "t.npz:features", "x.npy"], in: folder).status == 0)
      #expect(try Driver.run(["convert", "x.npy,y.npy", "again.npz"], in: folder).status == 0)
      let again = try NPZArchive(path: folder.appendingPathComponent("again.npz").path)
      #expect(again.names == ["features", "labels"])
      #expect(try again.array("features").floats.map(\.bitPattern) == features.floats.map(\.bitPattern))
      #expect(try again.array("labels").storedType == "<i4")
    }
  }

  @Test("mistakes and hostile files end with a status of their kind and a sentence")
  func mistakes() throws {
    try withFolder { folder in
      #expect(try Driver.run(Self.run, in: folder).status == 0)
      try Data(Self.configuration.utf8).write(to: folder.appendingPathComponent("c.yaml"))
      try Driver.expectRefusal(["export", "m"], 64, "expected --to onnx, npz or safetensors", in: folder)
      try Driver.expectRefusal(
        ["export", "m", "--output", "a.pt"], 64, "'a.pt' does not end in one of these", in: folder)
      try Driver.expectRefusal(["export", "m", "--to", "pickle"], 64, "pickle", in: folder)
      try Driver.expectRefusal(["export", "no", "--to", "onnx"], 66, "no such model folder", in: folder)
      try Driver.expectRefusal(
        ["export", "m", "--to", "onnx", "--output", "no/a.onnx"], 74, "No such file or directory", in: folder)
      let add = ["--config", "c.yaml", "--output", "n"]
      try Driver.expectRefusal(["import", "no.npz"] + add, 66, "no.npz: no such file", in: folder)
      try Driver.expectRefusal(
        ["import", "m/model.safetensors"] + add + ["--map", "layers.0"], 64, "--map must be LAYER=NAME", in: folder)
      try Driver.expectRefusal(
        ["import", "m/model.safetensors"] + add + ["--map", "layers.9=a"], 65, "no layer layers.9", in: folder)
      try Driver.expectRefusal(["import", "c.yaml"] + add, 65, "c.yaml", in: folder)
      try Data("PK\u{3}\u{4} and so on, for more than a few bytes".utf8).write(
        to: folder.appendingPathComponent("b.npz"))
      try Driver.expectRefusal(
        ["import", "b.npz"] + add, 65, "the archive's directory, which stands at its end, is missing", in: folder)
      try Driver.expectRefusal(["convert", "b.npz", "a.safetensors"], 65, "the archive's directory", in: folder)
      try Driver.expectRefusal(["convert", "m", "a.npz"], 65, "'fascicle export m' writes it for others", in: folder)
      try Driver.expectRefusal(
        ["convert", "m/model.safetensors", "a.bin"], 64, "OUTPUT must end in .npy, .npz or .safetensors", in: folder)
      try Driver.expectRefusal(
        ["convert", "m/model.safetensors", "a.npy"], 64, "an .npy file holds one array", in: folder)
      try Driver.expectRefusal(
        ["convert", "m/model.safetensors", "a.npy", "--compress"], 64, "--compress is for .npz", in: folder)
      try Data("a,y\n1,2\n3,4\n".utf8).write(to: folder.appendingPathComponent("t.csv"))
      try Driver.expectRefusal(["convert", "t.csv", "t.npz", "--label", "z"], 78, "there is no column 'z'", in: folder)
      try Data(
        "network: { layers: [{ dense: 3, activation: prelu }, { dense: 2, activation: softmax }] }".utf8
      ).write(to: folder.appendingPathComponent("c.yaml"))
      try Driver.expectRefusal(
        ["import", "m/model.safetensors"] + add, 65, "expected layers.0.weight of shape [3, 2], got [4, 2]", in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("n").path))
    }
  }
}
