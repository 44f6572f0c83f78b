import NeuronKernels
import PerceptronModel

/// The memory that predictions work in: taken once, the same however many rows come.
final class PredictorMemory: @unchecked Sendable {
  private let featureCount: Int
  private let workers: [AlignedStorage]
  private let rowStorage: AlignedStorage
  private let constants: AlignedStorage
  private let order: AlignedStorage
  private let panelFloatCount: Int

  /// - Throws: ``NeuronKernelsError`` when there is no memory.
  init(_ network: InferenceNetwork, workerCount: Int, scale: [Float], shift: [Float]) throws(NeuronKernelsError) {
    func floats(_ count: Int) throws(NeuronKernelsError) -> AlignedStorage {
      try AlignedStorage(byteCount: count * MemoryLayout<Float>.stride)
    }
    featureCount = network.program.inputCount
    panelFloatCount = PanelInference.floatCount(network)
    let copyCount = PanelInference.sampleCapacity * featureCount + 16
    var workers: [AlignedStorage] = []
    for _ in 0..<workerCount { workers.append(try floats(panelFloatCount + copyCount)) }
    self.workers = workers
    rowStorage = try floats(RowInference.floatCount(network))
    let padded = PanelLayout.paddedCount(featureCount)
    constants = try floats(2 * padded)
    order = try floats(PanelInference.sampleCapacity)
    for (feature, value) in scale.enumerated() { self.scale[feature] = value }
    for (feature, value) in shift.enumerated() { self.scale[padded + feature] = value }
    for row in 0..<PanelInference.sampleCapacity {
      order.baseAddress.storeBytes(of: UInt32(row), toByteOffset: row * 4, as: UInt32.self)
    }
  }

  /// The bytes of all of it.
  var byteCount: Int {
    workers.reduce(rowStorage.byteCount + constants.byteCount + order.byteCount) { $0 + $1.byteCount }
  }

  /// What a worker's passes over panels work in.
  func panels(worker: Int) -> UnsafeMutablePointer<Float> { pointer(workers[worker]) }

  /// Where a worker copies rows that may not be read past their end; a chunk and a little.
  func copiedRows(worker: Int) -> UnsafeMutablePointer<Float> { pointer(workers[worker]) + panelFloatCount }

  /// What passes over rows work in, shared by all workers.
  var rows: UnsafeMutablePointer<Float> { pointer(rowStorage) }

  /// 0, 1, 2 …: the rows of a chunk in order.
  var rowNumbers: UnsafePointer<UInt32> { UnsafePointer(order.baseAddress.assumingMemoryBound(to: UInt32.self)) }

  /// Rows with the model's scaling.
  func source(_ data: UnsafeRawPointer, _ element: ElementType) -> GatherSource {
    GatherSource(
      data: data, element: element, featureCount: featureCount, scale: scale,
      shift: scale + PanelLayout.paddedCount(featureCount))
  }

  private var scale: UnsafeMutablePointer<Float> { pointer(constants) }

  private func pointer(_ storage: AlignedStorage) -> UnsafeMutablePointer<Float> {
    storage.baseAddress.assumingMemoryBound(to: Float.self)
  }
}
