/// Features that stay in their file; for those in memory nothing here does anything.
extension FeatureStorage {
  /// Whether the features are read where they lie in a file, and so may be larger than memory.
  public var isMapped: Bool { file != nil }

  /// The file that the features lie in; nil for memory.
  var file: MappedFile? {
    switch values {
    case .uint8(let bytes): bytes.file
    case .float32(let floats): floats.file
    }
  }

  /// Bytes of a row.
  package var rowByteCount: Int { byteCount / sampleCount }

  /// Asks for rows that will be read soon.
  package func prefetch(rows: Range<Int>) {
    switch values {
    case .uint8(let bytes): bytes.prefetch(elements(of: rows))
    case .float32(let floats): floats.prefetch(elements(of: rows))
    }
  }

  /// Gives back the memory of rows that are not needed for now.
  package func release(rows: Range<Int>) {
    switch values {
    case .uint8(let bytes): bytes.release(elements(of: rows))
    case .float32(let floats): floats.release(elements(of: rows))
    }
  }

  private func elements(of rows: Range<Int>) -> Range<Int> {
    rows.lowerBound * featureCount..<rows.upperBound * featureCount
  }

  /// Refuses a mapped file that was cut short or written to since.
  ///
  /// - Throws: `.truncated` or `.corrupted`; what was computed of the features is then worth nothing.
  /// - Complexity: one call of the system.
  package func requireUnchanged() throws(TrainingDataError) { try file?.requireUnchanged() }
}

extension FeatureStorage.Values {
  /// The values of a file where they lie.
  ///
  /// - Parameters:
  ///   - source: the file, open.
  ///   - offset: where the values begin.
  ///   - count: how many there are, to the file's end.
  ///   - element: their type; nil for one that a step does not read as it is stored.
  ///   - description: what the file calls its type and order, for the message.
  /// - Throws: `.invalidArgument` for values that would have to be converted, `.surplusData` when more follows them, and what
  ///   ``MappedFile`` refuses.
  static func mapping(
    _ source: any ByteSource, offset: Int, count: Int, element: FeatureStorage.ElementType?, description: String
  ) throws(TrainingDataError) -> Self {
    let alignment = element == .float32 ? MemoryLayout<Float>.alignment : 1
    guard let file = source as? InputFile, let element, offset % alignment == 0 else {
      throw TrainingDataError(
        .invalidArgument,
        "\(source.path): only bytes and little-endian 32-bit floats, row by row and not compressed, can be mapped, got "
          + (source is InputFile ? description : "a compressed file"),
        hint: "read it without mapping, or write it as numpy.save(file, numpy.ascontiguousarray(x, '<f4'))")
    }
    let end = offset + count * (element == .uint8 ? 1 : MemoryLayout<Float>.stride)
    guard file.byteCount == end else {
      throw TrainingDataError(
        .surplusData, "\(source.path): expected \(end) bytes for \(count) values, got \(file.byteCount)")
    }
    let mapped = try MappedFile(file)
    return switch element {
    case .uint8: .uint8(SampleStorage(mapping: mapped, offset: offset, count: count))
    case .float32: .float32(SampleStorage(mapping: mapped, offset: offset, count: count))
    }
  }
}
