import ArgumentParser
import Fascicle
import Glibc

/// Where a picture goes, and in which form.
struct PictureOptions: ParsableArguments {
  @Option(help: "auto follows the reader's light or dark surroundings; light and dark are fixed.")
  var theme: PlotTheme = .auto

  @Option(
    help: ArgumentHelp(
      "Write to this file: SVG, or PNG where the name ends in .png. Without it, SVG goes to standard output.",
      valueName: "FILE"))
  var output: String?

  func validate() throws {
    guard let output else { return }
    guard isPNG || output.lowercased().hasSuffix(".svg") else {
      throw ValidationError("--output must end in .svg or .png, but is '\(output)'")
    }
  }

  private var isPNG: Bool { output?.lowercased().hasSuffix(".png") ?? false }

  /// Refuses a place that cannot be written, or a form that cannot be made, before a network is trained for it.
  func requireWritable() throws {
    guard let output else { return }
    try PictureFile.requireWritable(output)
    if isPNG { try PictureFile.requireConverter() }
  }

  /// Writes the picture that `draw` makes in the theme that suits the form: a PNG can't follow its surroundings.
  func write(_ draw: (PlotTheme) throws -> String) throws {
    guard let output else { return try StandardOutput.write(draw(theme)) }
    let document = try draw(isPNG && theme == .auto ? .light : theme)
    guard isPNG else { return try PictureFile.write(document, to: output) }
    try PictureFile.writePNG(document, to: output)
  }
}

/// Why a picture could not be made.
package struct PictureError: Error, Sendable, CustomStringConvertible {
  /// The kinds of trouble.
  package enum Code: Sendable, Hashable {
    /// The program that makes PNG of SVG is not there, or failed.
    case converter
    /// There is no such picture of this network or these data.
    case unsuitable
  }

  /// The kind of trouble.
  package let code: Code
  /// What is wrong, as a sentence without its full stop, and what to try.
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// Writes pictures as files.
enum PictureFile {
  /// Refuses a file that cannot be written, or made in its folder.
  static func requireWritable(_ path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(path, F_OK) == 0 ? access(path, W_OK) != 0 : access(folder, W_OK) != 0 else { return }
    throw OutputError(writingTo: path, errorNumber: errno)
  }

  /// Refuses PNGs where the program that makes them is not on the path.
  static func requireConverter() throws {
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    guard !folders.split(separator: ":").contains(where: { access("\($0)/rsvg-convert", X_OK) == 0 }) else { return }
    throw noConverter
  }

  private static let noConverter = PictureError(
    .converter, "a PNG needs rsvg-convert, which is not installed; install librsvg2-bin, or write an SVG")

  /// Writes a document, in place of what was there.
  static func write(_ document: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw OutputError(writingTo: path, errorNumber: errno) }
    defer { close(descriptor) }
    try writeAll(document, to: descriptor, name: path)
  }

  /// Has `rsvg-convert` of librsvg make a PNG, twice as large as the document says.
  static func writePNG(_ document: String, to path: String) throws {
    let source = "\(path).\(getpid()).svg"
    try write(document, to: source)
    defer { unlink(source) }
    let status = run(["rsvg-convert", "--format", "png", "--zoom", "2", "--output", path, source])
    switch status {
    case 0: return
    case ENOENT, 127 << 8: throw noConverter
    default: throw PictureError(.converter, "rsvg-convert could not write \(path); write an SVG to see why")
    }
  }

  /// Runs a program to its end: 0, what the system says when it can't be started, or how it ended.
  private static func run(_ arguments: [String]) -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    let errorNumber = posix_spawnp(&child, arguments[0], nil, nil, &words, environ)
    guard errorNumber == 0 else { return errorNumber }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { guard errno == EINTR else { return errno } }
    return status
  }
}
