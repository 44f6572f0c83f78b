import Fascicle
import Testing

@Suite("Weights of other programs")
struct ImportedModelTests {
  private typealias Tensor = WeightsFile.Tensor

  /// A tensor whose elements tell where they are.
  private func tensor(_ name: String, _ shape: [Int], from first: Float = 0) -> Tensor {
    Tensor(name: name, shape: shape, values: (0..<shape.reduce(1, *)).map { first + Float($0) / 8 })
  }

  private let network = Network(inputs: 3) {
    Dense(2, activation: .preLU(sharing: .perLayer))
    BatchNorm()
    Dense(2)
  }

  private func torch(_ names: [String]) -> [Tensor] {
    [
      tensor("\(names[0]).weight", [2, 3]), tensor("\(names[0]).bias", [2], from: 10),
      tensor("\(names[1]).weight", [1]),
      tensor("\(names[2]).weight", [2], from: 20), tensor("\(names[2]).bias", [2], from: 30),
      tensor("\(names[2]).running_mean", [2], from: 40), tensor("\(names[2]).running_var", [2], from: 50),
      tensor("\(names[2]).num_batches_tracked", []), tensor("\(names[3]).weight", [2, 2], from: 60),
      tensor("\(names[3]).bias", [2], from: 70),
    ]
  }

  /// Imports tensors by way of a file, sorted by name where it is safetensors.
  private func imported(
    _ tensors: [Tensor], as network: Network, isSorted: Bool = true, names: [String: String] = [:],
    transform: FeatureTransform? = nil
  ) throws -> ImportedModel {
    try withFolder { folder in
      let path = "\(folder)/w"
      if isSorted {
        try WeightsFile.writeSafetensors(tensors.sorted { $0.name < $1.name }, to: path)
      } else {
        try WeightsFile.writeNPZ(tensors, to: path)
      }
      return try ImportedModel(
        network, loss: .meanSquaredError, weights: WeightsFile(path: path), names: names, transform: transform)
    }
  }

  @Test("a state_dict with numbers comes in order, beyond ten too, and from either format", arguments: [false, true])
  func sequential(isSorted: Bool) throws {
    let tensors = torch(["0", "1", "2", "10"])
    let found = try imported(tensors, as: network, isSorted: isSorted)
    #expect(
      found.origins.map { "\($0.tensor) \($0.source)" } == [
        "layers.0.weight 0.weight", "layers.0.bias 0.bias", "layers.0.slopes 1.weight", "layers.1.bias 2.bias",
        "layers.1.weight 2.weight", "layers.1.running_mean 2.running_mean", "layers.1.running_var 2.running_var",
        "layers.2.weight 10.weight", "layers.2.bias 10.bias",
      ])
    let values = Dictionary(uniqueKeysWithValues: found.model.weightTensors.map { ($0.name, $0.values) })
    for origin in found.origins {
      #expect(origin.isExact && !origin.isTransposed)
      #expect(values[origin.tensor] == tensors.first { $0.name == origin.source }?.values, "\(origin)")
    }
  }

  @Test("names without numbers come in an archive's order, and from a sorted file by shape or by name")
  func named() throws {
    let tensors = torch(["first", "prelu", "norm", "head"])
    #expect(try imported(tensors, as: network, isSorted: false).origins.count == 9)
    let byShape = try imported(tensors, as: network)
    #expect(byShape.origins.first { $0.tensor == "layers.2.weight" }?.source == "head.weight")
    let twins = Network(inputs: 2) {
      Dense(2)
      Dense(2)
    }
    let ambiguous = [
      tensor("encoder.weight", [2, 2]), tensor("encoder.bias", [2]), tensor("decoder.weight", [2, 2], from: 5),
      tensor("decoder.bias", [2]),
    ]
    let error = try #require(throws: ModelExchangeError.self) { try imported(ambiguous, as: twins) }
    #expect(error.code == .mismatch)
    #expect(
      error.message.contains("decoder (weight [2, 2], bias [2]) and encoder (weight [2, 2], bias [2]) could both be"))
    #expect(error.hint == "name it: --map layers.0=decoder")
    let named = try imported(ambiguous, as: twins, names: ["layers.0": "encoder"])
    #expect(named.origins.map(\.source) == ["encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"])
  }

  @Test("scikit-learn's coefficients are turned round, and the inputs follow from them")
  func scikitLearn() throws {
    let tensors = [
      tensor("coefs_0", [3, 4]), tensor("coefs_1", [4, 1], from: 9), tensor("intercepts_0", [4]),
      tensor("intercepts_1", [1]),
    ]
    let network = Network(inputs: 3) {
      Dense(4, activation: .relu)
      Dense(1)
    }
    let found = try imported(tensors, as: network, isSorted: false)
    #expect(found.origins.map(\.isTransposed) == [true, false, true, false])
    let weights = try #require(found.model.weightTensors.first { $0.name == "layers.0.weight" })
    #expect(
      weights.shape == [4, 3] && weights.values == (0..<4).flatMap { o in (0..<3).map { Float($0 * 4 + o) / 8 } })
    try withFolder { folder in
      try WeightsFile.writeNPZ(tensors, to: "\(folder)/w.npz")
      let file = try WeightsFile(path: "\(folder)/w.npz")
      #expect(try ImportedModel.inputCount(of: network.layers, in: file) == 3)
      // Each gated linear unit on the way there takes twice as many values as it gives.
      let gated: [Layer] = [
        .gatedLinear(GatedLinear()),
        .residual(
          Residual {
            GatedLinear(); Dense(6)
          }),
      ]
      #expect(try ImportedModel.inputCount(of: gated, in: file) == 12)
    }
  }

  private let layer = Network(inputs: 2) { Dense(1) }

  private func scaled(_ scaler: [(String, [Float])], isSorted: Bool = false) throws -> ImportedModel {
    let tensors = scaler.map { Tensor(name: $0.0, shape: [$0.1.count], values: $0.1) }
    return try imported(
      [tensor("0.weight", [1, 2]), tensor("0.bias", [1])] + tensors, as: layer, isSorted: isSorted)
  }

  private func expect(
    _ transform: FeatureTransform, scale: [Float], shift: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(transform.scale == scale && transform.shift == shift, sourceLocation: sourceLocation)
  }

  @Test("a scaler of scikit-learn scales the features, whichever it is and whatever stands before its names")
  func scalers() throws {
    let standard = try scaled([
      ("scaler.mean_", [2, -4]), ("scaler.scale_", [4, 0.5]), ("scaler.var_", [16, 0.25]),
      ("scaler.n_samples_seen_", [9]),
    ])
    expect(standard.model.transform, scale: [0.25, 2], shift: [-0.5, 8])
    #expect(standard.scalerTensors.map(\.name) == ["scaler.mean_", "scaler.scale_"])
    #expect(standard.origins.map(\.source) == ["0.weight", "0.bias"])
    let sorted = try scaled([("mean_", [2, -4]), ("scale_", [4, 0.5])], isSorted: true)
    #expect(sorted.model.transform == standard.model.transform)
    let robust = try scaled([("pre/center_", [2, -4]), ("pre/scale_", [4, 0.5])])
    #expect(robust.model.transform == standard.model.transform)
    let range = try scaled([("min_", [3, -1]), ("scale_", [4, 0.5])])
    expect(range.model.transform, scale: [4, 0.5], shift: [3, -1])
    // StandardScaler(with_mean=False), and with_std=False.
    expect(try scaled([("scale_", [4, 0.5])]).model.transform, scale: [0.25, 2], shift: [0, 0])
    expect(try scaled([("mean_", [7])]).model.transform, scale: [1, 1], shift: [-7, -7])
    #expect(try scaled([]).model.transform.isIdentity)
  }

  @Test("a scaling that does not fit, or a second one, is refused")
  func unfitScalers() throws {
    func message(_ scaler: [(String, [Float])]) throws -> String {
      "\(try #require(throws: ModelExchangeError.self) { try scaled(scaler) })"
    }
    #expect(try message([("mean_", [1, 2, 3])]).contains("expected mean_ of 2 values, one for each feature, got [3]"))
    #expect(
      try message([("mean_", [1, 2]), ("center_", [1, 2])]).contains("mean_ and center_ are of several scalers"))
    #expect(try message([("a.mean_", [1, 2]), ("b.mean_", [1, 2])]).contains("are of several scalers"))
    #expect(try message([("mean_", [1, .nan])]).contains("expected a finite mean and deviation, got nan and 1.0"))
    let transform = try FeatureTransform(means: [2, -4], deviations: [4, 0])
    // A feature that never varied is only shifted.
    expect(transform, scale: [0.25, 1], shift: [-0.5, 4])
    let tensors = [tensor("0.weight", [1, 2]), tensor("0.bias", [1])]
    #expect(try imported(tensors, as: layer, transform: transform).model.transform == transform)
    let both = try #require(throws: ModelExchangeError.self) {
      try imported(tensors + [tensor("mean_", [2])], as: layer, isSorted: false, transform: transform)
    }
    #expect(both.message.contains("has a scaler of its own, mean_, and another was given"))
    let embedding = Network(inputs: 2) {
      Embedding(column: 1, categories: 3, width: 2)
      Dense(1)
    }
    let embedded = [tensor("0.weight", [3, 2]), tensor("1.weight", [1, 3]), tensor("1.bias", [1])]
    let refusal = try #require(throws: ModelExchangeError.self) {
      try imported(embedded, as: embedding, transform: transform)
    }
    #expect(refusal.message.contains("feature 1 holds numbers of categories for"))
    let left = try FeatureTransform(means: [2, 0], deviations: [4, 1])
    #expect(try imported(embedded, as: embedding, transform: left).model.transform == left)
  }

  @Test("a model's own weights come back with the same bits, whichever way they went")
  func roundTrip() throws {
    let model = try SmallModel.model()
    for isSorted in [false, true] {
      let tensors = model.weightTensors
      let found = try imported(tensors, as: model.network, isSorted: isSorted)
      #expect(found.model.weightsSHA256() == model.weightsSHA256())
    }
  }

  @Test("weights that are no numbers are refused, by their place")
  func notFinite() throws {
    var tensors = torch(["0", "1", "2", "3"])
    tensors[8] = Tensor(name: "3.weight", shape: [2, 2], values: [1, 2, .nan, 4])
    let error = try #require(throws: ModelExchangeError.self) { try imported(tensors, as: network) }
    #expect(
      error.code == .damaged && error.message.hasSuffix("3.weight must hold finite numbers, but element 2 is nan"))
  }

  @Test("what does not fit is refused with both shapes")
  func refused() throws {
    let network = Network(inputs: 3) {
      Dense(4)
      Dense(2)
    }
    let good = [
      tensor("0.weight", [4, 3]), tensor("0.bias", [4]), tensor("1.weight", [2, 4]), tensor("1.bias", [2]),
    ]
    func message(_ tensors: [Tensor], _ names: [String: String] = [:]) throws -> String {
      "\(try #require(throws: ModelExchangeError.self) { try imported(tensors, as: network, names: names) })"
    }
    let turned = try message([tensor("0.weight", [3, 4])] + good.dropFirst())
    #expect(
      turned.contains(
        "expected layers.0 (weight [4, 3], bias [4]), got 0 (weight [3, 4], bias [4]); it is the transpose"))
    #expect(try message(good.filter { $0.name != "1.bias" }).contains("say 'bias: false' for a layer without biases"))
    #expect(try message(Array(good.prefix(2))).contains("the network has 2 layers with weights, but"))
    #expect(try message(good + [tensor("2.weight", [2])]).contains("has 3: layers.0 (weight [4, 3], bias [4]);"))
    #expect(try message(good + [tensor("W", [2])]).contains("the name W does not tell what the tensor [2] is"))
    #expect(try message(good + [tensor("0.gamma", [2])]).contains("two tensors of 0 are its weight"))
    #expect(try message(good, ["layers.7": "0"]).contains("the network has no layer layers.7 with weights"))
    #expect(try message(good, ["layers.0": "fc"]).contains("there is no layer fc"))
  }
}
