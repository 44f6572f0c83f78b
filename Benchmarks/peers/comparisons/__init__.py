"""Fascicle beside its peers, one comparison a module.

Each has a `run(session)` that yields after every finished piece: its section of the page so far, and warnings.
"""

NAMES = ["throughput", "memory", "startup", "accuracy", "inference"]
EXPLANATIONS = {
  "throughput": "samples a second of training steps",
  "memory": "the largest memory of a training process",
  "startup": "from the start of the process to the first training step",
  "accuracy": "training time to an accuracy on Fashion-MNIST's test images",
  "inference": "latency of one sample, throughput of 1024",
}
