import Fascicle

extension RunConfiguration {
  /// The configuration as plain values, every default filled in.
  public var tree: ConfigurationTree {
    .section([
      .init("data", data.tree),
      .init("network", .section([.init("layers", .list(layers.map(\.tree)))])),
      .init("loss", loss.tree),
      .init("optimizer", optimizer.value.tree),
      .init("schedule", schedule.tree),
      .init("training", training.tree),
      .init("checkpoint", checkpoint?.tree ?? .text("none")),
      .init("runtime", runtime.tree),
    ])
  }

  /// The configuration as YAML, every default filled in; reading it gives the same configuration.
  public var yaml: String { tree.yaml }
}

extension DataConfiguration {
  fileprivate var tree: ConfigurationTree {
    switch source {
    case .digits:
      .section([.init("format", .text("digits"))] + heldOut)
    case .idx(let images, let labels):
      .section(
        [
          .init("format", .text("idx")), .init("images", .text(images)), .init("labels", .text(labels)),
          .init("mapped", .flag(isMapped)),
        ] + weightEntries + heldOut)
    case .npy(let features, let labels):
      .section(
        [
          .init("format", .text("npy")), .init("features", .text(features)), .init("labels", .text(labels)),
          .init("mapped", .flag(isMapped)),
        ] + weightEntries + labelEntries + heldOut)
    case .npz(let arrays):
      .section([.init("format", .text("npz"))] + arrays.entries + weightEntries + labelEntries + heldOut)
    case .table(let table):
      table.tree(heldOut: heldOut)
    case .synthetic(let data):
      .section(
        [
          .init("format", .text(data.shape.rawValue)), .init("samples", .whole(UInt64(max(0, data.samples)))),
          .init("noise", .real(data.noise)),
        ] + (data.shape.choosesClasses ? [.init("classes", .whole(UInt64(max(0, data.classes))))] : []) + [
          .init("seed", .whole(data.seed))
        ] + labelEntries + heldOut)
    }
  }

  private var weightEntries: [ConfigurationTree.Entry] { weights.map { [.init("weights", .text($0))] } ?? [] }

  private var labelEntries: [ConfigurationTree.Entry] { labelScaling.labelEntries }

  /// The part that only watches is said where it has a name of its own.
  private var heldOut: [ConfigurationTree.Entry] {
    (validation.map { [.init("validation", $0.tree)] } ?? []) + [.init("test", test.tree)]
  }
}

extension DataConfiguration.HeldOut {
  fileprivate var tree: ConfigurationTree {
    switch self {
    case .fraction(let fraction): .section([.init("fraction", .real(fraction))])
    case .idx(let images, let labels): .section([.init("images", .text(images)), .init("labels", .text(labels))])
    case .npy(let features, let labels):
      .section([.init("features", .text(features)), .init("labels", .text(labels))])
    case .npz(let arrays): .section(arrays.entries)
    case .table(let file): .section([.init("file", .text(file))])
    case .rows(let selection): selection.tree
    }
  }
}

extension ArchivedArrays {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [("file", file), ("features", features), ("labels", labels)].compactMap { key, value in
      value.map { .init(key, .text($0)) }
    }
  }
}

extension Layer {
  fileprivate var tree: ConfigurationTree {
    switch self {
    case .embedding(let embedding): .section(embedding.entries)
    case .dense(let dense):
      .section(
        [.init("dense", .whole(UInt64(max(0, dense.units))))] + dense.activation.entries + dense.optionEntries)
    case .activation(let activation):
      .section(activation.function.entries + activation.optionEntries)
    case .dropout(let dropout): .section([.init("dropout", .float(dropout.rate))])
    case .alphaDropout(let dropout): .section([.init("alpha_dropout", .float(dropout.rate))])
    case .gaussianNoise(let noise): .section([.init("gaussian_noise", .float(noise.deviation))])
    case .layerNorm(let norm): .section([.init("norm", .text("layer")), .init("epsilon", .float(norm.epsilon))])
    case .rmsNorm(let norm): .section([.init("norm", .text("rms")), .init("epsilon", .float(norm.epsilon))])
    case .batchNorm(let norm): .section(norm.entries)
    case .gatedLinear: .section([.init("activation", .text("glu"))])
    case .residual(let residual): .section([.init("residual", .list(residual.layers.map(\.tree)))])
    }
  }
}

extension ActivationFunction {
  fileprivate var entries: [ConfigurationTree.Entry] {
    [.init("activation", .text(name))]
      + parameters.map { parameter in
        switch parameter.value {
        case .number(let number): .init(parameter.name, .float(number))
        case .word(let word): .init(parameter.name, .text(word))
        }
      }
  }
}

extension TrainingConfiguration {
  fileprivate var tree: ConfigurationTree {
    let entries: [ConfigurationTree.Entry] = [
      .init("epochs", .whole(UInt64(max(0, epochs)))), .init("batchSize", .whole(UInt64(max(0, batchSize)))),
      .init("seed", .whole(seed)), .init("validation", .real(validation)),
      .init("shuffleWindow", shuffleWindow.map { .whole(UInt64(max(0, $0))) } ?? .text("none")),
      .init("stratify", .flag(stratifies)), .init("classWeights", classWeights.tree),
      .init("earlyStopping", earlyStopping?.tree ?? .text("none")),
    ]
    return .section(
      entries + clipping.entries + transforms.entries + [
        .init("diagnosis", .flag(diagnosis)), .init("onDivergence", .text(onDivergence.name)),
        .init("normalize", .text(normalization.rawValue)),
      ])
  }
}

extension RuntimeSettings {
  fileprivate var tree: ConfigurationTree {
    let workerCount: ConfigurationTree =
      switch workers {
      case .automatic: .text("auto")
      case .exactly(let count): .whole(UInt64(max(0, count)))
      }
    let laneCount: ConfigurationTree =
      switch lanes {
      case .automatic: .text("auto")
      case .exactly(let count): .whole(UInt64(max(0, count)))
      }
    return .section([
      .init("workers", workerCount), .init("pin", .flag(pinsWorkers)), .init("smt", .flag(usesSMT)),
      .init("precision", .text(precision.rawValue)), .init("reduction", .text(reduction.rawValue)),
      .init("lanes", laneCount),
    ])
  }
}
