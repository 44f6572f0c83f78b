import Fascicle
import Testing

/// Expects a trainer's model to come back from a folder with its network, weights and answers, and returns the files' texts.
func expectRoundTrip(
  of trainer: Trainer, answering features: [Float], in folder: String
) throws -> (model: String, weights: String) {
  let model = try trainer.model()
  try model.write(folder: folder)
  let read = try TrainedModel(folder: folder)
  #expect(read.network == model.network)
  #expect(read.weightsSHA256() == trainer.weightsSHA256())
  let runtime = RuntimeSettings(workers: .exactly(1), pinsWorkers: false)
  #expect(try Predictor(read, runtime: runtime).predict(features) == trainer.predictor().predict(features))
  return (
    String(decoding: try File.read("\(folder)/model.json"), as: UTF8.self),
    String(decoding: try File.read("\(folder)/model.safetensors"), as: UTF8.self)
  )
}
