/// What a step is predicted to take with some number of workers, in seconds of the slowest one.
package struct StepPrediction: Sendable, Hashable {
  package let workerCount: Int
  /// How the workers share the samples.
  package let split: PhaseASplit
  /// Gathering and scaling samples.
  package let data: Double
  /// Forward products with their activations, transposed copies and the loss.
  package let forward: Double
  /// Backward products.
  package let backward: Double
  /// Weight gradients and bias sums.
  package let gradient: Double
  /// The optimizer's update, where it takes longer than what hides it, and whatever else a step does with whole tensors.
  package let optimizer: Double
  /// Waiting for lines that other cores have written.
  package let transfer: Double
  /// Barriers, those inside a feature split included.
  package let barrier: Double

  /// All of it.
  package var seconds: Double { data + forward + backward + gradient + optimizer + transfer + barrier }
}
