import Fascicle
import Glibc
import Testing

@Suite("Training on a mapped file")
struct MappedTrainingTests {
  /// An IDX pair of 600 random samples of 2,000 bytes: some pages to a window.
  private final class Files {
    static let (rows, width) = (600, 2000)
    let images: String
    let labels: String
    private let folder: String

    init() throws {
      var template = Array("/tmp/fascicle-mapped-XXXXXX".utf8CString)
      precondition(mkdtemp(&template) != nil, "no temporary folder")
      folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      images = "\(folder)/images"
      labels = "\(folder)/labels"
      var random = PhiloxStream(seed: 4, stream: 1)
      let pixels = (0..<Self.rows * Self.width).map { _ in UInt8(random.next(below: 256)) }
      let classes = (0..<Self.rows).map { pixels[$0 * Self.width] / 90 }
      try Self.write(images, dimensions: [Self.rows, Self.width], pixels)
      try Self.write(labels, dimensions: [Self.rows], classes)
    }

    deinit {
      for path in [images, labels] { unlink(path) }
      rmdir(folder)
    }

    private static func write(_ path: String, dimensions: [Int], _ elements: [UInt8]) throws {
      let counts = dimensions.flatMap {
        [UInt8($0 >> 24), UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)]
      }
      let bytes = [0, 0, 0x08, UInt8(dimensions.count)] + counts + elements
      let file = try #require(fopen(path, "w"))
      defer { fclose(file) }
      try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    func dataset(isMapped: Bool) throws -> Dataset {
      try .idx(images: images, labels: labels, classCount: 3, isMapped: isMapped)
    }
  }

  private func trainer(window: Int?, workers: Int = 2) throws -> Trainer {
    let network = Network(inputs: Files.width) {
      Dense(16, activation: .tanh)
      Dense(3, activation: .softmax)
    }
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.01), normalization: .standardizeFeatures,
      seed: 3, runtime: .unpinned(workers))
    trainer.shuffleWindow = window
    return trainer
  }

  @Test(
    "gives the bits of training in memory, for any window and number of workers", arguments: [nil, 50, 128, 599, 600])
  func sameBits(window: Int?) throws {
    let files = try Files()
    func digest(isMapped: Bool, workers: Int) throws -> String {
      let trainer = try trainer(window: window, workers: workers)
      let data = DataSubset(allOf: try files.dataset(isMapped: isMapped))
      let history = try trainer.fit(data, epochs: 3, batchSize: 32, validation: .fraction(0.2))
      #expect(try trainer.evaluate(data).loss.isFinite)
      return trainer.weightsSHA256() + "\(history.epochs.map(\.validation?.loss))"
    }
    let expected = try digest(isMapped: false, workers: 1)
    for workers in [1, 2, 3] { #expect(try digest(isMapped: true, workers: workers) == expected, "\(workers) workers") }
  }

  @Test("another window is another order")
  func windows() throws {
    let files = try Files(), data = DataSubset(allOf: try files.dataset(isMapped: false))
    let digests = try [nil, 50, 128, 600].map { window in
      let trainer = try trainer(window: window)
      _ = try trainer.fit(data, epochs: 1, batchSize: 32)
      return trainer.weightsSHA256()
    }
    #expect(Set(digests).count == 3 && digests[0] == digests[3])
  }

  @Test("goes on from a kept state, and refuses one of another window")
  func resume() throws {
    let files = try Files(), data = DataSubset(allOf: try files.dataset(isMapped: true))
    let whole = try trainer(window: 128), stopped = try trainer(window: 128), store = MemoryStore()
    _ = try whole.fit(data, epochs: 2, batchSize: 32)
    // A run that is stopped keeps its state, however busy the machine is.
    _ = try stopped.fit(data, epochs: 2, batchSize: 32, checkpoints: Checkpoints(store)) { event in
      if case .firstStepDone = event { .stop } else { .proceed }
    }
    let state = try #require(store.states.last?.state)
    #expect(state.steps < 19, "in the midst of an epoch")
    let goesOn = try trainer(window: 128, workers: 1)
    _ = try goesOn.fit(data, epochs: 2, batchSize: 32, resuming: state)
    #expect(goesOn.weightsSHA256() == whole.weightsSHA256())
    let other = try trainer(window: 64)
    let error = #expect(throws: TrainingRuntimeError.self) {
      _ = try other.fit(data, epochs: 2, batchSize: 32, resuming: state)
    }
    #expect(error?.message.contains("shuffleWindow") == true, "\(String(describing: error))")
  }

  /// Cuts the file after the first epoch.
  private final class Scissors: TrainingCallback {
    let path: String
    init(_ path: String) { self.path = path }
    func epochEnded(_ report: EpochReport, of trainer: Trainer) -> TrainingCommand {
      truncate(path, 8192) == 0 ? .proceed : .stop
    }
  }

  @Test("ends with a sentence when the file is cut short, and keeps nothing of what came after", arguments: [1, 2])
  func cutShort(workers: Int) throws {
    let files = try Files(), data = DataSubset(allOf: try files.dataset(isMapped: true)), store = MemoryStore()
    let trainer = try trainer(window: 128, workers: workers)
    let error = #expect(throws: TrainingDataError.self) {
      _ = try trainer.fit(
        data, epochs: 5, batchSize: 32, checkpoints: Checkpoints(store, rule: CheckpointRule(everySteps: 1)),
        callbacks: [Scissors(files.images)])
    }
    #expect(error?.code == .truncated && error?.message.contains("cut short") == true)
    #expect(store.states.last?.state.epochs == 1 && store.states.last?.state.steps == 19)
  }

  @Test("a window below one sample is refused")
  func noWindow() throws {
    let files = try Files(), trainer = try trainer(window: 0)
    let error = #expect(throws: TrainingRuntimeError.self) {
      _ = try trainer.fit(DataSubset(allOf: try files.dataset(isMapped: false)), epochs: 1)
    }
    #expect(error?.message.contains("shuffle window") == true)
  }
}
