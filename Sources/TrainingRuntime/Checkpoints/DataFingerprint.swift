import TrainingData

/// By what samples are recognised: how many, of which form, and a digest of all their values in their order.
package struct DataFingerprint: Sendable, Hashable {
  package let sampleCount: Int
  package let featureCount: Int
  /// As in `10 classes` or `1 value`.
  package let targets: String
  package let sha256: String

  package init(sampleCount: Int, featureCount: Int, targets: String, sha256: String) {
    self.sampleCount = sampleCount
    self.featureCount = featureCount
    self.targets = targets
    self.sha256 = sha256
  }

  /// Reads all samples once.
  init(_ data: DataSubset) {
    let dataset = data.dataset, digest = SHA256()
    let features = dataset.features
    func add(_ start: UnsafeRawPointer, row: UInt32, byteCount: Int) {
      digest.update(UnsafeRawBufferPointer(start: start + Int(row) * byteCount, count: byteCount))
    }
    for piece in features.pieces(of: data.rows) {
      for row in piece { add(features.baseAddress, row: row, byteCount: features.rowByteCount) }
    }
    switch dataset.targets {
    case .classes(let count, let labels):
      targets = "\(count) \(count == 1 ? "class" : "classes")"
      for row in data.rows { add(labels.baseAddress, row: row, byteCount: MemoryLayout<Int32>.stride) }
    case .values(let width, let values):
      targets = "\(width) \(width == 1 ? "value" : "values")"
      for row in data.rows { add(values.baseAddress, row: row, byteCount: width * MemoryLayout<Float>.stride) }
    }
    if let weights = dataset.sampleWeights {
      for row in data.rows { add(weights.baseAddress, row: row, byteCount: MemoryLayout<Float>.stride) }
    }
    sampleCount = data.sampleCount
    featureCount = dataset.featureCount
    sha256 = SHA256.hexadecimal(digest.finish())
  }

  /// What differs, in words; nil when nothing does.
  func difference(from now: DataFingerprint) -> String? {
    if sampleCount != now.sampleCount { return "\(sampleCount) samples then, \(now.sampleCount) now" }
    if featureCount != now.featureCount { return "\(featureCount) features then, \(now.featureCount) now" }
    if targets != now.targets { return "\(targets) then, \(now.targets) now" }
    return sha256 == now.sha256 ? nil : "other values, or another order of the samples"
  }
}
