import NeuronKernels

/// A named piece of a run's memory that training changes and a later step reads.
///
/// Everything of this kind stands in one list (``ParameterStorage/regions``), from which checkpoints, the best epoch and the
/// last good epoch are made: memory that is in the list is saved, restored and rolled back.
struct StateRegion {
  /// What checkpoints call it.
  let name: String
  let elementType: TrainingState.ElementType
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  /// Single-precision numbers.
  init(_ name: String, _ address: UnsafeMutablePointer<Float>, count: Int) {
    self.init(name, .float32, UnsafeMutableRawPointer(address), byteCount: count * MemoryLayout<Float>.stride)
  }

  init(
    _ name: String, _ elementType: TrainingState.ElementType, _ address: UnsafeMutableRawPointer, byteCount: Int
  ) {
    self.name = name
    self.elementType = elementType
    self.address = address
    self.byteCount = byteCount
  }

  /// Bytes that a copy takes, so that the next one begins on a line.
  var copyByteCount: Int { (byteCount + 63) / 64 * 64 }
}

extension ParameterStorage {
  /// All memory that training changes and a later step reads; whoever adds such memory names it here.
  ///
  /// What follows from it, such as operands in bfloat16 and the point of evaluation, is made anew.
  var regions: [StateRegion] {
    var regions = [StateRegion("parameters", parameters, count: vectorCount)]
    if let optimizerState {
      regions += (0..<stateSlotCount).map { slot in
        StateRegion("optimizer.\(slot)", optimizerState + slot * vectorCount, count: vectorCount)
      }
    }
    if let factoredMoments {
      regions.append(StateRegion("optimizer.factored", factoredMoments, count: factoredCount))
    }
    return regions
  }
}

/// A copy of some regions in memory of its own.
final class StateCopy {
  private let originals: [StateRegion]
  private let bytes: AlignedStorage

  /// Takes the memory; what is copied is for ``take()`` to say.
  init(of regions: [StateRegion]) throws(NeuronKernelsError) {
    originals = regions
    bytes = try AlignedStorage(byteCount: Self.byteCount(of: regions))
  }

  /// Bytes that a copy takes.
  static func byteCount(of regions: [StateRegion]) -> Int { regions.reduce(0) { $0 + $1.copyByteCount } }

  /// Copies the regions as they are; allocates nothing.
  func take() {
    var place = bytes.baseAddress
    for region in originals {
      place.copyMemory(from: region.address, byteCount: region.byteCount)
      place += region.copyByteCount
    }
  }

  /// Puts back what ``take()`` copied, bit for bit.
  func restore() {
    var place = bytes.baseAddress
    for region in originals {
      region.address.copyMemory(from: place, byteCount: region.byteCount)
      place += region.copyByteCount
    }
  }

  /// The copies as regions of their own.
  func regions(named prefix: String) -> [StateRegion] {
    var place = bytes.baseAddress
    return originals.map { region in
      defer { place += region.copyByteCount }
      return StateRegion("\(prefix).\(region.name)", region.elementType, place, byteCount: region.byteCount)
    }
  }
}
