import PerceptronModel

extension NetworkProgram {
  /// SHA-256 over all parameters in layer order, in hexadecimal: weights row-major `[output][input]`, then biases, then
  /// learned slopes, then running means and variances, as little-endian IEEE singles, whatever the layout in memory.
  func sha256(ofParameters vector: UnsafePointer<Float>) -> String {
    let digest = SHA256()
    for index in stages.indices {
      let parameters = parameters(ofStage: index, in: vector)
      for values in [
        parameters.weights, parameters.bias, parameters.slopes, parameters.runningMean, parameters.runningVariance,
      ] {
        let words = values.map(\.bitPattern.littleEndian)
        words.withUnsafeBytes(digest.update)
      }
    }
    return SHA256.hexadecimal(digest.finish())
  }
}
