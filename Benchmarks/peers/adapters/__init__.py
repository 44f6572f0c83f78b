"""The peers: who they are, and which versions are installed.

A peer takes its number of threads when it is imported: call `harness.threads.limit` before `load`.
"""

import importlib
import importlib.metadata
import platform

TRAINING = ["pytorch", "jax", "keras", "scikit_learn"]
LEARNERS = ["pytorch", "jax", "keras"]  # on real samples, epoch by epoch
INFERENCE = ["onnxruntime", "pytorch"]
ALL = [*TRAINING, "onnxruntime"]
TITLES = {"pytorch": "PyTorch", "jax": "JAX", "keras": "Keras", "scikit_learn": "scikit-learn",
          "onnxruntime": "ONNX Runtime", "fascicle": "Fascicle"}
TENSORFLOW = "tensorflow-cpu" if platform.machine() == "x86_64" else "tensorflow"
PACKAGES = {"pytorch": ["torch"], "jax": ["jax", "jaxlib"], "keras": ["keras", TENSORFLOW],
            "scikit_learn": ["scikit-learn", "numpy"], "onnxruntime": ["onnxruntime"]}


def load(name, job="training"):
  """Imports the peer's module for the job, or ends the process with a sentence."""
  try:
    return importlib.import_module(f"adapters.{job}.{name}")
  except ImportError as error:
    raise SystemExit(f"{TITLES[name]} is not installed here ({error}); README.md tells how to install it.")


def version(name):
  """The installed versions, as in `keras 3.15.1, tensorflow-cpu 2.21.0`; None when the peer is not installed."""
  try:
    return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES[name])
  except importlib.metadata.PackageNotFoundError:
    return None
