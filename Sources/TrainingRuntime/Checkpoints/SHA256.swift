import CLibcrypto

/// SHA-256 of bytes that come piece by piece.
package final class SHA256 {
  private let context = EVP_MD_CTX_new()

  /// Bytes of a digest.
  package static let byteCount = 32

  /// Begins a digest.
  package init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes the next bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.baseAddress else { return }
    EVP_DigestUpdate(context, first, bytes.count)
  }

  /// The digest of all bytes; call it once.
  package func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &length)
    return Array(digest.prefix(Int(length)))
  }

  /// The digest of some bytes.
  package static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// A digest in hexadecimal.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
