import Fascicle
import Glibc
import RunConfiguration
import Synchronization

/// Says on standard error what a run is still preparing, when a part of it lasts longer than a second.
final class SetUpNotice: Sendable {
  private let isQuiet: Bool
  /// Counts the parts, so that the thread of one that is over says nothing.
  // Relaxed: a sentence a moment too late harms nobody.
  private let part = Atomic<Int>(0)

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Begins a part, which ends with the next.
  func begin(_ words: String) {
    let number = part.add(1, ordering: .relaxed).newValue
    guard !isQuiet else { return }
    var thread = pthread_t()
    let waiting = Waiting(notice: self, number: number, words: words)
    let context = Unmanaged.passRetained(waiting)
    let result = pthread_create(
      &thread, nil,
      { context in
        let waiting = Unmanaged<Waiting>.fromOpaque(context!).takeRetainedValue()
        usleep(1_000_000)
        waiting.speak()
        return nil
      }, context.toOpaque())
    // Without the thread the run is as silent as a short one.
    if result == 0 { pthread_detach(thread) } else { context.release() }
  }

  /// Ends the last part.
  func end() { _ = part.add(1, ordering: .relaxed) }

  /// A part that may take long.
  private final class Waiting: Sendable {
    private let notice: SetUpNotice
    private let number: Int
    private let words: String

    init(notice: SetUpNotice, number: Int, words: String) {
      self.notice = notice
      self.number = number
      self.words = words
    }

    func speak() {
      guard notice.part.load(ordering: .relaxed) == number else { return }
      StandardError.write("\(words) …\n")
    }
  }
}

extension RunConfiguration {
  /// What making a trainer does, with the layer that takes longest.
  func drawingWords(for data: RunData) -> String {
    let slow = layers.enumerated().compactMap { index, layer -> String? in
      guard case .dense(let dense) = layer, case .orthogonal? = dense.initializer else { return nil }
      return "the orthogonal weights of layer \(index + 1) (\(layer.summary))"
    }
    return "drawing initial weights" + (slow.isEmpty ? "" : ", among them \(slow.joined(separator: ", "))")
  }
}
