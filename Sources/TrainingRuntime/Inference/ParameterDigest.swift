import CLibcrypto
import PerceptronModel

extension NetworkProgram {
  /// SHA-256 over all parameters in layer order, in hexadecimal: weights row-major `[output][input]`, then biases, then
  /// learned slopes, then running means and variances, as little-endian IEEE singles, whatever the layout in memory.
  func sha256(ofParameters vector: UnsafePointer<Float>) -> String {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    for index in stages.indices {
      let parameters = parameters(ofStage: index, in: vector)
      for values in [
        parameters.weights, parameters.bias, parameters.slopes, parameters.runningMean, parameters.runningVariance,
      ] {
        let words = values.map(\.bitPattern.littleEndian)
        words.withUnsafeBytes { bytes in _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
      }
    }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &length)
    return digest.prefix(Int(length)).map(Self.hexadecimal).joined()
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }
}
