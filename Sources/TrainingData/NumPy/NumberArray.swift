/// Numbers with a shape, as files of arrays hold them; the last index runs fastest.
package struct NumberArray: Sendable {
  /// The elements, in a type that loses nothing of what a network is trained on.
  package enum Elements: Sendable, Hashable {
    case uint8([UInt8])
    case int32([Int32])
    case float32([Float])
  }

  /// The dimensions; none for a single number.
  package let shape: [Int]
  package let elements: Elements
  /// What the file calls the type, such as `<f4`.
  package let storedType: String

  package init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
    storedType = elements.description
    precondition(shape.reduce(1, *) == elements.count, "expected \(shape) elements, got \(elements.count)")
  }

  init(shape: [Int], floats: [Float], storedType: String) {
    self.shape = shape
    elements = .float32(floats)
    self.storedType = storedType
  }

  /// The elements as singles.
  package var floats: [Float] {
    switch elements {
    case .uint8(let elements): elements.map { Float($0) }
    case .int32(let elements): elements.map { Float($0) }
    case .float32(let elements): elements
    }
  }
}

extension NumberArray.Elements {
  package var count: Int {
    switch self {
    case .uint8(let elements): elements.count
    case .int32(let elements): elements.count
    case .float32(let elements): elements.count
    }
  }

  /// What NumPy calls the type.
  package var description: String {
    switch self {
    case .uint8: "|u1"
    case .int32: "<i4"
    case .float32: "<f4"
    }
  }
}
