/// Writes singles as a safetensors file: the header's length, the header, and the tensors without a gap.
struct SafetensorsWriter {
  /// A tensor's name and shape; its values come later, in the same order.
  struct Tensor {
    let name: String
    let shape: [Int]

    var byteCount: Int { shape.reduce(4, *) }
  }

  private let file: ReplacementFile

  /// Writes the header, padded with blanks so that the data begin on a 64-byte line.
  init(_ tensors: [Tensor], metadata: [(key: String, value: String)], to file: ReplacementFile)
    throws(ModelExchangeError)
  {
    self.file = file
    var end = 0
    var members = [JSONNode.Member("__metadata__", .object(metadata.map { JSONNode.Member($0.key, .text($0.value)) }))]
    for tensor in tensors {
      let start = end
      end += tensor.byteCount
      members.append(
        JSONNode.Member(
          tensor.name,
          .object([
            JSONNode.Member("dtype", .text("F32")),
            JSONNode.Member("shape", .list(tensor.shape.map(JSONNode.whole))),
            JSONNode.Member("data_offsets", .list([.whole(start), .whole(end)])),
          ])))
    }
    var header = JSONNode.object(members).line
    header += String(repeating: " ", count: (64 - (8 + header.utf8.count) % 64) % 64)
    var length = UInt64(header.utf8.count).littleEndian
    let written = withUnsafeBytes(of: &length) { bytes in
      Result { () throws(ModelExchangeError) in try file.write(bytes) }
    }
    try written.get()
    try file.write(header)
  }

  /// Writes the next tensor's values.
  func write(_ values: [Float]) throws(ModelExchangeError) { try file.write(values) }
}
