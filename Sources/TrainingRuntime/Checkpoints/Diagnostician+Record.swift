/// What watching a run has gathered, so that a resumed run reports the same.
extension Diagnostician {
  struct Record: Sendable, Hashable {
    var lastSampled: Int?
    var sampledSteps: Int
    var pause: Int
    var nextPause: Int
    /// For each stage with dead units, their numbers.
    var dead: [Int: [Int]]
    /// For each stage the sum of the ratios of its steps, and of how many.
    var ratioSums: [Double]
    var ratioCounts: [Int]
    /// Since when which stage has which illness.
    var sickSince: [Sickness]
  }

  struct Sickness: Sendable, Hashable {
    var stage: Int
    var kind: DiagnosisVerdict.Kind
    var epoch: Int
  }

  /// The tallies of the units, which are not part of the record.
  var tallies: StateRegion {
    StateRegion("diagnosis", .bytes, board.bytes.baseAddress.unsafelyUnwrapped, byteCount: board.bytes.count)
  }

  var record: Record {
    Record(
      lastSampled: lastSampled, sampledSteps: sampledSteps, pause: pause, nextPause: nextPause,
      dead: dead.mapValues { $0.sorted() }, ratioSums: weights.sums.map(\.ratio),
      ratioCounts: weights.sums.map(\.count),
      sickSince: verdicts.sickSince)
  }

  /// Goes on where a record of the same network stopped.
  func restore(_ record: Record) {
    lastSampled = record.lastSampled
    sampledSteps = record.sampledSteps
    (pause, nextPause) = (record.pause, record.nextPause)
    dead = record.dead.mapValues(Set.init)
    if record.ratioSums.count == weights.sums.count {
      weights.sums = zip(record.ratioSums, record.ratioCounts).map { ($0, $1) }
    }
    verdicts.sickSince = record.sickSince
  }
}

extension Diagnostician.Record {
  var value: RecordValue {
    .named([
      "last_sampled": .whole(lastSampled), "sampled_steps": .whole(sampledSteps), "pause": .whole(pause),
      "next_pause": .whole(nextPause),
      "dead": .list(
        dead.sorted { $0.key < $1.key }.map { stage, units in
          .named(["stage": .whole(stage), "units": .list(units.map { .whole($0) })])
        }),
      "ratio_sums": .list(ratioSums.map { .exact($0) }), "ratio_counts": .list(ratioCounts.map { .whole($0) }),
      "sick_since": .list(
        sickSince.map {
          .named(["stage": .whole($0.stage), "kind": .text($0.kind.rawValue), "epoch": .whole($0.epoch)])
        }
      ),
    ])
  }

  init(_ reader: RecordReader) throws(RecordError) {
    var dead: [Int: [Int]] = [:]
    for stage in try reader["dead"].elements() {
      var units: [Int] = []
      for unit in try stage["units"].elements() { units.append(try unit.whole()) }
      dead[try stage["stage"].whole()] = units
    }
    var sums: [Double] = [], counts: [Int] = [], sickSince: [Diagnostician.Sickness] = []
    for sum in try reader["ratio_sums"].elements() { sums.append(try sum.double()) }
    for count in try reader["ratio_counts"].elements() { counts.append(try count.whole()) }
    guard sums.count == counts.count else { throw reader.wrong("of as many sums as counts") }
    for sickness in try reader["sick_since"].elements() {
      let kind = try sickness["kind"]
      guard let known = DiagnosisVerdict.Kind(rawValue: try kind.text()) else { throw kind.wrong("a known illness") }
      sickSince.append(.init(stage: try sickness["stage"].whole(), kind: known, epoch: try sickness["epoch"].whole()))
    }
    self.init(
      lastSampled: try reader.optional("last_sampled").map { (part) throws(RecordError) in try part.whole() },
      sampledSteps: try reader["sampled_steps"].whole(), pause: try reader["pause"].whole(),
      nextPause: try reader["next_pause"].whole(atLeast: 1), dead: dead, ratioSums: sums, ratioCounts: counts,
      sickSince: sickSince)
  }
}
