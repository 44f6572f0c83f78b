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
