"""The stacked LSTM as an ONNX graph, node by node, for ONNX Runtime.

The graph says what `StackedLSTM.forward` says, and a test holds the two together. Building it takes
milliseconds; torch's own exporter takes seconds.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from forecaster.settings import NetworkShape

__all__ = ["build_graph"]

Weights = dict[str, NDArray[np.float32]]

OPSET, IR_VERSION = 17, 9
"""Old enough for every ONNX Runtime that the project allows."""


def build_graph(weights: Weights, *, shape: NetworkShape, bases: int, quantiles: int) -> bytes:
    """A serialized ONNX model of a `StackedLSTM` with `weights`, named as in its state dict.

    Inputs `inputs` [batch, time, channel] and `bases` [batch, base, horizon]; output `quantiles`
    [batch, horizon, quantile]. Batch, time and horizon are free.
    """
    graph = _Graph()
    steps = graph.silu(graph.linear("inputs", weights, "embedding"))
    steps = graph.add("Transpose", steps, perm=[1, 0, 2])  # [time, batch, hidden]
    for layer in range(shape.layers):
        name = f"layers.{layer}"
        out = graph.add(
            "LSTM",
            steps,
            graph.constant(f"{name}.W", _reorder(weights[f"{name}.weight_ih_l0"])[None]),
            graph.constant(f"{name}.R", _reorder(weights[f"{name}.weight_hh_l0"])[None]),
            graph.constant(f"{name}.B", _join_biases(weights, name)[None]),
            hidden_size=shape.hidden,
        )  # [time, 1, batch, hidden]
        out = graph.add("Squeeze", out, graph.integers(1))
        steps = graph.add("Add", steps, out)
    horizon = graph.add("Slice", graph.add("Shape", "bases"), graph.integers(2), graph.integers(3))
    begin = graph.add("Neg", horizon)
    ahead = graph.add("Slice", steps, begin, graph.integers(np.iinfo(np.int64).max), graph.integers(0))
    ahead = graph.add("Transpose", ahead, perm=[1, 0, 2])  # [batch, horizon, hidden]
    out = graph.linear(graph.silu(graph.linear(ahead, weights, "head")), weights, "output")
    half = quantiles // 2
    logits, centre, down, up = graph.split(out, [bases, 1, half, half])
    mix = graph.add("Softmax", logits, axis=2)
    mixed = graph.add("Mul", mix, graph.add("Transpose", "bases", perm=[0, 2, 1]))
    median = graph.add("Add", graph.add("ReduceSum", mixed, graph.integers(2), keepdims=1), centre)
    axis = graph.constant("axis", np.array(2, np.int64))
    down = graph.add("CumSum", graph.add("Softplus", down), axis, reverse=1)
    up = graph.add("CumSum", graph.add("Softplus", up), axis)
    parts = [graph.add("Sub", median, down), median, graph.add("Add", median, up)]
    graph.nodes.append(helper.make_node("Concat", parts, ["quantiles"], axis=2))
    return graph.serialize(
        inputs={
            "inputs": ["batch", "time", weights["embedding.weight"].shape[1]],
            "bases": ["batch", bases, "horizon"],
        },
        outputs={"quantiles": ["batch", "horizon", quantiles]},
    )


class _Graph:
    """Nodes and constants as they are added; each call returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def split(self, value: str, sizes: list[int]) -> list[str]:
        names = [f"Split_{len(self.nodes)}_{part}" for part in range(len(sizes))]
        self.nodes.append(helper.make_node("Split", [value, self.integers(*sizes)], names, axis=2))
        return names

    def linear(self, value: str, weights: Weights, name: str) -> str:
        matrix = self.constant(f"{name}.weight", np.ascontiguousarray(weights[f"{name}.weight"].T))
        product = self.add("MatMul", value, matrix)
        return self.add("Add", product, self.constant(f"{name}.bias", weights[f"{name}.bias"]))

    def silu(self, value: str) -> str:
        return self.add("Mul", value, self.add("Sigmoid", value))

    def integers(self, *values: int) -> str:
        return self.constant("int_" + "_".join(map(str, values)), np.array(values, np.int64))

    def constant(self, name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        self.constants[name] = numpy_helper.from_array(values, name)
        return name

    def serialize(self, *, inputs: dict[str, list[str | int]], outputs: dict[str, list[str | int]]) -> bytes:
        graph = helper.make_graph(
            self.nodes,
            "forecast",
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in outputs.items()],
            list(self.constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def _reorder(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gate blocks from torch's order (input, forget, cell, output) to ONNX's (input, output, forget, cell)."""
    i, f, g, o = np.split(gates, 4)
    return np.concatenate([i, o, f, g])


def _join_biases(weights: Weights, name: str) -> NDArray[np.float32]:
    parts = [_reorder(weights[f"{name}.bias_{kind}_l0"]) for kind in ("ih", "hh")]
    return np.concatenate(parts)
