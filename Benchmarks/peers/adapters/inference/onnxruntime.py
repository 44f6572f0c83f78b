"""ONNX Runtime: a plain `run`, and one with inputs and outputs bound to memory beforehand."""

import itertools

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from harness import threads
from harness.batches import random_weights

MODES = ["bound", "run"]


def caller(workload, mode, batches):
  session = make_session(workload)
  make = {"run": lambda inputs: lambda: session.run(None, {"inputs": inputs}),
          "bound": lambda inputs: bound(session, inputs)}[mode]
  supply = itertools.cycle([make(inputs) for inputs in batches])
  return lambda: next(supply)()


def bound(session, inputs):
  binding = session.io_binding()
  binding.bind_cpu_input("inputs", inputs)
  binding.bind_output("outputs", "cpu")
  return lambda: session.run_with_iobinding(binding)


def make_session(workload):
  options = onnxruntime.SessionOptions()
  options.intra_op_num_threads = threads.available()
  options.add_session_config_entry("session.set_denormal_as_zero", "1")
  return onnxruntime.InferenceSession(make_model(workload).SerializeToString(), options,
                                      providers=["CPUExecutionProvider"])


def make_model(workload):
  """Writes the network as matrix products with bias (Gemm), ReLU between them, and softmax where it classifies."""
  nodes, constants, last = [], [], "inputs"
  for number, (weights, bias) in enumerate(random_weights(workload.layers)):
    constants += [numpy_helper.from_array(weights, f"weights{number}"), numpy_helper.from_array(bias, f"bias{number}")]
    nodes.append(helper.make_node("Gemm", [last, f"weights{number}", f"bias{number}"], [f"sums{number}"]))
    nodes.append(helper.make_node("Relu", [f"sums{number}"], [f"values{number}"]))
    last = f"values{number}"
  nodes[-1] = helper.make_node("Softmax" if workload.classifies else "Identity", [nodes[-1].input[0]], ["outputs"])
  graph = helper.make_graph(nodes, workload.name, [information("inputs", workload.layers[0])],
                            [information("outputs", workload.layers[-1])], constants)
  return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def information(name, width):
  return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
