import Fascicle
import Synchronization
import Testing

/// States of a little run, and others of the same form with other contents.
enum SmallState {
  /// The first state of a little run, small enough for every bit of its file to be tried.
  static let tiny: TrainingState = try! captured(units: 2, features: 2)
  /// One whose tensors take about a hundred kilobytes.
  static let large: TrainingState = try! captured(units: 120, features: 60)

  /// The same record with tensors that tell the states apart.
  static func numbered(_ number: Int) -> TrainingState {
    let block = Block(byteCount: 300) { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &* 31) }
    return TrainingState(
      record: tiny.record,
      tensors: [.init(name: "parameters", elementType: .float32, bytes: UnsafeRawBufferPointer(block.bytes))],
      owner: block)
  }

  private static func captured(units: Int, features: Int) throws -> TrainingState {
    let network = Network(inputs: features) {
      Dense(units)
      Dense(2, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(), normalization: .none, seed: 5,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    trainer.diagnosis = .off
    let values = (0..<20 * features).map { Float($0 * 37 % 23) - 3.5 }
    let data = try Dataset(features: values, featureCount: features, labels: (0..<20).map { $0 % 2 })
    let store = Capture()
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 1, batchSize: 8, checkpoints: Checkpoints(store))
    return try #require(store.state)
  }

  final class Block {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int, _ value: (Int) -> UInt8) {
      bytes = .allocate(byteCount: byteCount, alignment: 64)
      for index in 0..<byteCount { bytes[index] = value(index) }
    }

    deinit { bytes.deallocate() }
  }

  /// Keeps a copy of the last state.
  private final class Capture: CheckpointStore {
    private let kept = Mutex<TrainingState?>(nil)

    var state: TrainingState? { kept.withLock { $0 } }

    func begin() throws {}

    func keep(_ state: TrainingState, isBest: Bool) throws -> String {
      let blocks = state.tensors.map { tensor in Block(byteCount: tensor.bytes.count) { tensor.bytes[$0] } }
      let tensors = zip(state.tensors, blocks).map { tensor, block in
        TrainingState.Tensor(
          name: tensor.name, elementType: tensor.elementType, bytes: UnsafeRawBufferPointer(block.bytes))
      }
      let copy = TrainingState(record: state.record, tensors: tensors, owner: Blocks(blocks))
      kept.withLock { $0 = copy }
      return "captured"
    }
  }

  private final class Blocks {
    let blocks: [Block]
    init(_ blocks: [Block]) { self.blocks = blocks }
  }
}

extension TrainingState {
  /// Whether another state has the same record and tensors, bit for bit.
  func isSame(as other: TrainingState) -> Bool {
    record.value == other.record.value && tensors.count == other.tensors.count
      && zip(tensors, other.tensors).allSatisfy {
        $0.name == $1.name && $0.elementType == $1.elementType && $0.bytes.elementsEqual($1.bytes)
      }
  }
}
