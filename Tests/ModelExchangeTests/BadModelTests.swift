import Fascicle
import Foundation
import Testing

@Suite("A model that cannot be one")
struct BadModelTests {
  /// A change to a sound model's file, and what is said of it.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let file: String
    let code: ModelExchangeError.Code
    let phrase: String
    let change: @Sendable ([UInt8]) -> [UInt8]

    init(
      _ description: String, _ file: String, code: ModelExchangeError.Code = .damaged, _ phrase: String,
      _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
      testDescription = description
      self.file = file
      self.code = code
      self.phrase = phrase
      self.change = change
    }

    /// A piece of the description's text replaced by another.
    static func json(_ description: String, _ old: String, _ new: String, _ phrase: String) -> Damage {
      Damage(description, "model.json", phrase) { replace($0, old, new) }
    }

    /// A piece of the weights' header replaced by another, its length set right.
    static func header(_ description: String, _ old: String, _ new: String, _ phrase: String) -> Damage {
      Damage(description, "model.safetensors", phrase) { bytes in
        let end = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = replace(Array(bytes[8..<end]), old, new)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + bytes[end...]
      }
    }

    private static func replace(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
      let text = String(decoding: bytes, as: UTF8.self)
      precondition(text.contains(old), "\(old) is not in \(text)")
      return Array(text.replacingOccurrences(of: old, with: new).utf8)
    }
  }

  static let damages: [Damage] = [
    Damage("weights cut short", "model.safetensors", "the file is cut short") { $0.dropLast() },
    Damage("weights with a tail", "model.safetensors", "follow the header") { $0 + [0] },
    Damage("weights cut in the header", "model.safetensors", "the file is cut short") { Array($0.prefix(40)) },
    Damage("weights of seven bytes", "model.safetensors", "has 8 bytes at least, but this one has 7") {
      Array($0.prefix(7))
    },
    Damage("no weights at all", "model.safetensors", "but this one has 0") { _ in [] },
    Damage("a header beyond all limits", "model.safetensors", "beyond the limit") {
      [UInt8](repeating: 0xff, count: 8) + $0.dropFirst(8)
    },
    Damage("a bit of a weight flipped", "model.safetensors", code: .mismatch, "sha256") { bytes in
      var bytes = bytes
      bytes[bytes.count - 3] ^= 4
      return bytes
    },
    Damage("a header that is no JSON", "model.safetensors", "at byte 0 of its JSON text") { bytes in
      var bytes = bytes
      bytes[8] = 0x28
      return bytes
    },
    .header("an unknown type", "\"F32\"", "\"F33\"", "layers.0.weight.dtype must be one of"),
    .header("a negative dimension", "[17, 3]", "[-17, 3]", "shape.0 must be a whole number from 0"),
    .header("a dimension with a fraction", "[17, 3]", "[17.0, 3]", "shape.0 must be a whole number"),
    .header("dimensions beyond counting", "[17, 3]", "[4294967296, 4294967296]", "more elements than can be counted"),
    .header("a shape of another size", "[17, 3]", "[17, 4]", "takes 272 bytes, but its data_offsets hold 204"),
    .header("a shape turned round", "[17, 3]", "[3, 17]", "layers.0.weight must have the shape [17, 3]"),
    .header("tensors that overlap", "[204, 272]", "[200, 268]", "overlaps the tensor before it"),
    .header("a gap between tensors", "[204, 272]", "[208, 276]", "leaves a gap before it"),
    .header(
      "an end before its beginning", "[204, 272]", "[272, 204]", "data_offsets.1 must be a whole number from 272"),
    .header("a tensor given twice", "layers.0.bias", "layers.0.weight", "the key 'layers.0.weight' is given twice"),
    .header("a tensor of no layer", "layers.0.bias", "layers.9.bias", "layers.9.bias belongs to no layer"),
    .header("metadata that are no texts", "\"fascicle.model\"", "1", "__metadata__.format must be a text"),
    .json("no description", "{", "[", "of its JSON text"),
    .json("another format", "fascicle.model", "onnx", "format must be 'fascicle.model', but is 'onnx'"),
    .json("an unknown activation", "\"softmax\"", "\"sofmax\"", "network.layers.2.activation must be one of"),
    .json("an unknown activation like another", "\"softmax\"", "\"sofmax\"", "did you mean 'softmax'?"),
    .json("a layer of none", "\"dense\": 4", "\"dense\": 0", "network.layers.1.dense must be a whole number from 1"),
    .json("a wider layer", "\"dense\": 4", "\"dense\": 5", "layers.1.weight must have the shape [5, 17]"),
    .json("a loss that does not fit", "\"softmax\"", "\"relu\"", "needs probabilities"),
    .json("a missing digest", "weights_sha256", "sha", "weights_sha256 is missing"),
    .json(
      "a scaling with too few numbers", "\"scale\": [", "\"scale\": [1, ", "must have a number for each of 3 features"),
    .json(
      "a scaling that is no number", "\"scale\": [", "\"scale\": [1e99, ", "features.scale.0 must be a finite number"),
    .json("a key given twice", "\"loss\"", "\"version\"", "the key 'version' is given twice"),
    Damage(
      "a layer of an unknown kind", "model.json", code: .unsupported,
      "model.json: network.layers.1 is a layer of an unknown kind, for it has the keys 'dens', 'activatio', 'slope', 'bias', but "
        + "none of dense, activation, dropout, alpha_dropout, gaussian_noise, norm, residual or embedding; did you mean 'dense'?"
    ) {
      Array(
        String(decoding: $0, as: UTF8.self).replacingOccurrences(
          of: "{\"dense\": 4, \"activation\"", with: "{\"dens\": 4, \"activatio\""
        ).utf8)
    },
    Damage("a newer version", "model.json", code: .unsupported, "has version 2, but this program reads up to 1") {
      Array(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "\"version\": 1", with: "\"version\": 2").utf8)
    },
    Damage("another model's digest", "model.json", code: .mismatch, "speaks of") {
      Array(String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "sha256\": \"", with: "sha256\": \"0").utf8)
    },
  ]

  @Test("is refused with a sentence that names the file", arguments: damages)
  func damaged(damage: Damage) throws {
    try withFolder { folder in
      try SmallModel.model().write(folder: folder)
      let path = "\(folder)/\(damage.file)"
      try File.write(damage.change(try File.read(path)), to: path)
      let error = try #require(#expect(throws: ModelExchangeError.self) { try TrainedModel(folder: folder) })
      #expect(error.code == damage.code, "\(error)")
      #expect(error.description.contains(damage.phrase), "\(error)")
      #expect(error.message.contains(folder), "\(error)")
    }
  }

  @Test("is refused however it is cut short, and never read beyond its end")
  func everyCut() throws {
    try withFolder { folder in
      try SmallModel.model().write(folder: folder)
      for name in ["model.json", "model.safetensors"] {
        let path = "\(folder)/\(name)", bytes = try File.read(path)
        for count in stride(from: 0, to: bytes.count - 1, by: 7) {
          try File.write(bytes.prefix(count), to: path)
          #expect(throws: ModelExchangeError.self, "\(name), \(count) bytes") { try TrainedModel(folder: folder) }
        }
        try File.write(bytes, to: path)
      }
      _ = try TrainedModel(folder: folder)
    }
  }

  @Test("is refused or read as it stands whatever byte is changed")
  func everyByte() throws {
    try withFolder { folder in
      let model = try SmallModel.model()
      try model.write(folder: folder)
      for name in ["model.json", "model.safetensors"] {
        let path = "\(folder)/\(name)", bytes = try File.read(path)
        for position in stride(from: 0, to: bytes.count, by: 3) {
          var changed = bytes
          changed[position] ^= UInt8(1 << (position % 8))
          try File.write(changed, to: path)
          // Some bytes are blanks, or of what describes the run and not the model.
          if let read = try? TrainedModel(folder: folder) { #expect(read.weightsSHA256() == model.weightsSHA256()) }
        }
        try File.write(bytes, to: path)
      }
    }
  }

  @Test("is missing where there is no folder, or a file of it is gone")
  func missing() throws {
    try withFolder { folder in
      func refusal(_ path: String) throws -> ModelExchangeError {
        try #require(#expect(throws: ModelExchangeError.self) { try TrainedModel(folder: path) })
      }
      #expect(try refusal("\(folder)/none").message == "\(folder)/none: no such model folder")
      #expect(try refusal(folder).code == .missing)
      #expect(try refusal(folder).message == "\(folder)/model.json: no such file")
      try SmallModel.model().write(folder: folder)
      try FileManager.default.removeItem(atPath: "\(folder)/model.safetensors")
      #expect(try refusal(folder).message == "\(folder)/model.safetensors: no such file")
    }
  }
}
