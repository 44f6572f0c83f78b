import Testing
import TrainingData

@Suite("Rows that lie far off")
struct FarRowTests {
  /// 700 rows of four features of very different sizes, without order.
  private static func features() -> [Float] {
    (0..<700).flatMap { row -> [Float] in
      let draw = (0..<4).map { Float(((row * 4 + $0) &* 7_919) % 1_009) / 1_009 - 0.5 }
      return [draw[0], 1e6 * draw[1], 1e-3 * draw[2], 50 + draw[3]]
    }
  }

  private static func data(_ features: [Float], featureCount: Int = 4) throws -> DataSubset {
    DataSubset(
      allOf: try Dataset(
        features: features, featureCount: featureCount,
        labels: (0..<features.count / featureCount).map { $0 % 2 }))
  }

  @Test("one is found with its feature, value and factor", arguments: [1e8, 1e20, 3e38, -1e8, -1e30] as [Float])
  func one(value: Float) throws {
    for feature in [0, 3] {
      var features = Self.features()
      features[4 * 417 + feature] = value
      let found = try Self.data(features).farRows()
      #expect(found.map(\.row) == [417])
      #expect(found.map(\.feature) == [feature] && found.map(\.value) == [value])
      let reach = 0.5 + (feature == 3 ? 50.0 : 0)
      #expect(found[0].factor > 0.9 * Double(abs(value)) / reach && found[0].factor < 5 * Double(abs(value)))
    }
  }

  @Test("several are found, farthest first, whatever lies between them; but not too many to be exceptions")
  func several() throws {
    var features = Self.features()
    for (row, value) in [(20, 1e8), (417, 1e30), (699, -1e12)] as [(Int, Float)] { features[4 * row] = value }
    #expect(try Self.data(features).farRows().map(\.row) == [417, 699, 20])
    features = Self.features()
    for row in 100..<109 { features[4 * row] = 1e9 }
    #expect(try Self.data(features).farRows().map(\.row) == [])
  }

  @Test("a thousand times as far is the limit")
  func limit() throws {
    for (value, isFar) in [(400, false), (600, true)] as [(Float, Bool)] {
      var features = Self.features()
      features[4 * 417] = value
      #expect(try Self.data(features).farRows().isEmpty == !isFar, "\(value)")
    }
  }

  @Test("data as they are drawn have none", arguments: SyntheticData.Shape.allCases)
  func healthy(shape: SyntheticData.Shape) throws {
    for seed in 0..<20 {
      let data = DataSubset(allOf: try .synthetic(SyntheticData(shape, samples: 1_000, seed: UInt64(seed))))
      #expect(data.farRows().isEmpty)
    }
  }

  @Test("rare categories, long tails, noise around a constant and bytes are not far off")
  func notFar() throws {
    let count = 2_000
    func draw(_ row: Int) -> Float { Float((row &* 7_919) % 2_003 + 1) / 2_004 }
    var features: [Float] = []
    for row in 0..<count {
      // A category of one row, a power law, a constant with noise and one step, a rare count.
      features += [row == 77 ? 1 : 0, 1 / (draw(row) * draw(row)), 0.1 + (row == 5 ? 0.5 : 1e-8 * draw(row))]
      features += [row % 500 == 3 ? Float(row) : 0]
    }
    #expect(try Self.data(features).farRows().isEmpty)
    var bytes = [UInt8](repeating: 0, count: count)
    bytes[1_000] = 255
    let dataset = try Dataset(features: bytes, featureCount: 1, labels: (0..<count).map { $0 % 2 })
    #expect(DataSubset(allOf: dataset).farRows().isEmpty)
    #expect(try Self.data([Float](repeating: 3, count: 100)).farRows().isEmpty, "constants")
  }

  @Test("columns that are left out, rows that are not chosen and a handful of rows are not looked at")
  func leftOut() throws {
    var features = Self.features()
    features[4 * 417 + 2] = 1e9
    let data = try Self.data(features)
    #expect(data.farRows(leaving: [2]).isEmpty)
    #expect(data.farRows().map(\.row) == [417] && data.farRows().map(\.row) == [417], "asked again")
    #expect(data.farRows(leaving: [2]).isEmpty)
    #expect(try DataSubset(data.dataset, rows: (0..<400).map { UInt32($0) }).farRows().isEmpty)
    #expect(try DataSubset(data.dataset, rows: (410..<420).map { UInt32($0) }).farRows().isEmpty)
    #expect(try DataSubset(data.dataset, rows: (400..<440).map { UInt32($0) }).farRows().map(\.row) == [417])
  }
}
