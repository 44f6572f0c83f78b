"""Fascicle beside its peers, one comparison a module, each with a `run(session)` that returns a section of the page."""

NAMES = ["throughput", "memory", "startup", "accuracy", "inference"]
EXPLANATIONS = {
  "throughput": "samples a second of training steps",
  "memory": "the largest memory of a training process",
  "startup": "from the start of the process to the first training step",
  "accuracy": "training time to an accuracy on Fashion-MNIST's test images",
  "inference": "latency of one sample, throughput of 1024",
}
