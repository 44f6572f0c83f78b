import FuzzInstruments
import Testing
import TrainingData

@Suite("Damaged IDX files")
struct IDXFuzzTests {
  @Test("are read or refused, plain and compressed")
  func idx() {
    let folder = TemporaryFolder()
    let floats = IDXFixture.file(type: 0x0d, dimensions: [2, 1], elements: [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0])
    let seeds = [IDXFixture.images, IDXFixture.labels, floats, IDXFixture.images.gzipped]
    var fuzzer = Fuzzer(seeds: seeds, pieces: ["\0\0\u{8}\u{1}", "\0\0\0\0", "\u{7f}\u{7f}\u{7f}\u{7f}", "\u{1f}"])
    let outcome = fuzzer.run { bytes in
      (try? FeatureStorage.idx(folder.write(bytes, to: "a"))) != nil
    }
    outcome.expectBounds("IDX")
  }
}
