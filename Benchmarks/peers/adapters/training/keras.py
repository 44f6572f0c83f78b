"""Keras 3 on TensorFlow: `train_on_batch`, a step of one's own in a `tf.function`, and eight such steps in one call;
each with XLA and without."""

import itertools
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # Errors only: the notes on instruction sets are no result.
import keras  # noqa: E402 (the lines above must come first)
import tensorflow  # noqa: E402

from harness import timing  # noqa: E402

WAYS = ["function", "loop", "batch"]


def modes(workload, precision):
  kind = "" if precision == "f32" else "-bf16"
  ways = WAYS if workload.is_short else ["function"]  # The others differ in what a call costs, not a step.
  return [way + compiler + kind for way in ways for compiler in ("-xla", "")]


def trainer(workload, mode, batches):
  model = make_model(workload, mode)
  batches = [(tensorflow.constant(inputs), tensorflow.constant(shaped(expected))) for inputs, expected in batches]
  make = {"batch": batch_trainer, "function": function_trainer, "loop": loop_trainer}[mode.split("-")[0]]
  return make(model, batches, xla="-xla" in mode)


def shaped(expected):
  return expected if expected.ndim == 2 else expected[:, None]


def make_model(workload, mode="", learning_rate=1e-3, seed=7):
  keras.utils.set_random_seed(seed)
  policy = "mixed_bfloat16" if "bf16" in mode else "float32"
  hidden = [keras.layers.Dense(units, activation="relu", dtype=policy) for units in workload.layers[1:-1]]
  last = [keras.layers.Dense(workload.layers[-1], dtype=policy), keras.layers.Activation("linear", dtype="float32")]
  model = keras.Sequential([keras.Input((workload.layers[0],)), *hidden, *last])
  loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if workload.classifies else "mse"
  model.compile(make_optimizer(workload.optimizer, learning_rate), loss, jit_compile="-xla" in mode)
  return model


def make_optimizer(name, learning_rate):
  if name == "adam":
    return keras.optimizers.Adam(learning_rate)
  return keras.optimizers.SGD(learning_rate, momentum=0.9 if name == "momentum" else 0.0)


def batch_trainer(model, batches, xla):
  supply = itertools.cycle(batches)
  return timing.Trainer(lambda: model.train_on_batch(*next(supply)))


def function_trainer(model, batches, xla):
  step, supply = tensorflow.function(make_step(model), jit_compile=xla), itertools.cycle(batches)
  return timing.Trainer(lambda: step(*next(supply)))


def loop_trainer(model, batches, xla):
  step, count = make_step(model), len(batches)
  inputs, expected = (tensorflow.stack(parts) for parts in zip(*batches))

  @tensorflow.function(jit_compile=xla)
  def loop(inputs, expected):
    loss = tensorflow.constant(0.0)
    for number in tensorflow.range(count):
      loss = step(inputs[number], expected[number])
    return loss

  return timing.Trainer(lambda: loop(inputs, expected), steps_per_call=count)


def make_step(model):
  """A step without Keras's metrics and callbacks; the optimizer's variables are made now, outside any function."""
  criterion = keras.losses.get(model.loss)
  model.optimizer.build(model.trainable_variables)

  def step(inputs, expected):
    with tensorflow.GradientTape() as tape:
      loss = tensorflow.reduce_mean(criterion(expected, model(inputs, training=True)))
    variables = model.trainable_variables
    model.optimizer.apply(tape.gradient(loss, variables), variables)
    return loss

  return step


class Learner:
  """Trains on real samples: one function, which gathers its rows, compiled by XLA unless it is to start soon."""

  def __init__(self, workload, learning_rate, data, start_soon=False):
    self.training, self.test = (tuple(map(tensorflow.constant, part)) for part in (data.training, data.test))
    self.workload, self.model = workload, make_model(workload, learning_rate=learning_rate)
    step = make_step(self.model)
    images, labels = self.training
    self.step = tensorflow.function(
      lambda rows: step(tensorflow.gather(images, rows), tensorflow.gather(labels, rows)[:, None]),
      jit_compile=not start_soon)
    self.fresh_memory = [variable.numpy() for variable in self.model.optimizer.variables]

  def start(self, seed):
    """Forgets what was learned, but not what was compiled."""
    self.model.set_weights(make_model(self.workload, seed=seed).get_weights())
    for variable, value in zip(self.model.optimizer.variables, self.fresh_memory):
      variable.assign(value)

  def epoch(self, order):
    """Makes a step on each row of the matrix of sample numbers."""
    for rows in tensorflow.constant(order):
      loss = self.step(rows)
    return float(loss)

  def accuracy(self):
    images, labels = self.test
    return float(tensorflow.reduce_mean(tensorflow.cast(
      tensorflow.equal(tensorflow.argmax(self.model(images), axis=1), labels), tensorflow.float32)))
