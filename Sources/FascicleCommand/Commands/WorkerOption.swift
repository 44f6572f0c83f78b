import ArgumentParser
import Fascicle
import RunConfiguration

/// Reads the text of `--workers`.
enum WorkerOption {
  /// `auto` or a number of workers.
  static func request(_ text: String) throws -> WorkerRequest {
    guard let request = WorkerRequest(text) else {
      throw ValidationError("--workers must be \(WorkerRequest.expectedForm), but is '\(text)'")
    }
    return request
  }
}
