import PerceptronModel
import Testing

@Suite("Batch norms in a network")
struct BatchNormFormTests {
  private static let network = Network(inputs: 4) {
    Dense(20)
    BatchNorm()
    Activation(.relu)
    BatchNorm(momentum: 0.25, epsilon: 0.5, usesGain: false)
    Dense(2)
  }

  @Test("are stages whose statistics have places in the vector, but are no parameters")
  func stages() throws {
    let program = try NetworkProgram(Self.network, loss: .meanSquaredError)
    #expect(program.stageNames[1] == "layer 2 (batch norm)")
    #expect(program.stages[1].operation == .batchNormalize(momentum: 0.1, epsilon: 1e-5))
    #expect(program.parameterCount == 100 + 40 + 20 + 42)
    #expect(!program.splitsByUnits)
    #expect(program.meetsWithinPasses)
    #expect(program.meetingsWithinPasses == 8)
    #expect(Self.network.description == "4 → 20 → batch norm relu → batch norm → 2")
    let vector = try ParameterVector(program, seed: 1)
    #expect(vector[1].runningMean == [Float](repeating: 0, count: 20))
    #expect(vector[1].runningVariance == [Float](repeating: 1, count: 20))
    #expect(vector[1].slopes == [Float](repeating: 1, count: 20))
    #expect(vector[3].slopes == [])
    #expect(vector[0].runningMean == [])
  }

  @Test("meet less often where no gradient goes through, and not at all where there is none")
  func meetings() throws {
    let first = Network(inputs: 3) {
      BatchNorm()
      Dense(2)
    }
    #expect(try NetworkProgram(first, loss: .meanSquaredError).meetingsWithinPasses == 2)
    let none = try NetworkProgram(Network(inputs: 3) { Dense(2) }, loss: .meanSquaredError)
    #expect(!none.meetsWithinPasses)
    #expect(none.meetingsWithinPasses == 0)
  }

  @Test("written with one layer a stage, they make the same stages")
  func inlined() throws {
    let program = try NetworkProgram(Self.network, loss: .meanSquaredError)
    #expect(try NetworkProgram(program.inlinedNetwork, loss: .meanSquaredError).stages == program.stages)
  }

  @Test("that cannot work are refused with a sentence")
  func refusals() {
    let cases: [(BatchNorm, String)] = [
      (BatchNorm(epsilon: 0), "layer 1 (batch norm) needs a finite epsilon above 0, but has 0.0"),
      (
        BatchNorm(momentum: 0),
        "layer 1 (batch norm) needs a momentum above 0 and at most 1, but has 0.0; it is the new minibatch's share, as "
          + "in PyTorch; Keras's 0.99 is 0.01 here"
      ),
      (
        BatchNorm(momentum: .nan),
        "layer 1 (batch norm) needs a momentum above 0 and at most 1, but has nan; it is the new minibatch's share, as "
          + "in PyTorch; Keras's 0.99 is 0.01 here"
      ),
    ]
    for (norm, sentence) in cases {
      let network = Network(inputs: 4) {
        norm
        Dense(2)
      }
      let error = #expect(throws: PerceptronModelError.self) { try NetworkProgram(network, loss: .meanSquaredError) }
      #expect(error?.description == sentence)
    }
  }
}
