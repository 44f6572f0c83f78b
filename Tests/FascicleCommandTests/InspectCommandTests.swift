import Foundation
import Testing

@Suite("What files hold, on the command line")
struct InspectCommandTests {
  /// Runs `fascicle inspect` on a file of these bytes.
  private func inspect(_ data: Data, name: String = "file", _ options: [String] = []) throws -> Driver.Outcome {
    try withFolder { folder in
      try data.write(to: folder.appendingPathComponent(name))
      return try Driver.run(["inspect", name] + options, in: folder)
    }
  }

  @Test("images are told by their shape and values, labels by their counts, plain or in gzip")
  func idx() throws {
    let images = IDXFile.images(5)
    for data in [images, IDXFile.gzip(images, claimedByteCount: images.count)] {
      let text = try inspect(data).output
      #expect(text.contains("5 × 4 × 4 of uint8") && text.contains("0 37 74 111 148 185 222 3 40 77 …"), "\(text)")
    }
    let text = try inspect(IDXFile.labels(7)).output
    #expect(text.contains("7 of uint8") && text.contains("0: 3, 1: 2, 2: 2") && text.contains("0 … 2, mean 0.8571"))
    let event = try #require(try inspect(IDXFile.labels(7), ["--json"]).events().first)
    #expect(event["kind"] as? String == "idx" && event["dimensions"] as? [Int] == [7])
    #expect((event["statistics"] as? [String: Any])?["largest"] as? Double == 2)
  }

  @Test("a file's size and SHA-256 are told, whatever it is")
  func digests() throws {
    let table = Data("a,b\n1,2\n".utf8), sum = "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470"
    #expect(try inspect(table, name: "t.csv").output.hasPrefix("t.csv\n  8 bytes, sha256 \(sum)\n\n"))
    let event = try #require(try inspect(table, ["--json"]).events().first)
    #expect(event["bytes"] as? Int == 8 && event["sha256"] as? String == sum)
  }

  @Test("a run's folder is told in all its parts, and weights that were changed are found")
  func run() throws {
    try withFolder { folder in
      let trained = try Driver.run(
        ["train", "--quiet", "--output", "r", "training.epochs=2", "checkpoint.keepBest=true"], in: folder)
      #expect(trained.status == 0, "\(trained.error)")
      func inspect(_ path: String, _ options: [String] = []) throws -> Driver.Outcome {
        try Driver.run(["inspect", path] + options, in: folder)
      }
      #expect(try inspect("r/model.json").output.contains("dense 64 relu"))
      let log = try inspect("r/metrics.jsonl").output
      #expect(log.contains("2 epoch") && log.contains("1 begun, 1 ended") && log.contains("damage      none"), "\(log)")
      let states = try inspect("r/checkpoints").output
      #expect(states.contains("all right") && states.contains("'--resume auto' goes on from checkpoint-"), "\(states)")
      let newest = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("r/checkpoints").path)
          .filter { $0.hasPrefix("checkpoint-") }.max())
      try damage(folder.appendingPathComponent("r/checkpoints/\(newest)"))
      #expect(try inspect("r/checkpoints").output.contains("damaged: "))
      _ = try Driver.run(["export", "r", "--to", "onnx", "--output", "m.onnx"], in: folder)
      let graph = try inspect("m.onnx").output
      #expect(graph.contains("features: float") && graph.contains("Softmax") && graph.contains("loss:"), "\(graph)")
      let event = try #require(try inspect("m.onnx", ["--json"]).events().first)
      #expect(event["kind"] as? String == "onnx" && (event["inputs"] as? [Any])?.count == 1)
      try damage(folder.appendingPathComponent("m.onnx"), at: 2)
      #expect(try inspect("m.onnx").status == 65)
      try damage(folder.appendingPathComponent("r/model.safetensors"))
      try Driver.expectRefusal(
        ["inspect", "r/model.safetensors"], 65,
        ["r/model.safetensors: the weights have the SHA-256 ", "but those that were written had "], in: folder)
      try Data("{\"event\":\"epoch\"}\n{\"ev".utf8).write(to: folder.appendingPathComponent("cut.jsonl"))
      #expect(try inspect("cut.jsonl").output.contains("line 2 was cut off"))
    }
  }

  /// Flips a bit of a file, near its end unless a place is named.
  private func damage(_ file: URL, at place: Int? = nil) throws {
    var bytes = try Data(contentsOf: file)
    let place = place ?? bytes.count - 40
    bytes[place] ^= place == 2 ? 0xff : 1
    try bytes.write(to: file)
  }

  /// A safetensors file with tensors of one element type each.
  private func safetensors(_ tensors: [(type: String, bytes: [UInt8])], _ size: [String: Int]) -> Data {
    var end = 0
    let members = tensors.map { tensor in
      let start = end
      end += tensor.bytes.count
      return "\"\(tensor.type)\":{\"dtype\":\"\(tensor.type)\",\"shape\":[\(tensor.bytes.count / size[tensor.type]!)],"
        + "\"data_offsets\":[\(start),\(end)]}"
    }
    let header = "{\"__metadata__\":{\"by\":\"hand\"}," + members.joined(separator: ",") + "}"
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
    return Data(length + header.utf8 + tensors.flatMap(\.bytes))
  }

  @Test("tensors of every width are told by their values")
  func tensors() throws {
    func bytes(_ words: [some FixedWidthInteger]) -> [UInt8] {
      words.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    }
    let data = safetensors(
      [
        ("F32", bytes([Float(-1.5).bitPattern, Float(2.5).bitPattern, Float.nan.bitPattern])),
        ("F64", bytes([(0.25).bitPattern, (-8.0).bitPattern])),
        // 1, the largest half, the smallest, −infinity.
        ("F16", bytes([0x3c00, 0x7bff, 0x0001, 0xfc00] as [UInt16])),
        ("BF16", bytes([0xbf80, 0x4000] as [UInt16])), ("I64", bytes([7 as Int64])),
      ], ["F32": 4, "F64": 8, "F16": 2, "BF16": 2, "I64": 8])
    let event = try #require(try inspect(data, ["--json"]).events().first)
    #expect(event["kind"] as? String == "safetensors")
    #expect((event["metadata"] as? [String: String]) == ["by": "hand"])
    let tensors = try #require(event["tensors"] as? [[String: Any]])
    func statistics(_ type: String) throws -> [String: Any]? {
      try #require(tensors.first { $0["name"] as? String == type })["statistics"] as? [String: Any]
    }
    func extremes(_ type: String) throws -> [Double] {
      let found = try #require(try statistics(type))
      return [found["smallest"] as? Double ?? .nan, found["largest"] as? Double ?? .nan]
    }
    #expect(try extremes("F32") == [-1.5, 2.5])
    #expect(try statistics("F32")?["not_finite"] as? Int == 1)
    #expect(try extremes("F64") == [-8, 0.25])
    #expect(try extremes("F16") == [0x1p-24, 65504])
    #expect(try statistics("F16")?["not_finite"] as? Int == 1)
    #expect(try extremes("BF16") == [-1, 2])
    #expect(try statistics("I64") == nil)
    #expect(try inspect(data).output.contains("metadata\nby: hand"))
  }

  @Test("damage and strangers end with a sentence")
  func damage() throws {
    let cut = try inspect(IDXFile.images(5).dropLast(3))
    #expect(cut.status == 65 && cut.error.contains("the file is cut short"))
    let more = try inspect(IDXFile.images(5) + Data([1]))
    #expect(more.status == 65 && more.error.contains("got more"))
    let stranger = try inspect(Data("hello, world".utf8))
    #expect(stranger.status == 65 && stranger.error.contains("not a file of a known kind"))
    #expect(try inspect(Data()).error.contains("the file is empty"))
    let configuration = try inspect(Data("data:\n  format: digits\n".utf8), name: "run.yaml")
    #expect(configuration.error.contains("'fascicle validate run.yaml'"))
    let missing = try Driver.run(["inspect", "nowhere"])
    #expect(missing.status == 66 && missing.error.contains("nowhere: no such file"))
  }
}
