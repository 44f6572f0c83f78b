import Fascicle
import Testing

@Suite("Losses beside PyTorch and Keras")
struct LossOracleTests {
  /// Of the largest element of each tensor; the numbers beside are double precision.
  static let bound = 2e-6
  static let trajectoryBound = 2e-5

  @Test("values and gradients are theirs", arguments: LossOracle.file.cases, InstructionSet.runnable)
  func valuesAndGradients(oracle: LossOracle.Case, set: InstructionSet) throws {
    let departure = oracle.headDeparture(on: try KernelSet(set))
    print("\(oracle), \(set): loss and gradient \(Departure.text(departure)) from \(oracle.source)")
    #expect(departure < Self.bound)
  }

  @Test("ten steps of training are theirs", arguments: LossOracle.file.cases)
  func trajectories(oracle: LossOracle.Case) throws {
    let departure = try oracle.trajectoryDeparture(.unpinned(2))
    print("\(oracle): ten steps \(Departure.text(departure)) from \(oracle.source)")
    #expect(departure < Self.trajectoryBound)
  }

  @Test("a row that is broken on purpose is refused")
  func brokenRow() throws {
    let broken = LossOracle.file.broken
    #expect(try broken.headDeparture(on: .selected()) > Self.bound)
    #expect(try broken.trajectoryDeparture(.unpinned(1)) > Self.trajectoryBound)
  }

  @Test("no loss and no parameter is left out")
  func completeness() {
    #expect(Set(LossOracle.file.cases.map(\.name)) == Set(Loss.names))
    for loss in Loss.all {
      let given = LossOracle.file.cases.filter { $0.name == loss.name }.flatMap(\.parameters.keys)
      for parameter in loss.parameters { #expect(given.contains(parameter.name), "\(loss.name), \(parameter.name)") }
    }
  }
}
