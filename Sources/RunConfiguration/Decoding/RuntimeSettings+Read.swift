import Fascicle

extension RuntimeSettings {
  static func read(_ reader: SectionReader) -> RuntimeSettings {
    var settings = RuntimeSettings()
    settings.workers = reader.workers(default: settings.workers)
    settings.pinsWorkers = reader.flag("pin", default: settings.pinsWorkers)
    settings.usesSMT = reader.flag("smt", default: settings.usesSMT)
    settings.precision = reader.choice("precision", default: settings.precision)
    settings.reduction = reader.choice("reduction", default: settings.reduction)
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
