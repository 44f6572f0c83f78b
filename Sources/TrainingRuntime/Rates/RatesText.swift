/// Rates as lines of text, for a file that people may read too.
///
///     fascicle rates 1
///     key Zen 4; avx512; processors 0,1 pinned; version 1
///     measured 1790000000
///     forward.tile 5.2e-09
///     …
///     checksum 90ab12…
package struct RatesText: Sendable {
  /// What the rates are of; rates of another key are no use.
  package let key: String
  /// When they were measured, in seconds since 1970.
  package let measuredAt: Int
  package let rates: MachineRates

  package init(key: String, measuredAt: Int, rates: MachineRates) {
    self.key = key
    self.measuredAt = measuredAt
    self.rates = rates
  }

  private static let title = "fascicle rates 1"

  /// The file's text.
  package var text: String {
    let numbers = Self.fields.map { name, path in "\(name) \(rates[keyPath: path])" }
    let updates = rates.updateSeconds.enumerated().map { "update.\($0.offset) \($0.element)" }
    let barriers = rates.barriers.map { "barrier.\($0.workerCount) \($0.seconds)" }
    let lines = [Self.title, "key \(key)", "measured \(measuredAt)"] + numbers + updates + barriers
    let body = lines.map { $0 + "\n" }.joined()
    return body + "checksum \(Self.checksum(body))\n"
  }

  /// Reads a file's text; nil for anything but what ``text`` writes.
  package init?(_ text: String) {
    guard let end = text.firstRange(of: "checksum "), text.hasSuffix("\n") else { return nil }
    let body = text[..<end.lowerBound]
    guard text[end.upperBound...].dropLast() == Self.checksum(String(body)) else { return nil }
    var lines = body.split(separator: "\n", omittingEmptySubsequences: false).dropLast()[...]
    guard lines.popFirst() == Self.title[...], let key = lines.popFirst(), key.hasPrefix("key "),
      let time = lines.popFirst(), time.hasPrefix("measured "), let measuredAt = Int(time.dropFirst(9)),
      let rates = Self.rates(of: lines)
    else { return nil }
    self.init(key: String(key.dropFirst(4)), measuredAt: measuredAt, rates: rates)
  }

  private static func rates(of lines: ArraySlice<Substring>) -> MachineRates? {
    var rates = MachineRates.zero
    var wanted = fields[...]
    for line in lines {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let number = Double(parts[1]), number > 0 else { return nil }
      if let (name, path) = wanted.first {
        guard name == parts[0] else { return nil }
        rates[keyPath: path] = number
        wanted.removeFirst()
      } else if parts[0] == "update.\(rates.updateSeconds.count)" {
        rates.updateSeconds.append(number)
      } else if parts[0].hasPrefix("barrier."), let count = Int(parts[0].dropFirst(8)), count > rates.workerCount {
        rates.barriers.append(MachineRates.BarrierTiming(workerCount: count, seconds: number))
      } else {
        return nil
      }
    }
    return wanted.isEmpty && rates.updateSeconds.count == 3 ? rates : nil
  }

  /// The numbers by name, in the order of the file.
  private static let fields: [(String, WritableKeyPath<MachineRates, Double> & Sendable)] = [
    ("fma", \.fmaRate),
    ("forward.tile", \.forward.tileSeconds), ("forward.row", \.forward.rowSeconds),
    ("forward.step", \.forward.stepSeconds), ("forward.beyond_cache", \.forward.beyondCache),
    ("backward.tile", \.backward.tileSeconds), ("backward.row", \.backward.rowSeconds),
    ("backward.step", \.backward.stepSeconds), ("backward.beyond_cache", \.backward.beyondCache),
    ("gradient.tile", \.weightGradient.tileSeconds), ("gradient.row", \.weightGradient.rowSeconds),
    ("gradient.step", \.weightGradient.stepSeconds), ("gradient.beyond_cache", \.weightGradient.beyondCache),
    ("half_panel", \.halfPanelShare), ("gather", \.gatherSeconds), ("transpose", \.transposeSeconds),
    ("sum", \.sumSeconds), ("exponential", \.exponentialSeconds), ("memory.one", \.oneWorkerMemoryRate),
    ("memory.all", \.allWorkersMemoryRate), ("transfer", \.transferRate), ("loaded", \.loadedSlowdown),
  ]

  /// The FNV-1a hash of 64 bits, enough against torn and edited files.
  ///
  /// Source: Fowler, Noll, Vo, <http://www.isthe.com/chongo/tech/comp/fnv/>.
  package static func checksum(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension MachineRates {
  fileprivate static var zero: MachineRates {
    let timing = ProductTiming(tileSeconds: 0, rowSeconds: 0, stepSeconds: 0, beyondCache: 0)
    return MachineRates(
      fmaRate: 0, forward: timing, backward: timing, weightGradient: timing, halfPanelShare: 0, gatherSeconds: 0,
      transposeSeconds: 0, sumSeconds: 0, exponentialSeconds: 0, updateSeconds: [], oneWorkerMemoryRate: 0,
      allWorkersMemoryRate: 0, transferRate: 0, loadedSlowdown: 0, barriers: [])
  }
}
