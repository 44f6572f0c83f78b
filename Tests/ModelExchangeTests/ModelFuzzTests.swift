import Fascicle
import FuzzInstruments
import Testing

/// Damaged models, weights and checkpoints never crash a reader, keep it long or take its memory.
@Suite("Damaged models of all kinds")
struct ModelFuzzTests {
  private static let numbers = [
    "-1", "0", "1e999", "18446744073709551616", "9007199254740993", "4294967296", "NaN", "0.5",
  ]
  private static let marks = [
    "{", "}", "[", "]", ":", ",", "\"", "\\u0000", "\\ud800", "null", "true", " ", "\n", "\0",
  ]

  @Test("safetensors")
  func safetensors() throws {
    try withFolder { folder in
      try SmallModel.model().write(folder: folder)
      let weights = try File.read("\(folder)/model.safetensors"), path = "\(folder)/a.safetensors"
      let header = "{\"a\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[0,4]}}"
      let small = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + Array(header.utf8) + [0, 60, 0, 192]
      var fuzzer = Fuzzer(
        seeds: [weights, small],
        pieces: Self.numbers + Self.marks + ["\"data_offsets\":[0,4]", "\"dtype\":\"F64\"", "\"shape\":[]", "\"BF16\""])
      let outcome = try fuzzer.run { bytes in
        try File.write(bytes, to: path)
        guard let contents = try? SafetensorsContents(path: path) else { return false }
        _ = contents.tensors.map(\.shape)
        return true
      }
      outcome.expectBounds("safetensors")
    }
  }

  @Test(
    "model.json beside sound weights, and weights beside a sound model.json",
    arguments: ["model.json", "model.safetensors"])
  func folder(name: String) throws {
    try withFolder { folder in
      try SmallModel.model().write(folder: folder)
      let sound = try File.read("\(folder)/\(name)")
      let keys = [
        "\"layers\"", "\"dense\"", "\"inputs\"", "\"activation\":\"relu\"", "\"preprocessing\"", "\"sha256\"",
      ]
      var fuzzer = Fuzzer(seeds: [sound], pieces: Self.numbers + Self.marks + keys, byteLimit: 16_384)
      let outcome = try fuzzer.run(inputs: 2000) { bytes in
        try File.write(bytes, to: "\(folder)/\(name)")
        return (try? TrainedModel(folder: folder)) != nil
      }
      outcome.expectBounds(name)
    }
  }

  @Test("JSON of any kind")
  func json() throws {
    let seeds = ["{\"a\": [1, -2.5e3, \"\\u00e4\\n\", null, true], \"b\": {}}", "[[[[]]]]", "\"\\ud83d\\ude00\"", "-0"]
    var fuzzer = Fuzzer(
      seeds: seeds.map { Array($0.utf8) }, pieces: Self.numbers + Self.marks + ["[[[[[[[[", "\u{feff}"])
    fuzzer.run { (try? JSONParser.parse($0)) != nil }.expectBounds("JSON")
  }

  @Test("checkpoints: a damaged one is never taken for a sound one")
  func checkpoints() throws {
    let disk = SimulatedDisk(), folder = CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk)
    try folder.begin()
    let path = "\(SimulatedDisk.folder)/\(try folder.keep(SmallState.tiny, isBest: false))"
    let sound = try #require(disk[path])
    var fuzzer = Fuzzer(seeds: [sound], pieces: Self.numbers + Self.marks, byteLimit: 2 * sound.count)
    let outcome = fuzzer.run(inputs: 1000) { bytes in
      disk[path] = bytes
      let reader = CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk)
      guard (try? reader.newest()) != nil else { return false }
      #expect(bytes == sound)
      return true
    }
    outcome.expectBounds("checkpoint")
  }
}
