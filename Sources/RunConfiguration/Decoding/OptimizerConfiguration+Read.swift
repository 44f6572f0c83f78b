import Fascicle

extension OptimizerConfiguration {
  /// Reads the optimizer; nil when its name is unknown, which is noted.
  init?(_ reader: SectionReader) {
    guard
      let kind = reader.choice(
        "name", default: Adam.self as any ConfigurableOptimizer.Type, among: Self.names,
        make: { name in Self.kinds.first { $0.standard.name == name } })
    else { return nil }
    self.init(kind.read(reader))
    reader.finish(owner: "the optimizer \(optimizer.name)", others: Self.hyperparameters)
    reader.check(optimizer.validate, prefix: "optimizer.")
  }
}

extension SectionReader {
  /// Runs the library's own check of hyperparameters and notes what it refuses at the value's place.
  ///
  /// - Parameter prefix: what stands before the check's own names, as in `optimizer.`.
  func check(_ validate: () throws(GradientOptimizersError) -> Void, prefix: String) {
    do {
      try validate()
    } catch {
      let place = problems.places[prefix + error.parameter] ?? place
      problems.add(.value, place, prefix + error.message)
    }
  }
}
