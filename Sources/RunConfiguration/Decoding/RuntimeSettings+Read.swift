import Fascicle

extension RuntimeSettings {
  static func read(_ reader: SectionReader) -> RuntimeSettings {
    var settings = RuntimeSettings()
    settings.workers = reader.workers(default: settings.workers)
    settings.pinsWorkers = reader.flag("pin", default: settings.pinsWorkers)
    settings.usesSMT = reader.flag("smt", default: settings.usesSMT)
    settings.precision = reader.choice("precision", default: settings.precision)
    settings.reduction = reader.choice("reduction", default: settings.reduction)
    settings.lanes = reader.lanes(default: settings.lanes, reduction: settings.reduction)
    reader.finish()
    return settings
  }
}

extension SectionReader {
  fileprivate func workers(default standard: WorkerRequest) -> WorkerRequest {
    guard let node = node("workers") else { return standard }
    if case .scalar(let text, isQuoted: false) = node.value, let request = WorkerRequest(text) { return request }
    problems.add(
      .value, node.place, "\(dotted("workers")) must be \(WorkerRequest.expectedForm), but is \(node.wording)")
    return standard
  }

  fileprivate func lanes(default standard: LaneRequest, reduction: GradientReduction) -> LaneRequest {
    guard let node = node("lanes") else { return standard }
    guard case .scalar(let text, isQuoted: false) = node.value, let request = LaneRequest(text) else {
      problems.add(
        .value, node.place, "\(dotted("lanes")) must be \(LaneRequest.expectedForm), but is \(node.wording)")
      return standard
    }
    if request != .automatic, reduction != .segmented {
      problems.add(
        .value, node.place,
        "\(dotted("lanes")) belongs to the reduction segmented, but the reduction is \(reduction.rawValue)",
        hint: "write reduction: segmented, or lanes: auto")
    }
    return request
  }
}

extension LaneRequest {
  /// What ``init(_:)`` takes, in words.
  fileprivate static let expectedForm = "'auto' or a whole number from 1 to \(GradientReduction.maximumLaneCount)"

  /// Reads `auto` or a number of lanes; nil for anything else.
  fileprivate init?(_ text: String) {
    if text == "auto" {
      self = .automatic
      return
    }
    guard let count = try? NumberText.whole(text, as: Int.self),
      (1...GradientReduction.maximumLaneCount).contains(count)
    else { return nil }
    self = .exactly(count)
  }
}

extension WorkerRequest {
  /// What ``init(_:)`` takes, in words.
  package static let expectedForm = "'auto' or a whole number from 1 to \(RuntimeSettings.maximumWorkerCount)"

  /// Reads `auto` or a number of workers; nil for anything else.
  package init?(_ text: String) {
    if text == "auto" {
      self = .automatic
      return
    }
    guard let count = try? NumberText.whole(text, as: Int.self), count >= 1,
      count <= RuntimeSettings.maximumWorkerCount
    else { return nil }
    self = .exactly(count)
  }
}
