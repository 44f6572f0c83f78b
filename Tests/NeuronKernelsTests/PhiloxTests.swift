import NeuronKernels
import Testing

/// Known answers are those that the Random123 library publishes in its `kat_vectors` file.
struct PhiloxTests {
  @Test func zeroKeyAndCounterGiveThePublishedBlock() {
    #expect(
      Philox4x32.block(key: 0, counter: (0, 0)) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
  }

  @Test func allOnesGiveThePublishedBlock() {
    #expect(
      Philox4x32.block(key: .max, counter: (.max, .max)) == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
  }

  @Test func digitsOfPiGiveThePublishedBlock() {
    let block = Philox4x32.block(
      key: 0x299f_31d0_a409_3822, counter: (0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e))
    #expect(block == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func aStreamIsTheBlocksOfItsCounterInOrder() {
    var stream = PhiloxStream(seed: 42, stream: 9)
    for block in 0..<3 as Range<UInt64> {
      let expected = Philox4x32.block(key: 42, counter: (block, 9))
      for lane in 0..<4 {
        #expect(stream.nextWord() == expected[lane])
      }
    }
  }

  @Test func aLongWordTakesTheLowHalfFirst() {
    var words = PhiloxStream(seed: 3, stream: 0)
    var longWords = words
    let (low, high) = (words.nextWord(), words.nextWord())
    #expect(longWords.next() == UInt64(high) << 32 | UInt64(low))
  }

  @Test func purposesAndIndicesHaveStreamsOfTheirOwn() {
    let streams = [
      PhiloxStream(seed: 1, purpose: .validationSplit), PhiloxStream(seed: 1, purpose: .epochOrder),
      PhiloxStream(seed: 1, purpose: .epochOrder, index: 1), PhiloxStream(seed: 1, purpose: .parameterInitialization),
      PhiloxStream(seed: 2, purpose: .epochOrder),
    ]
    let firstWords = streams.map { stream in
      var stream = stream
      return stream.next()
    }
    #expect(Set(firstWords).count == streams.count)
  }

  @Test func unitFloatsReachZeroAndStayBelowOne() {
    #expect(Philox4x32.unitFloat(0) == 0)
    #expect(Philox4x32.unitFloat(0xff) == 0)
    #expect(Philox4x32.unitFloat(0x100) == 0x1p-24)
    #expect(Philox4x32.unitFloat(.max) == 1 - 0x1p-24)
  }

  @Test func unitFloatsFillTheIntervalEvenly() {
    var stream = PhiloxStream(seed: 5, stream: 0)
    var histogram = [Int](repeating: 0, count: 16)
    for _ in 0..<64_000 { histogram[Int(stream.nextUnitFloat() * 16)] += 1 }
    // 4,000 expected per bin with a standard deviation of 61; five of them either way.
    #expect(histogram.allSatisfy { (3_694...4_306).contains($0) }, "\(histogram)")
  }

  @Test func boundedIntegersFillTheirRangeEvenlyAndNeverLeaveIt() {
    var stream = PhiloxStream(seed: 6, stream: 0)
    var histogram = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { histogram[Int(stream.next(below: 7))] += 1 }
    #expect(histogram.allSatisfy { (9_500...10_500).contains($0) }, "\(histogram)")
    #expect(stream.next(below: 1) == 0)
  }

  /// With a bound of 3·2³⁰ a mere multiply-and-shift would draw 0 twice as often as 1; a quarter of the words is refused.
  @Test func largeBoundsAreUnbiased() {
    let bound: UInt32 = 3 << 30
    var stream = PhiloxStream(seed: 8, stream: 0)
    var histogram = [0, 0, 0]
    for _ in 0..<30_000 { histogram[Int(stream.next(below: bound) % 3)] += 1 }
    #expect(histogram.allSatisfy { (9_590...10_410).contains($0) }, "\(histogram)")
  }
}
