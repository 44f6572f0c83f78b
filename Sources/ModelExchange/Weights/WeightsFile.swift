import TrainingData

/// The tensors of a file of weights, safetensors or NPZ, ours or another program's.
///
///     let weights = try WeightsFile(path: "state_dict.safetensors")
///     let network = Network(inputs: 784) {
///       Dense(128, activation: .relu)
///       Dense(10, activation: .softmax)
///     }
///     let imported = try ImportedModel(network, loss: .categoricalCrossEntropy, weights: weights)
///     try imported.model.write(folder: "runs/imported")
public struct WeightsFile: Sendable {
  /// A tensor in memory.
  public struct Tensor: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its dimensions; none for a single number.
    public let shape: [Int]
    /// The type of its elements in the file, as the format calls it.
    public let elementType: String
    /// Its elements, row by row; those of other types than single precision are rounded to the nearest `Float`.
    public let values: [Float]

    /// Whether the values are the file's own bits.
    public var isExact: Bool { ["F32", "<f4", ">f4"].contains(elementType) }

    /// A tensor from its parts.
    ///
    /// - Precondition: there are as many values as the shape says (checked).
    public init(name: String, shape: [Int], elementType: String = "F32", values: [Float]) {
      precondition(shape.reduce(1, *) == values.count, "expected \(shape) values, got \(values.count)")
      self.name = name
      self.shape = shape
      self.elementType = elementType
      self.values = values
    }
  }

  /// The file.
  public let path: String
  /// The tensors in the order of the file.
  public let tensors: [Tensor]
  /// Whether that order is the one in which its author had them; safetensors are sorted.
  let keepsOrder: Bool

  /// Reads a file whose first bytes say that it is NPZ, or else safetensors.
  ///
  /// - Throws: ``ModelExchangeError`` for a file that is missing, unreadable, cut short, damaged or hostile, or that holds
  ///   something else than numbers.
  public init(path: String) throws(ModelExchangeError) {
    self.path = path
    if let archive = try Self.archive(path) {
      do {
        tensors = try Self.tensors(of: archive)
      } catch {
        throw ModelExchangeError(error)
      }
      keepsOrder = true
    } else {
      tensors = try Self.tensors(of: SafetensorsFile(path: path))
      keepsOrder = false
    }
  }

  private static func archive(_ path: String) throws(ModelExchangeError) -> NPZArchive? {
    do {
      return try NPZArchive.isArchive(path) ? NPZArchive(path: path) : nil
    } catch {
      throw ModelExchangeError(error)
    }
  }

  private static func tensors(of archive: NPZArchive) throws(TrainingDataError) -> [Tensor] {
    var tensors: [Tensor] = []
    for name in archive.names {
      let array = try archive.array(name)
      tensors.append(Tensor(name: name, shape: array.shape, elementType: array.storedType, values: array.floats))
    }
    return tensors
  }

  private static func tensors(of file: SafetensorsFile) throws(ModelExchangeError) -> [Tensor] {
    var tensors: [Tensor] = []
    for tensor in file.header.tensors {
      let values: [Float]
      if tensor.elementType == "F32" {
        values = try file.floats(tensor.name, shape: tensor.shape)
      } else if let doubles = file.values(of: tensor) {
        values = doubles.map { Float($0) }
      } else if tensor.elementType == "I64" || tensor.elementType == "I32" {
        values = file.integers(of: tensor).map { Float($0) }
      } else {
        throw ModelExchangeError(
          code: .unsupported,
          message: "\(file.path): \(tensor.name) is of type \(tensor.elementType), which is not read",
          hint: "save it as F32")
      }
      tensors.append(Tensor(name: tensor.name, shape: tensor.shape, elementType: tensor.elementType, values: values))
    }
    return tensors
  }
}

extension WeightsFile {
  /// Writes tensors as a safetensors file, in single precision.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was there before stays.
  public static func writeSafetensors(_ tensors: [Tensor], to path: String) throws(ModelExchangeError) {
    let file = try ReplacementFile(path: path)
    let writer = try SafetensorsWriter(
      tensors.map { SafetensorsWriter.Tensor(name: $0.name, shape: $0.shape) }, metadata: [("format", "pt")], to: file)
    for tensor in tensors { try writer.write(tensor.values) }
    try file.finish()
  }

  /// Writes tensors as an archive for NumPy, in single precision, stored or deflated.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed` or `.outOfMemory`; what was there before stays.
  public static func writeNPZ(
    _ tensors: [Tensor], to path: String, isCompressed: Bool = false
  ) throws(ModelExchangeError) {
    let arrays: [NumPyFile.Named] = tensors.map {
      ($0.name, NumberArray(shape: $0.shape, elements: .float32($0.values)))
    }
    try NumPyFile.writeArchive(arrays, to: path, isCompressed: isCompressed)
  }
}
