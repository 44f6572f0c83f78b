import Glibc

/// How much memory the process takes at most between two moments, as the kernel counts it.
struct ResidentMemory {
  private let atBegin: Cell = Cell()

  private final class Cell { var byteCount = 0 }

  /// Begins to watch: the peak so far is forgotten.
  func begin() {
    // 5 resets the peak of the resident set; proc(5).
    if let file = fopen("/proc/self/clear_refs", "w") {
      fputs("5", file)
      fclose(file)
    }
    atBegin.byteCount = Self.bytes("VmRSS:")
  }

  /// Bytes of the peak beyond what was taken at the beginning.
  func growth() -> Int { Self.bytes("VmHWM:") - atBegin.byteCount }

  private static func bytes(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
      if words.first == name[...] { return (words.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024 }
    }
    return 0
  }
}
