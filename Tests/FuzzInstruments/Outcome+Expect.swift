import Testing

extension Fuzzer.Outcome {
  /// Expects that no input took longer than a second nor more memory than four times its size and 16 MiB, and that the inputs
  /// were neither all sound nor all refused; prints the figures of a long run.
  public func expectBounds(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(readCount > 0 && readCount < count, sourceLocation: sourceLocation)
    #expect(slowest.time < .seconds(1), "\(slowest.bytes)", sourceLocation: sourceLocation)
    #expect(hungriest.excess < 16 << 20, "\(hungriest.bytes)", sourceLocation: sourceLocation)
    guard Fuzzer.isLong else { return }
    print(
      "\(name): \(count) inputs, \(readCount) read, the slowest \(slowest.time), "
        + "at most \(hungriest.excess >> 10) KiB beyond four times the input")
  }
}
