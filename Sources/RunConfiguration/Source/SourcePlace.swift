/// Where a part of a configuration was written.
enum SourcePlace: Sendable, Hashable, CustomStringConvertible {
  /// A file as a whole.
  case file(String)
  /// A place in a file; line and column count from 1.
  case position(file: String, line: Int, column: Int)
  /// An override on the command line, as it was typed.
  case override(String)
  /// Nowhere: the default holds.
  case standard

  /// The place as messages begin with it.
  var description: String {
    switch self {
    case .file(let path): path
    case .position(let path, let line, let column): "\(path):\(line):\(column)"
    case .override(let text): "override \(text)"
    case .standard: "default"
    }
  }

  /// The file that was written in; nil for what came from elsewhere.
  var filePath: String? {
    switch self {
    case .file(let path), .position(let path, _, _): path
    case .override, .standard: nil
    }
  }
}
