import Fascicle
import Glibc
import Testing

@Suite("Checkpoints on disks that fail")
struct CheckpointFaultTests {
  private static func folder(_ files: any FileOperations, keptCount: Int = 2) -> CheckpointFolder {
    CheckpointFolder(SimulatedDisk.folder, keptCount: keptCount, files: files)
  }

  /// The number of the newest state that is whole, nil for none; fails the test when it is not what was saved.
  private static func newest(on disk: SimulatedDisk) throws -> Int? {
    guard !disk.paths.allSatisfy({ $0.contains("/.") }) else { return nil }
    let found = try folder(disk).newest()
    return try found.map { found in
      let digits = try #require(found.path.split(separator: "-").dropFirst().first), number = try #require(Int(digits))
      #expect(found.state.isSame(as: SmallState.numbered(number)), "state \(number) is not what was saved")
      return number
    }
  }

  /// A disk with one state on it.
  private static func disk() throws -> SimulatedDisk {
    let disk = SimulatedDisk(), folder = folder(disk)
    try folder.begin()
    _ = try folder.keep(SmallState.numbered(1), isBest: true)
    return disk
  }

  @Test(
    "any one call that is refused while a state is saved leaves the state before whole",
    arguments: [EIO, ENOSPC, EDQUOT, EACCES, EROFS])
  func refusedSaves(errorNumber: Int32) throws {
    var call = 0, failures = 0, isClean = false
    while !isClean {
      call += 1
      let disk = try Self.disk(), files = FaultyFiles(disk, .refusal(call: call, errorNumber: errorNumber))
      let folder = Self.folder(files, keptCount: 1)
      do {
        try folder.begin()
        _ = try folder.keep(SmallState.numbered(2), isBest: false)
        #expect(try Self.newest(on: disk) == 2, "call \(call)")
      } catch {
        failures += 1
        let number = try #require(try Self.newest(on: disk))
        #expect(number == 1 || number == 2, "call \(call)")
        let problem = try #require(error as? ModelExchangeError)
        #expect(problem.code == .writeFailed)
        #expect(problem.message.contains(String(cString: strerror(errorNumber))), "\(problem)")
        // Nothing unfinished stays, unless removing it was what failed.
        #expect(disk.paths.filter { $0.hasSuffix(".tmp") }.isEmpty, "call \(call): \(disk.paths)")
      }
      isClean = files.callCount < call
    }
    #expect(failures >= 6)
  }

  @Test("a process that dies at any call leaves the state before whole, and its successor cleans up")
  func deaths() throws {
    var call = 0, isClean = false
    while !isClean {
      call += 1
      let disk = try Self.disk(), files = FaultyFiles(disk, .death(call: call)), dead = Self.folder(files, keptCount: 1)
      let result = Result {
        try dead.begin()
        return try dead.keep(SmallState.numbered(2), isBest: false)
      }
      let number = try #require(try Self.newest(on: disk))
      if case .success = result { #expect(number == 2) } else { #expect(number == 1 || number == 2) }
      let successor = Self.folder(disk)
      try successor.begin()
      #expect(disk.paths.allSatisfy { !$0.hasSuffix(".tmp") })
      _ = try successor.keep(SmallState.numbered(number + 1), isBest: false)
      #expect(try Self.newest(on: disk) == number + 1)
      isClean = files.callCount < call
    }
    #expect(call > 8)
  }

  @Test(
    "calls that do little or are interrupted change nothing", arguments: [FaultyFiles.Fault.interruptions, .trickle])
  func slowCalls(fault: FaultyFiles.Fault) throws {
    let disk = try Self.disk(), folder = Self.folder(FaultyFiles(disk, fault))
    try folder.begin()
    _ = try folder.keep(SmallState.numbered(2), isBest: false)
    #expect(try Self.newest(on: disk) == 2)
    let found = try #require(try Self.folder(FaultyFiles(disk, fault)).newest())
    #expect(found.state.isSame(as: SmallState.numbered(2)) && found.damage.isEmpty)
  }

  @Test("any one call that is refused while a state is read is named, and the state before it used")
  func refusedReads() throws {
    let disk = try Self.disk(), folder = Self.folder(disk)
    try folder.begin()
    _ = try folder.keep(SmallState.numbered(2), isBest: false)
    var call = 0, isClean = false, fallbacks = 0
    while !isClean {
      call += 1
      let files = FaultyFiles(disk, .refusal(call: call, errorNumber: EIO))
      do {
        let found = try #require(try Self.folder(files).newest())
        let number = found.damage.isEmpty ? 2 : 1
        fallbacks += found.damage.count
        #expect(found.state.isSame(as: SmallState.numbered(number)))
        #expect(found.damage.allSatisfy { $0.code == .readFailed && $0.message.contains("checkpoint-000002") })
      } catch {
        // Without the folder's names there is nothing to fall back to.
        #expect(call == 1 && (error as? ModelExchangeError)?.code == .readFailed)
      }
      isClean = files.callCount < call
    }
    #expect(fallbacks >= 4)
  }

  /// What stood on the disk when a state had been saved.
  private struct Saved {
    var number: Int
    var changeCount: Int
  }

  /// Saves states one after the other; returns the disk and when each had returned.
  private func saves(_ count: Int, isHonest: Bool) throws -> (SimulatedDisk, [Saved]) {
    let disk = SimulatedDisk(isHonest: isHonest), folder = Self.folder(disk)
    try folder.begin()
    var saved: [Saved] = []
    for number in 1...count {
      _ = try folder.keep(SmallState.numbered(number), isBest: number % 3 == 1)
      saved.append(Saved(number: number, changeCount: disk.changeCount))
    }
    return (disk, saved)
  }

  /// How many crashes lose or spoil a state that had been saved, of how many.
  private func crashes(_ count: Int, isHonest: Bool) throws -> (lost: Int, states: Int) {
    let (disk, saved) = try saves(7, isHonest: isHonest)
    var random = PhiloxStream(seed: 4, stream: 11), lost = 0, states = 0
    while states < count {
      for behind in 0...disk.changeCount {
        states += 1
        let left = disk.afterCrash(behind: behind, &random)
        let least = saved.last { $0.changeCount <= behind }?.number ?? 0
        let found = (try? Self.newest(on: left)) ?? nil
        if (found ?? 0) < least { lost += 1 }
      }
    }
    return (lost, states)
  }

  @Test("after any of 10,000 crashes the state that was saved last is there")
  func crashStates() throws {
    let result = try crashes(10_000, isHonest: true)
    #expect(result.lost == 0 && result.states >= 10_000)
  }

  @Test("the same crashes find out a disk that does not synchronize")
  func lyingDisk() throws {
    let result = try crashes(1_000, isHonest: false)
    #expect(result.lost > result.states / 10)
  }
}
