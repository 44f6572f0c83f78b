import Glibc

/// What the other end of a stream can show.
struct Terminal: Sendable {
  /// Whether a line can be rewritten in place.
  let canRewrite: Bool
  /// Whether colours are wanted.
  let usesColor: Bool
  /// Columns; a line that is longer wraps.
  let width: Int

  static let standardOutput = Terminal(descriptor: STDOUT_FILENO)
  static let standardError = Terminal(descriptor: STDERR_FILENO)

  /// A stream that shows plain text only.
  static let plain = Terminal(canRewrite: false, usesColor: false, width: 80)

  private init(canRewrite: Bool, usesColor: Bool, width: Int) {
    self.canRewrite = canRewrite
    self.usesColor = usesColor
    self.width = width
  }

  private init(descriptor: Int32) {
    let isTerminal = isatty(descriptor) == 1
    let isDumb = Self.environment("TERM").map { $0 == "dumb" || $0.isEmpty } ?? true
    canRewrite = isTerminal && !isDumb
    // https://no-color.org: present and not empty, whatever it says.
    usesColor = canRewrite && (Self.environment("NO_COLOR") ?? "").isEmpty
    var size = winsize()
    let hasSize = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = hasSize ? Int(size.ws_col) : 80
  }

  /// Text that steps back behind its neighbours.
  func dim(_ text: String) -> String { usesColor ? "\u{1b}[2m\(text)\u{1b}[22m" : text }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
