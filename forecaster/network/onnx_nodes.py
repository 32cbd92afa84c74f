"""Builder of an ONNX graph: adds nodes and constants, and serializes them."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from forecaster.network.names import Weights

__all__ = ["Graph"]

OPSET, IR_VERSION = 17, 9
"""Old enough for every ONNX Runtime that the project allows."""


class Graph:
    """Collects nodes and constants; each method returns the name of what it added."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output."""
        return self.add_many(operator, *inputs, outputs=1, **attributes)[0]

    def add_many(self, operator: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """A node with several outputs."""
        names = [
            f"{self.prefix}{operator}_{len(self.nodes)}" + (f"_{number}" if number else "") for number in range(outputs)
        ]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def split(self, value: str, sizes: list[int], *, axis: int = 2) -> list[str]:
        """`value` in parts of `sizes` along `axis`."""
        return self.add_many("Split", value, self.integers(*sizes), outputs=len(sizes), axis=axis)

    def linear(self, value: str, weights: Weights, name: str) -> str:
        matrix = self.constant(f"{name}.weight", np.ascontiguousarray(weights[f"{name}.weight"].T))
        product = self.add("MatMul", value, matrix)
        return self.add("Add", product, self.constant(f"{name}.bias", weights[f"{name}.bias"]))

    def silu(self, value: str) -> str:
        return self.add("Mul", value, self.add("Sigmoid", value))

    def integers(self, *values: int) -> str:
        return self.constant("int_" + "_".join(map(str, values)), np.array(values, np.int64))

    def constant(self, name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = self.prefix + name
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
