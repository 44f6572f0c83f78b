import Fascicle

extension TrainingConfiguration {
  init(_ reader: SectionReader) {
    self.init()
    epochs = reader.whole("epochs", default: epochs, in: 1...1_000_000)
    batchSize = reader.whole("batchSize", default: batchSize, in: 1...1 << 30)
    seed = reader.whole("seed", default: seed, in: 0...UInt64.max)
    validation = reader.real("validation", default: validation, expected: "a number from 0 to below 1") {
      $0 >= 0 && $0 < 1
    }
    shuffleWindow = reader.whole("shuffleWindow", orWord: "none", in: 1...1 << 32)
    stratifies = reader.flag("stratify", default: stratifies)
    classWeights = .read(reader)
    earlyStopping = .read(reader)
    clipping = .read(reader)
    transforms = .read(reader)
    diagnosis = reader.flag("diagnosis", default: diagnosis)
    onDivergence =
      reader.choice("onDivergence", default: onDivergence, among: DivergencePolicy.names, make: DivergencePolicy.named)
      ?? onDivergence
    normalization = reader.choice("normalize", default: normalization)
    reader.finish()
    reader.check(clipping.validate, prefix: "training.")
    reader.check(transforms.validate, prefix: "training.")
  }
}
