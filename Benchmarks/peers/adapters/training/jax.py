"""JAX: one jitted step, and eight steps in one call (`lax.scan`); the state is donated, so updated in place."""

import itertools

import jax
import jax.numpy as jnp
import numpy

from harness import timing
from harness.batches import random_weights

MODES = {"f32": ["step", "scan"], "bf16": ["bf16", "bf16-scan"]}


def modes(workload, precision):
  return MODES[precision] if workload.is_short else MODES[precision][:1]


def trainer(workload, mode, batches):
  batches = [(jnp.asarray(inputs), jnp.asarray(expected)) for inputs, expected in batches]
  return (scan_trainer if "scan" in mode else step_trainer)(workload, make_step(workload, mode), batches)


def step_trainer(workload, step, batches):
  step, supply = jax.jit(step, donate_argnums=0), itertools.cycle(batches)
  state = new_state(workload)

  def call():
    nonlocal state
    state, loss = step(state, next(supply))
    return loss

  return timing.Trainer(call)


def scan_trainer(workload, step, batches):
  scan = jax.jit(lambda state, batches: last_loss(*jax.lax.scan(step, state, batches)), donate_argnums=0)
  stacked = tuple(jnp.stack(parts) for parts in zip(*batches))
  state = new_state(workload)

  def call():
    nonlocal state
    state, loss = scan(state, stacked)
    return loss

  return timing.Trainer(call, steps_per_call=len(batches))


def last_loss(state, losses):
  return state, losses[-1]


def new_state(workload, seed=7):
  """Returns parameters, and what the optimizer remembers."""
  parameters = [tuple(map(jnp.asarray, pair)) for pair in random_weights(workload.layers, seed)]
  zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
  memory = {"sgd": lambda: (), "momentum": zeros, "adam": lambda: (zeros(), zeros(), jnp.zeros((), jnp.float32))}
  return parameters, memory[workload.optimizer]()


def outputs_of(parameters, inputs, kind):
  values = inputs.astype(kind)
  for number, (weights, bias) in enumerate(parameters):
    values = values @ weights.astype(kind) + bias.astype(kind)
    values = jax.nn.relu(values) if number < len(parameters) - 1 else values
  return values.astype(jnp.float32)


def make_step(workload, mode="step", learning_rate=1e-3):
  """Returns a function of state and batch that returns the next state and the loss."""
  kind = jnp.bfloat16 if "bf16" in mode else jnp.float32
  update = {"sgd": sgd, "momentum": momentum, "adam": adam}[workload.optimizer]

  def loss_of(parameters, inputs, expected):
    outputs = outputs_of(parameters, inputs, kind)
    if workload.classifies:
      return -jnp.mean(jnp.sum(jax.nn.one_hot(expected, outputs.shape[1]) * jax.nn.log_softmax(outputs), axis=1))
    return jnp.mean((outputs - expected) ** 2)

  def step(state, batch):
    parameters, memory = state
    loss, gradients = jax.value_and_grad(loss_of)(parameters, *batch)
    return update(parameters, memory, gradients, learning_rate), loss

  return step


def sgd(parameters, memory, gradients, rate):
  return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), memory


def momentum(parameters, velocities, gradients, rate):
  velocities = jax.tree.map(lambda v, g: 0.9 * v + g, velocities, gradients)
  return jax.tree.map(lambda p, v: p - rate * v, parameters, velocities), velocities


def adam(parameters, memory, gradients, rate):
  means, squares, steps = memory
  steps = steps + 1
  means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
  squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradients)
  first, second = 1 / (1 - 0.9 ** steps), 1 / (1 - 0.999 ** steps)
  new = jax.tree.map(lambda p, m, s: p - rate * m * first / (jnp.sqrt(s * second) + 1e-8), parameters, means, squares)
  return new, (means, squares, steps)


class Learner:
  """Trains on real samples, an epoch in one call: the rows are gathered inside it."""

  def __init__(self, workload, learning_rate, data, start_soon=False):
    self.workload = workload
    self.training, self.test = (tuple(map(jnp.asarray, part)) for part in (data.training, data.test))
    step = make_step(workload, learning_rate=learning_rate)

    def epoch(state, order, images, labels):
      return last_loss(*jax.lax.scan(lambda state, rows: step(state, (images[rows], labels[rows])), state, order))

    self.compiled_epoch = jax.jit(epoch, donate_argnums=0)

  def start(self, seed):
    """Forgets what was learned, but not what was compiled."""
    self.state = new_state(self.workload, seed)

  def epoch(self, order):
    """Makes a step on each row of the matrix of sample numbers."""
    self.state, loss = self.compiled_epoch(self.state, jnp.asarray(order), *self.training)
    return float(loss)

  def accuracy(self):
    outputs = outputs_of(self.state[0], self.test[0], jnp.float32)
    return float(numpy.mean(numpy.asarray(outputs).argmax(axis=1) == numpy.asarray(self.test[1])))
