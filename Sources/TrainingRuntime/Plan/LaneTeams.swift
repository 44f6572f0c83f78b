import HardwareTopology
import WorkerTeam

/// Which workers serve which gradient lanes: a function of where the workers stand, and of nothing else.
///
/// Workers are put in the order of their memory nodes and last-level caches, and that order is cut into teams whose sizes
/// differ by one at most, a lane for each. Lanes have equal shares of a minibatch, so equal teams finish together; where
/// the caches have equal numbers of workers, the cuts fall between them. With fewer workers than lanes, each worker is a
/// team and serves a run of lanes.
package struct LaneTeams: Sendable, Hashable {
  /// What one worker has to do with the lanes.
  package struct Seat: Sendable, Hashable {
    /// The lanes that the worker serves: one, or several that nobody else serves.
    package let lanes: Range<Int>
    /// The worker's number in its team, from 0.
    package let rank: Int
    /// Workers that serve the same lanes.
    package let teamSize: Int
  }

  /// One seat a worker.
  package let seats: [Seat]
  /// Lanes in all.
  package let laneCount: Int

  /// The teams of the workers of `placement`.
  ///
  /// - Precondition: `laneCount` is positive.
  package init(placement: WorkerPlacement, laneCount: Int) {
    self.init(order: placement.domains.flatMap { $0 }, laneCount: laneCount)
  }

  /// A single worker that serves all lanes.
  package static func alone(laneCount: Int) -> LaneTeams { LaneTeams(order: [0], laneCount: laneCount) }

  private init(order: [Int], laneCount: Int) {
    let unseated = Seat(lanes: 0..<0, rank: 0, teamSize: 1)
    var seats = [Seat](repeating: unseated, count: order.count)
    let teamCount = min(laneCount, order.count)
    for team in 0..<teamCount {
      let members = IndexPartition.range(ofPart: team, parts: teamCount, count: order.count)
      let lanes = IndexPartition.range(ofPart: team, parts: teamCount, count: laneCount)
      for (rank, worker) in order[members].enumerated() {
        seats[worker] = Seat(lanes: lanes, rank: rank, teamSize: members.count)
      }
    }
    self.seats = seats
    self.laneCount = laneCount
  }

  /// The teams as groups that can meet.
  package var groups: WorkerGroups {
    let firstLanes = Set(seats.map(\.lanes.lowerBound)).sorted()
    return WorkerGroups(groupOfWorker: seats.map { firstLanes.firstIndex(of: $0.lanes.lowerBound) ?? 0 })
  }
}
