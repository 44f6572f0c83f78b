import Fascicle
import Foundation
import RunConfiguration
import Testing

@Suite("The data of a run")
struct RunDataTests {
  @Test("folds have every sample but those of the test once, and their own validation samples")
  func folds() throws {
    let configuration = try load(
      "{ data: { format: moons, samples: 103, test: { fraction: 0.2 } }, training: { validation: 0.1 } }")
    let whole = try configuration.loadData()
    let count = whole.training.sampleCount + (whole.validation?.sampleCount ?? 0)
    for stratified in [false, true] {
      let folding = try configuration.loadFolds(5, stratified: stratified)
      #expect(folding.count == 5)
      let folds = try (0..<5).map(folding.data)
      let rows = folds.flatMap { Array($0.test?.rows ?? []) }
      #expect(rows.count == count && Set(rows).count == count)
      #expect(Set(rows).isDisjoint(with: whole.test?.rows ?? []))
      for fold in folds {
        let parts = [fold.training, fold.validation, fold.test].compactMap { $0 }
        #expect(parts.count == 3 && Set(parts.flatMap { Array($0.rows) }).count == count)
      }
    }
    #expect(throws: TrainingDataError.self) { try configuration.loadFolds(1000, stratified: false) }
  }

  @Test("figures of targets and of a table's columns are those of the rows that are trained on, fold by fold")
  func measuring() throws {
    let drawn = try load(
      """
      { data: { format: friedman, samples: 60, labelScale: standardize, test: { fraction: 0.2 } },
        loss: mean_squared_error, network: { layers: [{ dense: 1 }] }, training: { validation: 0.25 } }
      """)
    let raw = try load(
      """
      { data: { format: friedman, samples: 60, test: { fraction: 0.2 } },
        loss: mean_squared_error, network: { layers: [{ dense: 1 }] }, training: { validation: 0.25 } }
      """)
    let data = try drawn.loadData(), plain = try raw.loadData()
    #expect(plain.preparation == SamplePreparation() && data.test?.rows == plain.test?.rows)
    #expect(try data.preparation.targetScales == plain.training.targetScales(.standardize))
    let scale = try #require(try data.training.targetScales(.standardize).first)
    #expect(abs(scale.centre) < 1e-6 && abs(scale.spread - 1) < 1e-6)
    try withTable((0..<40).map { "\($0 * $0),\($0 % 2 == 0 ? "a" : "b")" }) { table in
      let folds = try table.loadFolds(4, stratified: true)
      let parts = try (0..<4).map(folds.data)
      #expect(Set(parts.flatMap { $0.test?.rows ?? [] }) == Set(0..<40))
      #expect(Set(parts.map(\.preparation.table)).count == 4)
      for part in parts {
        // 30 rows, 20 of which are trained on; their mean is 0 after the preparation that they themselves gave.
        let rows = part.training.rows
        #expect(rows.count == 20 && part.test?.sampleCount == 10 && part.validation?.sampleCount == 10)
        let mean = rows.reduce(0) { $0 + Double($1) * Double($1) } / 20
        let columns = try #require(part.preparation.table).columns
        guard case .number(let number) = columns[0].content else { throw WrongColumn() }
        #expect(abs(number.scale.centre - mean) < 1e-9)
      }
    }
  }

  private struct WrongColumn: Error {}

  private func withTable(_ rows: [String], _ body: (RunConfiguration) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(("x,y\n" + rows.joined(separator: "\n")).utf8).write(to: folder.appendingPathComponent("t.csv"))
    try body(
      load(
        """
        { data: { format: csv, file: "\(folder.path)/t.csv", label: y, test: { fraction: 0 } },
          network: { layers: [{ dense: 2, activation: softmax }] }, training: { validation: 0.33333 } }
        """))
  }
}
