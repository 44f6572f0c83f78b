"""scikit-learn: `partial_fit`, called for one batch and for eight at once. There is no other precision than single."""

import itertools
import warnings

import numpy
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from threadpoolctl import threadpool_limits

from harness import threads, timing

threadpool_limits(threads.available())
warnings.simplefilter("ignore", ConvergenceWarning)


def modes(workload, precision):
  if precision != "f32":
    return []
  return ["chunk", "batch"] if workload.is_short else ["batch"]


def trainer(workload, mode, batches):
  model = make_model(workload)
  options = {"classes": numpy.arange(workload.layers[-1])} if workload.classifies else {}
  chunk = len(batches) if mode == "chunk" else 1
  groups = [batches[start:start + chunk] for start in range(0, len(batches), chunk)]
  supply = itertools.cycle([joined(group) for group in groups])

  def call():
    inputs, expected = next(supply)
    return model.partial_fit(inputs, expected, **options).loss_

  return timing.Trainer(call, steps_per_call=chunk)


def joined(batches):
  """Returns all inputs and all expected outputs; a single output is a vector here, not a matrix."""
  inputs, expected = (numpy.concatenate(parts) for parts in zip(*batches))
  return inputs, expected.ravel() if expected.ndim == 2 and expected.shape[1] == 1 else expected


def make_model(workload):
  rule = {"adam": {"solver": "adam", "learning_rate_init": 1e-3},
          "sgd": {"solver": "sgd", "learning_rate_init": 1e-3, "momentum": 0.0, "nesterovs_momentum": False},
          "momentum": {"solver": "sgd", "learning_rate_init": 1e-3, "momentum": 0.9, "nesterovs_momentum": False}}
  kind = MLPClassifier if workload.classifies else MLPRegressor
  return kind(hidden_layer_sizes=workload.layers[1:-1], activation="relu", alpha=0.0, batch_size=workload.batch,
              shuffle=False, random_state=7, **rule[workload.optimizer])
