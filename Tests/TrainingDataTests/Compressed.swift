import CZlib

extension [UInt8] {
  /// The bytes as one gzip member.
  var gzipped: [UInt8] { compressed(level: 9, windowBits: 15 + 16) }

  /// The bytes as a bare deflate stream.
  var deflated: [UInt8] { compressed(level: 6, windowBits: -15) }

  /// - Parameter windowBits: zlib's, which say too what stands around the stream.
  private func compressed(level: Int32, windowBits: Int32) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var (input, output) = (self, [UInt8](repeating: 0, count: count + count / 1000 + 1024))
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        let status = deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "could not compress: status \(status)")
        return output.count - Int(stream.avail_out)
      }
    }
    return Array(output[..<written])
  }
}
