import CPlatform
import Glibc

/// The calling thread's affinity mask, as the kernel itself holds it.
package enum ThreadAffinity {
  /// Reads the mask; `nil` where the kernel does not say.
  package static func current() -> ProcessorSet? {
    // The kernel refuses a buffer smaller than its own mask, whose length it does not tell.
    var wordCount = 16
    while wordCount <= ProcessorSet.capacity / 64 {
      var words = [UInt64](repeating: 0, count: wordCount)
      switch platform_get_thread_affinity(&words, wordCount) {
      case 0: return ProcessorSet(words: words)
      case EINVAL: wordCount *= 2
      default: return nil
      }
    }
    return nil
  }

  /// Asks the kernel for a mask; returns `nil`, or why it refused.
  ///
  /// The kernel may grant less than it was asked for, so read the mask back.
  package static func set(_ processors: ProcessorSet) -> String? {
    let words = processors.words()
    let code = platform_set_thread_affinity(words, words.count)
    return code == 0 ? nil : String(cString: strerror(code))
  }
}
