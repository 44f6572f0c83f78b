/// Where a key belongs that was written in the wrong section.
enum KnownKeys {
  /// The section of the default configuration that has `key`.
  static func section(of key: String) -> String? {
    guard case .section(let sections) = RunConfiguration().tree else { return nil }
    return sections.first { section in
      guard case .section(let entries) = section.value else { return false }
      return entries.contains { $0.key == key }
    }?.key
  }
}
