/// Which buffer each stage of a way forward writes, so that no value is lost that a later stage still reads.
///
/// Buffer 0 is the network's input. A plain network takes two more, in turns; what a residual connection will add keeps a
/// buffer until then.
struct InferenceBuffers: Sendable, Hashable {
  /// For each stage, the buffer of its output; that of its input where nothing changes or a stage works in place.
  let destinations: [Int]
  /// For each stage, the buffer that it adds.
  let added: [Int?]
  /// Buffers besides the input's.
  let count: Int

  init(_ program: NetworkProgram) {
    let stages = program.stages
    // By value: that of stage v stands at v + 1, the network's input at 0.
    var lastUses = stages.indices.map { $0 } + [stages.count]
    for (index, stage) in stages.enumerated() {
      if case .add(let source) = stage.operation { lastUses[source + 1] = max(lastUses[source + 1], index) }
    }
    var places = [0], added: [Int?] = []
    for (index, stage) in stages.enumerated() {
      let input = places[index]
      func isRead(_ buffer: Int, from first: Int) -> Bool {
        places.indices.contains { places[$0] == buffer && lastUses[$0] >= first }
      }
      if case .add(let source) = stage.operation { added.append(places[source + 1]) } else { added.append(nil) }
      if stage.operation.isIdentityForAnswers {
        places.append(input)
      } else if stage.dense == nil, stage.operation.worksInPlace, !isRead(input, from: index + 1) {
        places.append(input)
      } else {
        var free = 1
        while isRead(free, from: index) { free += 1 }
        places.append(free)
      }
    }
    destinations = Array(places.dropFirst())
    self.added = added
    count = max(2, places.max() ?? 0)
  }
}
