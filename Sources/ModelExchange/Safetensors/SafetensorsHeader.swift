/// What a safetensors file says of itself, checked against its size: every byte of the data belongs to one tensor.
///
/// Source: the format's description in https://github.com/huggingface/safetensors, README, and the order of checks of its
/// `safetensors/src/tensor.rs`; besides, equal keys are refused here.
package struct SafetensorsHeader {
  /// A tensor's place and form.
  package struct Tensor: Sendable, Hashable {
    package let name: String
    package let elementType: String
    package let shape: [Int]
    /// Its bytes, counted from the first of the data.
    package let bytes: Range<Int>
  }

  /// The tensors in the order of their bytes.
  package let tensors: [Tensor]
  /// What the file's author says of it, in the order of the file.
  package let metadata: [(key: String, value: String)]

  /// Bits of an element, by the format's names.
  private static let elementBits = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32,
    "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
  ]

  /// - Parameter dataByteCount: bytes of the file after the header.
  init(_ json: JSONPlace, dataByteCount: Int) throws(ModelExchangeError) {
    guard case .object(let members) = json.node else { throw json.wrong("an object") }
    var tensors: [Tensor] = [], metadata: [(key: String, value: String)] = []
    for member in members {
      let place = JSONPlace(member.value, file: json.file, path: member.key)
      if member.key == "__metadata__" {
        metadata = try Self.metadata(place)
      } else {
        tensors.append(try Self.tensor(place))
      }
    }
    tensors.sort { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
    try Self.requireNoGaps(tensors, dataByteCount: dataByteCount, file: json.file)
    self.tensors = tensors
    self.metadata = metadata
  }

  private static func metadata(_ place: JSONPlace) throws(ModelExchangeError) -> [(key: String, value: String)] {
    guard case .object(let members) = place.node else { throw place.wrong("an object") }
    return try members.map { (member) throws(ModelExchangeError) in
      let path = "__metadata__.\(member.key)"
      return (member.key, try JSONPlace(member.value, file: place.file, path: path).text())
    }
  }

  private static func tensor(_ place: JSONPlace) throws(ModelExchangeError) -> Tensor {
    let elementType = try place["dtype"]
    guard let bits = elementBits[try elementType.text()] else {
      throw elementType.wrong("one of \(elementBits.keys.sorted().joined(separator: ", "))")
    }
    var shape: [Int] = [], bitCount = bits
    for dimension in try place["shape"].elements() {
      shape.append(try dimension.whole(in: 0...Int.max))
      let (product, overflows) = bitCount.multipliedReportingOverflow(by: shape[shape.count - 1])
      guard !overflows else { throw .damaged(place.file, "\(place.path) has more elements than can be counted") }
      bitCount = product
    }
    let offsets = try place["data_offsets"], bounds = try offsets.elements()
    guard bounds.count == 2 else { throw offsets.wrong("a list of two numbers") }
    let start = try bounds[0].whole(in: 0...Int.max), end = try bounds[1].whole(in: start...Int.max)
    guard bitCount / 8 == end - start else {
      throw .damaged(
        place.file,
        "\(place.path) has shape \(shape) of \(try elementType.text()), which takes \(bitCount / 8) bytes, "
          + "but its data_offsets hold \(end - start)")
    }
    return Tensor(name: place.path, elementType: try elementType.text(), shape: shape, bytes: start..<end)
  }

  private static func requireNoGaps(
    _ tensors: [Tensor], dataByteCount: Int, file: String
  ) throws(ModelExchangeError) {
    var end = 0
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        let relation = tensor.bytes.lowerBound < end ? "overlaps the tensor before it" : "leaves a gap before it"
        throw .damaged(file, "\(tensor.name) begins at byte \(tensor.bytes.lowerBound) of the data and \(relation)")
      }
      end = tensor.bytes.upperBound
    }
    guard end == dataByteCount else {
      throw .damaged(
        file, "the tensors take \(end) bytes, but \(dataByteCount) follow the header",
        hint: end > dataByteCount ? "the file is cut short; copy it again" : nil)
    }
  }
}
