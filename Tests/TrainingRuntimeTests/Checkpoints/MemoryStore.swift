import Fascicle
import Synchronization

/// A store that keeps copies of all states in memory, each record through the plain values that files hold.
final class MemoryStore: CheckpointStore {

  private let kept = Mutex<[Kept]>([])
  private let refusal: (any Error)?

  struct Kept: Sendable {
    let state: TrainingState
    let isBest: Bool
  }

  /// - Parameter refusal: what every state is refused with; nil to keep them.
  init(refusal: (any Error)? = nil) { self.refusal = refusal }

  var states: [Kept] { kept.withLock { $0 } }

  func begin() throws {}

  func keep(_ state: TrainingState, isBest: Bool) throws -> String {
    if let refusal { throw refusal }
    let copy = Copy(state), record = try RunRecord(state.record.value)
    return kept.withLock { kept in
      kept.append(
        Kept(state: TrainingState(record: record, tensors: copy.tensors, owner: copy), isBest: isBest))
      return "state \(kept.count)"
    }
  }

  private final class Copy {
    let tensors: [TrainingState.Tensor]

    init(_ state: TrainingState) {
      tensors = state.tensors.map { tensor in
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: tensor.bytes.count, alignment: 64)
        bytes.copyMemory(from: tensor.bytes)
        return .init(name: tensor.name, elementType: tensor.elementType, bytes: UnsafeRawBufferPointer(bytes))
      }
    }

    deinit { for tensor in tensors { tensor.bytes.deallocate() } }
  }
}

extension TrainingState {
  /// The bytes of all tensors by name.
  var contents: [String: [UInt8]] { Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, Array($0.bytes)) }) }
}

extension TrainingState {
  /// The names of tensors that another state has otherwise.
  func differences(from other: TrainingState) -> [String] {
    Set(contents.keys).union(other.contents.keys).filter { contents[$0] != other.contents[$0] }.sorted()
  }

  /// A member of the record as it goes into files.
  func part(_ name: String) -> RecordValue? {
    guard case .fields(let fields) = record.value else { return nil }
    return fields.first { $0.name == name }?.value
  }
}
