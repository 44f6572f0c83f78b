import Fascicle
import Foundation
import Testing

@Suite("Damaged checkpoints")
struct CheckpointDamageTests {
  private static let path = "\(SimulatedDisk.folder)/checkpoint-000001-step-3.safetensors"

  /// A disk with one state, and its bytes.
  private static func disk(_ state: TrainingState) throws -> (SimulatedDisk, [UInt8], path: String) {
    let disk = SimulatedDisk(), folder = CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk)
    try folder.begin()
    let path = "\(SimulatedDisk.folder)/\(try folder.keep(state, isBest: false))"
    return (disk, try #require(disk[path]), path)
  }

  private static func isRefused(_ bytes: [UInt8], on disk: SimulatedDisk, at path: String) -> Bool {
    disk[path] = bytes
    do {
      _ = try CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk).newest()
      return false
    } catch {
      let code = (error as? ModelExchangeError)?.code
      return code == .damaged || code == .unsupported
    }
  }

  @Test("a file is read as it was written")
  func roundTrip() throws {
    for state in [SmallState.tiny, SmallState.large, SmallState.numbered(3)] {
      let (disk, _, path) = try Self.disk(state)
      let found = try #require(try CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk).newest())
      #expect(found.state.isSame(as: state) && found.path == path && found.damage.isEmpty)
    }
  }

  @Test("every flip of a single bit of a small one is found")
  func bitFlips() throws {
    let (disk, bytes, path) = try Self.disk(SmallState.tiny)
    var missed: [Int] = []
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      if !Self.isRefused(flipped, on: disk, at: path) { missed.append(bit) }
    }
    #expect(missed.isEmpty && bytes.count > 1000)
    #expect(!Self.isRefused(bytes, on: disk, at: path))
  }

  @Test("every length that is too short, and any that is too long, is found")
  func truncations() throws {
    let (disk, bytes, path) = try Self.disk(SmallState.tiny)
    for count in 0..<bytes.count where !Self.isRefused(Array(bytes.prefix(count)), on: disk, at: path) {
      Issue.record("a file cut to \(count) bytes was read")
    }
    for extra in [1, 2, 64, 4096] {
      #expect(Self.isRefused(bytes + [UInt8](repeating: 0, count: extra), on: disk, at: path))
    }
  }

  /// How many random corruptions to try; `make checkpoint-soak` asks for many.
  private static var corruptionCount: Int {
    ProcessInfo.processInfo.environment["FASCICLE_CORRUPTIONS"].flatMap(Int.init) ?? 2_000
  }

  @Test("random overwrites, cuts, insertions and exchanges of a large one are found")
  func corruptions() throws {
    let (disk, bytes, path) = try Self.disk(SmallState.large)
    var random = PhiloxStream(seed: 6, stream: 12), missed = 0
    #expect(bytes.count > 100_000)
    for _ in 0..<Self.corruptionCount {
      var bad = bytes
      let place = random.integer(in: 0...bytes.count - 1),
        count = random.integer(in: 1...min(4096, bytes.count - place))
      switch random.integer(in: 0...4) {
      case 0: for index in place..<place + count { bad[index] = UInt8(random.integer(in: 0...255)) }
      case 1: bad.removeSubrange(place..<place + count)
      case 2: bad.insert(contentsOf: [UInt8](repeating: UInt8(random.integer(in: 0...255)), count: count), at: place)
      case 3: for index in place..<place + count { bad[index] = 0 }
      default:
        let other = random.integer(in: 0...bytes.count - count)
        bad.replaceSubrange(other..<other + count, with: bytes[place..<place + count])
      }
      if bad != bytes, !Self.isRefused(bad, on: disk, at: path) { missed += 1 }
    }
    #expect(missed == 0)
  }

  @Test("the damaged part is named, and the state before it used")
  func fallback() throws {
    let disk = SimulatedDisk(), folder = CheckpointFolder(SimulatedDisk.folder, keptCount: 5, files: disk)
    try folder.begin()
    for number in 1...4 { _ = try folder.keep(SmallState.numbered(number), isBest: false) }
    let paths = disk.paths
    var bytes = try #require(disk[paths[3]])
    bytes[bytes.count - 40] ^= 1
    disk[paths[3]] = bytes
    bytes = try #require(disk[paths[2]])
    bytes[20] ^= 1
    disk[paths[2]] = bytes
    let found = try #require(try folder.newest())
    #expect(found.path == paths[1] && found.state.isSame(as: SmallState.numbered(2)))
    #expect(found.damage.map(\.code) == [.damaged, .damaged])
    #expect(
      found.damage[0].message == "\(paths[3]): the tensor parameters is not as it was written: its SHA-256 differs")
    #expect(found.damage[1].message == "\(paths[2]): the header is not as it was written: its SHA-256 differs")
  }

  @Test("where none is whole, that is an error and not a new beginning")
  func noneWhole() throws {
    let (disk, bytes, path) = try Self.disk(SmallState.tiny)
    disk[path] = Array(bytes.dropLast())
    let error = #expect(throws: ModelExchangeError.self) {
      _ = try CheckpointFolder(SimulatedDisk.folder, keptCount: 2, files: disk).newest()
    }
    #expect(error?.code == .damaged && error?.hint?.contains("do not resume") == true)
  }
}
