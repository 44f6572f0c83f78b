import Glibc

/// Guesses which file was meant when a path names none.
enum FileNameGuess {
  /// The first existing file among the names under which the same data is usually found.
  static func existingNeighbour(of path: String) -> String? {
    alternatives(to: path).first { access($0, F_OK) == 0 }
  }

  /// The path with `.gz` added or removed, and with the `-idx` of the MNIST names written as `.idx` or the reverse.
  static func alternatives(to path: String) -> [String] {
    let respelled = [path.replacingLast("-idx", with: ".idx"), path.replacingLast(".idx", with: "-idx")]
    let spellings = [path] + respelled.compactMap { $0 }
    return (spellings.map(\.withGzipSuffixToggled) + spellings).filter { $0 != path }
  }
}

extension String {
  fileprivate var withGzipSuffixToggled: String {
    hasSuffix(".gz") ? String(dropLast(3)) : self + ".gz"
  }

  /// Replaces the last occurrence of `pattern`, or returns nil when there is none.
  fileprivate func replacingLast(_ pattern: String, with replacement: String) -> String? {
    for start in indices.reversed() where self[start...].hasPrefix(pattern) {
      return self[..<start] + replacement + self[start...].dropFirst(pattern.count)
    }
    return nil
  }
}
