import Glibc

/// Rates of earlier processes on this machine, one small file a key.
///
/// A cache can fail in silence: what cannot be read, or is damaged, old or of another machine, is measured again, and what
/// cannot be written is measured again next time.
package struct RatesCache: Sendable {
  /// The folder; nil keeps nothing.
  package let folder: String?

  /// The environment variable that moves the cache, or turns it `off`.
  package static let environmentVariable = "FASCICLE_CACHE"
  /// Rates older than this are measured again: kernels, firmware and neighbours change.
  package static let longestAge = 7 * 86_400

  /// A cache in `folder`; a path that names none keeps nothing.
  package init(folder: String?) {
    self.folder = folder.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
  }

  /// The cache that the environment asks for: `FASCICLE_CACHE`, else `fascicle` in `XDG_CACHE_HOME` or `~/.cache`.
  package static func standard(_ environment: (String) -> String? = environmentValue) -> RatesCache {
    if let chosen = environment(environmentVariable), !chosen.isEmpty {
      return RatesCache(folder: chosen == "off" ? nil : chosen)
    }
    // The base directory specification: a relative path is to be ignored.
    if let base = environment("XDG_CACHE_HOME"), base.hasPrefix("/") { return RatesCache(folder: base + "/fascicle") }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return RatesCache(folder: nil) }
    return RatesCache(folder: home + "/.cache/fascicle")
  }

  package static func environmentValue(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The rates kept for `key`, if they are whole and not too old.
  package func rates(for key: String, now: Int = Int(time(nil))) -> MachineRates? {
    guard let path = path(for: key), let text = Self.read(path), let kept = RatesText(text), kept.key == key,
      (0...Self.longestAge).contains(now &- kept.measuredAt)
    else { return nil }
    return kept.rates
  }

  /// Keeps rates for later processes; several may do so at once, and readers see one file or the other, never a mixture.
  package func keep(_ rates: MachineRates, for key: String, now: Int = Int(time(nil))) {
    guard let folder, let path = path(for: key) else { return }
    Self.makeFolders(folder)
    let text = RatesText(key: key, measuredAt: now, rates: rates).text
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    let isWritten = Self.write(text, to: descriptor)
    // Without fsync: after a power failure the checksum tells, and measuring again costs milliseconds.
    if close(descriptor) != 0 || !isWritten || rename(draft, path) != 0 { unlink(draft) }
  }

  private func path(for key: String) -> String? {
    folder.map { "\($0)/rates-\(RatesText.checksum(key)).txt" }
  }

  private static func makeFolders(_ path: String) {
    // 0700 is what the base directory specification asks for.
    if mkdir(path, 0o700) == 0 || errno != ENOENT { return }
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    makeFolders(String(path[..<slash]))
    mkdir(path, 0o700)
  }

  private static func read(_ path: String) -> String? {
    // Not blocking: a pipe in the file's place must not hold up a run.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { return nil }
      if got == 0 { return String(validating: bytes[..<count], as: UTF8.self) }
      count += got
    }
    return nil
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
