/// Whether a state is one of this run.
extension TrainingState {
  /// Refuses to go on with other settings, other data or other memory than the state's run had.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.stateMismatch` with the names of all settings that differ.
  func require(_ identity: RunIdentity, _ data: RunSamples) throws(TrainingRuntimeError) {
    guard record.identity.isComparable else {
      throw TrainingRuntimeError(
        code: .stateMismatch,
        message: "the checkpoint was written by a version that kept a run's settings in another form",
        hint: "finish the run with the version that began it, or begin anew without resuming")
    }
    let differences = record.identity.differences(from: identity)
    guard differences.isEmpty else {
      throw TrainingRuntimeError(
        code: .stateMismatch,
        message: "the checkpoint is of a run with other settings: \(differences.joined(separator: ", "))",
        hint: "set them as they were, or begin anew without resuming")
    }
    let now = data.fingerprints
    if let then = record.training, let difference = then.difference(from: now.training) {
      throw Self.other("training", difference)
    }
    switch (record.validation, now.validation) {
    case (nil, nil): return
    case (let then?, let now?):
      if let difference = then.difference(from: now) { throw Self.other("validation", difference) }
    case (nil, _?): throw Self.other("validation", "none then, some now")
    case (_?, nil): throw Self.other("validation", "some then, none now")
    }
  }

  private static func other(_ part: String, _ difference: String) -> TrainingRuntimeError {
    TrainingRuntimeError(
      code: .stateMismatch, message: "the checkpoint is of a run with other \(part) samples: \(difference)",
      hint: "give it the data it was trained on, or begin anew without resuming")
  }

  /// Refuses a state that has not exactly the regions that must be there; changes nothing.
  func requireTensors(of regions: [StateRegion], optional: [StateRegion]) throws(TrainingRuntimeError) {
    for region in regions where tensor(of: region) == nil {
      throw TrainingRuntimeError(
        code: .stateMismatch,
        message: "the checkpoint has no tensor \(region.name) of \(region.byteCount) bytes, which this run needs",
        hint: "it is of another version, or of another run")
    }
    let names = Set((regions + optional).map(\.name))
    if let stranger = tensors.first(where: { !names.contains($0.name) && $0.name != "diagnosis" }) {
      throw TrainingRuntimeError(
        code: .stateMismatch,
        message: "the checkpoint has a tensor \(stranger.name), for which this run has no place",
        hint: "it is of another version, or of another run")
    }
  }

  /// The tensor of a region, where there is one of its size.
  func tensor(of region: StateRegion) -> Tensor? {
    tensors.first {
      $0.name == region.name && $0.elementType == region.elementType && $0.bytes.count == region.byteCount
    }
  }

  /// Copies a tensor into its region; nothing where there is none.
  func restore(_ region: StateRegion) {
    guard let bytes = tensor(of: region)?.bytes, let start = bytes.baseAddress else { return }
    region.address.copyMemory(from: start, byteCount: bytes.count)
  }
}
