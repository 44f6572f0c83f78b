import WorkerTeam

/// A worker's seat with what follows from it: which blocks of its lanes' gradients it forms.
struct LaneSeat {
  let seat: LaneTeams.Seat
  let blocks: Range<Int>
}

/// The seats of all of a plan's workers, and that of a single one, as workers read them while they train.
///
/// - Concurrency: written once, before any worker reads.
final class LaneSeating: @unchecked Sendable {
  let teams: LaneTeams
  private let groups: [WorkerGroups]
  private let seats: UnsafeMutableBufferPointer<LaneSeat>

  /// - Parameter costs: of each block, what the split within a team balances.
  init(_ teams: LaneTeams, costs: [Int]) {
    let alone = LaneTeams.alone(laneCount: teams.laneCount)
    self.teams = teams
    groups = [teams.groups, alone.groups]
    seats = .allocate(capacity: teams.seats.count + 1)
    for (index, seat) in (teams.seats + alone.seats).enumerated() {
      let blocks = IndexPartition(costs: costs, parts: seat.teamSize)[seat.rank]
      seats.initializeElement(at: index, to: LaneSeat(seat: seat, blocks: blocks))
    }
  }

  deinit { seats.deallocate() }

  /// Who meets whom when `count` workers run: all of the plan's, or one.
  func groups(of count: Int) -> WorkerGroups { count == teams.seats.count ? groups[0] : groups[1] }

  /// The seat of a worker when `count` workers run.
  func seat(worker: Int, of count: Int) -> LaneSeat {
    count == teams.seats.count ? seats[worker] : seats[teams.seats.count]
  }
}
