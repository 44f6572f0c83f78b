import HardwareTopology
import Testing

struct ProcessorSetTests {
  @Test func iteratesInIncreasingOrderWithoutRepeats() {
    let set: ProcessorSet = [130, 3, 64, 3, 0]
    #expect(Array(set) == [0, 3, 64, 130])
    #expect(set.count == 4)
    #expect(set.contains(64) && !set.contains(63) && !set.contains(100_000) && !set.contains(-1))
  }

  @Test func equalMembersMeanEqualSetsWhateverTheirHistory() {
    let shrunk = ProcessorSet([1, 500]).intersection([1, 2])
    #expect(shrunk == [1])
    #expect(shrunk.hashValue == ProcessorSet([1]).hashValue)
    #expect(ProcessorSet([200]).intersection([1]).isEmpty)
  }

  @Test func aUnionHasTheMembersOfBoth() {
    var set: ProcessorSet = [1, 70]
    set.formUnion([0, 1, 200])
    #expect(set == [0, 1, 70, 200])
    set.formUnion([])
    #expect(set == [0, 1, 70, 200])
  }

  @Test func indicesThatNoMachineHasAreNoMembers() {
    let set: ProcessorSet = [-1, .min, .max, ProcessorSet.capacity, ProcessorSet.capacity - 1]
    #expect(Array(set) == [ProcessorSet.capacity - 1])
  }

  @Test(
    arguments: [
      ([], "none"), ([5], "5"), ([0, 1, 2, 3, 8], "0-3,8"), ([0, 2, 4], "0,2,4"), ([62, 63, 64, 65], "62-65"),
    ] as [([Int], String)])
  func describesItselfAsAList(members: [Int], list: String) {
    #expect(ProcessorSet(members).description == list)
  }

  @Test(arguments: ["", "0-3,8", "7", "1,3,5-6"])
  func readsTheListItWrites(list: String) throws {
    let set = try #require(ProcessorSet(list: list))
    #expect(set.description == (list.isEmpty ? "none" : list))
  }

  @Test(arguments: ["a", "1,", "3-1", "-1", "1-2-3", " 1", "0-65536", "99999999999999999999"])
  func refusesTextThatIsNoList(list: String) {
    #expect(ProcessorSet(list: list) == nil)
  }

  @Test func keepsItsMembersThroughTheKernelsForm() {
    let set: ProcessorSet = [0, 63, 64, 127]
    let words: [UInt64] = [1 << 63 | 1, 1 << 63 | 1, 0, 0]
    #expect(set.words(atLeast: 4) == words)
    #expect(ProcessorSet(words: words) == set)
    #expect(ProcessorSet(words: Array(repeating: .max, count: 2_000)).count == ProcessorSet.capacity)
  }

  @Test func listsKeepTheirOwnOrder() {
    #expect(ProcessorSet.list([4, 5, 6, 0, 2]) == "4-6,0,2")
  }
}
