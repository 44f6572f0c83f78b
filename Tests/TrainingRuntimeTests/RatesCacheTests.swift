import Fascicle
import Foundation
import Testing

@Suite("Rates kept for later processes")
struct RatesCacheTests {
  private let now = 1_800_000_000

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
  }

  @Test("what is kept is found again, bit for bit, under its own key only")
  func roundTrip() throws {
    try withFolder { folder in
      let cache = RatesCache(folder: folder + "/not/there/yet")
      let rates = SyntheticRates.rates(barrierSeconds: 1 / 3.0 * 1e-6)
      #expect(cache.rates(for: "a", now: now) == nil)
      cache.keep(rates, for: "a", now: now)
      #expect(cache.rates(for: "a", now: now + 60) == rates)
      #expect(cache.rates(for: "b", now: now) == nil)
      cache.keep(SyntheticRates.slowed(rates, by: 2), for: "a", now: now)
      #expect(cache.rates(for: "a", now: now) == SyntheticRates.slowed(rates, by: 2))
      // One file a key, and no draft beside it.
      cache.keep(rates, for: "b", now: now)
      let names = try files(folder + "/not/there/yet")
      #expect(names.count == 2, "\(names)")
    }
  }

  @Test("rates of another week, or of the future, are measured again")
  func age() throws {
    try withFolder { folder in
      let cache = RatesCache(folder: folder)
      cache.keep(SyntheticRates.rates(), for: "a", now: now)
      #expect(cache.rates(for: "a", now: now + RatesCache.longestAge) != nil)
      #expect(cache.rates(for: "a", now: now + RatesCache.longestAge + 1) == nil)
      #expect(cache.rates(for: "a", now: now - 1) == nil)
    }
  }

  @Test("no damage to a file goes unseen, and none ends the process")
  func damage() throws {
    try withFolder { folder in
      let cache = RatesCache(folder: folder)
      cache.keep(SyntheticRates.rates(), for: "a", now: now)
      let path = try folder + "/" + #require(files(folder).first)
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      func isRefused(_ bytes: [UInt8]) throws -> Bool {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return cache.rates(for: "a", now: now) == nil
      }
      for index in whole.indices {
        var bytes = whole
        bytes[index] ^= 1
        let isSeen = try isRefused(bytes)
        #expect(isSeen, "byte \(index)")
      }
      for count in stride(from: 0, to: whole.count, by: 7) {
        let isSeen = try isRefused(Array(whole[..<count]))
        #expect(isSeen, "\(count) bytes")
      }
      let longer = try isRefused(whole + whole), huge = try isRefused([UInt8](repeating: 0xff, count: 100_000))
      #expect(longer && huge)
      let isWholeRefused = try isRefused(whole)
      #expect(!isWholeRefused)
    }
  }

  @Test("a sound checksum does not make nonsense into rates")
  func nonsense() throws {
    let text = RatesText(key: "a", measuredAt: now, rates: SyntheticRates.rates()).text
    func reread(_ find: String, _ replacement: String) -> RatesText? {
      let body = text.components(separatedBy: "checksum ")[0].replacingOccurrences(of: find, with: replacement)
      return RatesText(body + "checksum \(RatesText.checksum(body))\n")
    }
    #expect(reread("nothing", "") != nil)
    for (find, replacement) in [
      ("fma 1", "fma -1"), ("fma ", "fma nan"), ("fma 1", "fma 0 1"), ("gather ", "gathr "), ("update.1", "update.2"),
      ("barrier.2", "barrier.1"), ("barrier.2", "barrier.x"), ("rates 1", "rates 2"), ("measured ", "measured x"),
    ] {
      #expect(reread(find, replacement) == nil, "\(find) → \(replacement)")
    }
  }

  @Test("a folder that cannot be written, read or made keeps nothing and says nothing")
  func unusableFolders() throws {
    try withFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      for path in [folder + "/file", folder + "/file/below", "/proc/nowhere", folder + "/\u{0}odd", ""] {
        let cache = RatesCache(folder: path)
        cache.keep(SyntheticRates.rates(), for: "a", now: now)
        #expect(cache.rates(for: "a", now: now) == nil, "\(path)")
      }
    }
    #expect(RatesCache(folder: nil).rates(for: "a") == nil)
  }

  @Test("the environment says where, or that nothing is kept")
  func environment() {
    func folder(_ values: [String: String]) -> String? { RatesCache.standard { values[$0] }.folder }
    #expect(folder(["HOME": "/h"]) == "/h/.cache/fascicle")
    #expect(folder(["HOME": "/h", "XDG_CACHE_HOME": "/x"]) == "/x/fascicle")
    #expect(folder(["HOME": "/h", "XDG_CACHE_HOME": "x"]) == "/h/.cache/fascicle")
    #expect(folder(["HOME": "/h", "FASCICLE_CACHE": "off"]) == nil)
    #expect(folder(["HOME": "/h", "FASCICLE_CACHE": ""]) == "/h/.cache/fascicle")
    #expect(folder(["HOME": "/h", "FASCICLE_CACHE": "/c"]) == "/c")
    #expect(folder([:]) == nil)
  }
}
