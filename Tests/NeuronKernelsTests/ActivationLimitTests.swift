import NeuronKernels
import Testing

/// Activations at the edges of the number line, on every runnable table.
struct ActivationLimitTests {
  @Test(arguments: InstructionSet.runnable) func infinitiesReachTheLimits(set: InstructionSet) throws {
    #expect(try value(.sigmoid, .infinity, set) == 1)
    #expect(try value(.sigmoid, -.infinity, set) == 0)
    #expect(try value(.tanh, .infinity, set) == 1)
    #expect(try value(.tanh, -.infinity, set) == -1)
    #expect(try value(.relu, .infinity, set) == .infinity)
    #expect(try value(.relu, -.infinity, set) == 0)
    #expect(try value(.leakyReLU, -.infinity, set) == -.infinity)
    #expect(try value(.step, .infinity, set) == 1)
    #expect(try value(.step, -.infinity, set) == 0)
  }

  @Test(arguments: InstructionSet.runnable) func largeFiniteValuesDoNotOverflow(set: InstructionSet) throws {
    for x: Float in [88, 89, 90, 1000, .greatestFiniteMagnitude] {
      #expect(try value(.sigmoid, x, set) == 1)
      #expect(try value(.sigmoid, -x, set) < 1e-37)
      #expect(try value(.tanh, x, set) == 1)
      #expect(try value(.tanh, -x, set) == -1)
    }
    let tail = try ActivationSweep.softmaxAgainstZero([Float](repeating: -.infinity, count: 32), on: set)
    #expect(tail.allSatisfy { $0 == 0 })
  }

  @Test(arguments: InstructionSet.runnable) func naNStaysNaNInEveryActivation(set: InstructionSet) throws {
    let slopes = GuardedBuffer<Float>([0.25])
    for nan in [Float.nan, -Float.nan, Float(nan: 5, signaling: true)] {
      for kind in CaseActivation.kinds {
        let (a, b) = CaseActivation.parameters(kind)
        let activation = KernelActivation(kind, a: a, b: b, slopes: UnsafePointer(slopes.pointer))
        #expect(try ActivationSweep.activated(nan, activation, on: set).isNaN, "\(kind)")
      }
    }
  }

  @Test(arguments: InstructionSet.runnable) func naNInOneUnitSpoilsItsSampleOnly(set: InstructionSet) throws {
    for unit in 0..<3 {
      var rows: [Float] = [1, 2, 3, 1, 2, 3]
      rows[3 + unit] = .nan
      var random = TestRandom(seed: 0)
      let softmax = ActivationForwardCase(
        samples: 2, features: 3, activation: CaseActivation(.softmax, units: 3, &random), keepsPreactivation: false,
        values: rows)
      let result = try softmax.run(on: KernelSet(set)).blocks[0].values
      #expect(abs(result[0] + result[1] + result[2] - 1) < 1e-6)
      #expect(result[3...].allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: InstructionSet.runnable) func zeroKeepsItsSignWhereTheFunctionIsOdd(set: InstructionSet) throws {
    for kind in [KernelActivation.Kind.linear, .tanh, .leakyReLU] {
      #expect(try value(kind, -0.0, set).bitPattern == Float(-0.0).bitPattern, "\(kind)")
      #expect(try value(kind, 0, set).bitPattern == 0, "\(kind)")
    }
    for zero: Float in [0, -0.0] {
      #expect(try value(.relu, zero, set) == 0)
      #expect(try value(.step, zero, set) == 0)
      #expect(try value(.sigmoid, zero, set) == 0.5)
    }
  }

  @Test(arguments: InstructionSet.runnable) func tanhIsOdd(set: InstructionSet) throws {
    let inputs = Array(ActivationSweep.inputs.filter { !$0.isNaN && $0 >= 0 }.prefix(1 << 20))
    let positive = try ActivationSweep.activated(inputs, KernelActivation(.tanh), on: set)
    let negative = try ActivationSweep.activated(inputs.map { -$0 }, KernelActivation(.tanh), on: set)
    #expect(zip(positive, negative).allSatisfy { $0.bitPattern == (-$1).bitPattern })
  }

  private func value(_ kind: KernelActivation.Kind, _ x: Float, _ set: InstructionSet) throws -> Float {
    try ActivationSweep.activated(x, KernelActivation(kind, a: 0.01), on: set)
  }
}
