import Glibc
import RunConfiguration
import Testing

@Suite("Configuration files")
struct ConfigurationFileTests {
  /// The configurations in the repository.
  private static var folder: String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return parts.joined(separator: "/") + "/configs"
  }

  @Test("the digits configuration spells out the defaults")
  func digitsAreTheDefault() throws {
    #expect(try RunConfiguration.load(path: Self.folder + "/digits.yaml").tree == RunConfiguration().tree)
  }

  @Test("the Fashion-MNIST configuration is the recipe that its figures are for")
  func fashionRecipe() throws {
    let configuration = try RunConfiguration.load(path: Self.folder + "/fashion-mnist.yaml")
    #expect(
      configuration.network(inputs: 784).description == "784 → 256 relu → 128 relu → 10 softmax")
    #expect(configuration.schedule == .cosine(warmUpEpochs: 0, finalFactor: 0))
    #expect(configuration.optimizer.optimizer.name == "adam")
    #expect(configuration.optimizer.optimizer.learningRate == 0.001)
    #expect((configuration.training.epochs, configuration.training.batchSize) == (20, 128))
    #expect((configuration.training.validation, configuration.training.normalization) == (0.1, .standardize))
  }

  @Test("a file that is not there, or is a folder, or holds something else, gets its own sentence")
  func wrongFiles() throws {
    try withFolder { folder in
      func refusal(_ name: String) -> RunConfigurationError? {
        do { _ = try RunConfiguration.load(path: "\(folder)/\(name)") } catch { return error }
        return nil
      }
      try write([0xff, 0xfe, 0x00], to: "\(folder)/binary.yaml")
      try write([UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20 + 1), to: "\(folder)/large.yaml")
      try write([], to: "\(folder)/empty.yaml")
      try write(Array("\u{feff}loss: mean_squared_error\r\n".utf8), to: "\(folder)/windows.yaml")

      #expect(refusal("none.yaml")?.description == "\(folder)/none.yaml: no such configuration file")
      #expect(refusal("none.yaml")?.code == .missing)
      #expect(refusal("")?.message == "\(folder)/: expected a configuration file, got a directory")
      #expect(refusal("")?.code == .missing)
      #expect(
        refusal("binary.yaml")?.message.hasSuffix("a configuration is UTF-8 text, but this file holds other bytes")
          == true)
      #expect(refusal("large.yaml")?.message.contains("1048576 bytes at most") == true)
      #expect(refusal("empty.yaml")?.message == "\(folder)/empty.yaml: the configuration is empty")
      #expect(refusal("windows.yaml") == nil)
      if geteuid() != 0 {
        chmod("\(folder)/empty.yaml", 0)
        #expect(refusal("empty.yaml")?.message.hasSuffix("this user may not read the configuration file") == true)
      }
    }
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/fascicle-configuration-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    defer {
      for name in ["binary.yaml", "large.yaml", "empty.yaml", "windows.yaml"] { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    try body(folder)
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
