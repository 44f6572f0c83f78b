extension WorkerTeam {
  /// What a team may be told beside the processors; the defaults suit training.
  public struct Options: Sendable {
    /// How long a worker spins before it sleeps; nil chooses 30 µs, or 1 µs when workers outnumber processors.
    public var spin: Duration?

    /// How many processors the workers may keep busy; nil when only their affinity limits it.
    ///
    /// A CPU quota is such a limit. It matters for the choice of `spin` only.
    public var usableProcessors: Int?

    /// Whether every barrier reads the clock twice, so that the shortest waits are counted too.
    ///
    /// Otherwise a wait counts from the moment it has lasted some tenths of a microsecond.
    public var timesEveryBarrier: Bool

    /// Bytes of stack for each worker; at least one mebibyte is given.
    public var stackByteCount: Int

    /// Makes a set of options.
    public init(
      spin: Duration? = nil, usableProcessors: Int? = nil, timesEveryBarrier: Bool = false,
      stackByteCount: Int = 1 << 20
    ) {
      self.spin = spin
      self.usableProcessors = usableProcessors
      self.timesEveryBarrier = timesEveryBarrier
      self.stackByteCount = stackByteCount
    }
  }
}
