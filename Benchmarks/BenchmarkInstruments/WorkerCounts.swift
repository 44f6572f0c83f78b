import Fascicle

/// The numbers of workers that are measured, and where they stand.
public enum WorkerCounts {
  /// 2, 4, 8 … and the number that the CPU budget allows; 2 at least, so that something can meet.
  public static func several() throws -> [Int] {
    let limit = max(2, try budget().limit)
    return (1...).lazy.map { 1 << $0 }.prefix { $0 < limit } + [limit]
  }

  /// One worker, and as many as the CPU budget allows.
  public static func oneAndAll() throws -> [Int] {
    let limit = try budget().limit
    return limit == 1 ? [1] : [1, limit]
  }

  /// The processors that training would pin `workerCount` workers to.
  public static func processors(workerCount: Int) throws -> [Int?] {
    let machine = try Machine.current()
    let placement = WorkerPlacement.plan(
      machine: machine, budget: ProcessorBudget.current(on: machine), workerCount: workerCount)
    return placement.workers.map(\.processor)
  }

  private static func budget() throws -> ProcessorBudget {
    ProcessorBudget.current(on: try Machine.current())
  }
}
