import Glibc
import ModelExchange
import Testing
import TrainingData

@Suite("Arrays written for NumPy")
struct NumPyFileTests {
  /// Every kind of number that a `Float` can be.
  private static let numbers: [Float] = [
    0, -0.0, 1.5, -.infinity, .nan, Float(bitPattern: 0x7fc0_1234), .leastNonzeroMagnitude, .greatestFiniteMagnitude,
  ]
  private static let arrays: [NumPyFile.Named] = [
    ("layers.0.weight", NumberArray(shape: [2, 4], elements: .float32(numbers))),
    ("labels", NumberArray(shape: [3], elements: .int32([-1, .max, .min]))),
    ("bytes", NumberArray(shape: [2, 1, 2], elements: .uint8([0, 1, 254, 255]))),
    ("scalar", NumberArray(shape: [], elements: .float32([7]))),
    ("nothing", NumberArray(shape: [0, 3], elements: .float32([]))),
  ]

  @Test("an archive is read back bit by bit, stored or deflated", arguments: [false, true])
  func archive(isCompressed: Bool) throws {
    try withFolder { folder in
      let path = "\(folder)/a.npz"
      try NumPyFile.writeArchive(Self.arrays, to: path, isCompressed: isCompressed)
      let archive = try NPZArchive(path: path)
      #expect(archive.names == Self.arrays.map(\.name))
      for (name, array) in Self.arrays {
        let found = try archive.array(name)
        #expect(found.shape == array.shape && found.storedType == array.storedType, "\(name)")
        #expect(found.floats.map(\.bitPattern) == array.floats.map(\.bitPattern), "\(name)")
      }
      let bytes = try File.read(path)
      try NumPyFile.writeArchive(Self.arrays, to: path, isCompressed: isCompressed)
      #expect(try File.read(path) == bytes)
      #expect(try File.names(in: folder) == ["a.npz"])
    }
  }

  @Test("a file of one array has NumPy's header, its elements begin on a line, and it is read back")
  func file() throws {
    try withFolder { folder in
      let path = "\(folder)/a.npy",
        array = NumberArray(shape: [2, 2], elements: .float32([1.5, -0.0, 3, .leastNonzeroMagnitude]))
      try NumPyFile.write(array, to: path)
      let bytes = try File.read(path), features = try FeatureStorage.npy(path)
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
      #expect(bytes[10...].starts(with: header.utf8) && bytes.count == 128 + 16 && bytes[127] == UInt8(ascii: "\n"))
      #expect(bytes.prefix(10) == [0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0])
      let found = (0..<4).map { features[sample: $0 / 2, feature: $0 % 2].bitPattern }
      #expect(found == array.floats.map(\.bitPattern))
      #expect(try NPYContents(path: path).arrays.map(\.shape) == [[2, 2]])
    }
  }

  @Test("a file that cannot be written is refused, and leaves what was there")
  func refused() throws {
    try withFolder { folder in
      for path in ["\(folder)/no/a.npz", "\(folder)/", "", "\(folder)\0/a.npz"] {
        let error = try #require(throws: ModelExchangeError.self) { try NumPyFile.writeArchive(Self.arrays, to: path) }
        #expect(error.code == .writeFailed, "\(error)")
      }
      try File.write([1, 2, 3], to: "\(folder)/a.npy")
      var call = 1
      while true {
        let files = FaultyFiles(SystemFiles(), .refusal(call: call, errorNumber: ENOSPC))
        do throws(ModelExchangeError) {
          try NumPyFile.write(Self.arrays[0].array, to: "\(folder)/a.npy", files: files)
        } catch {
          #expect(error.message.contains("No space left on device"), "call \(call)")
        }
        // The first call removes what nobody left; the last ones close, and make the new name durable.
        let bytes = try File.read("\(folder)/a.npy")
        #expect(bytes == [1, 2, 3] || bytes == Self.arrays[0].array.npyBytes, "call \(call)")
        if files.callCount < call { break }
        call += 1
      }
      #expect(call > 6)
      #expect(try File.names(in: folder) == ["a.npy"])
    }
  }
}
