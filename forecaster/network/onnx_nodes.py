"""Builder of an ONNX graph: adds nodes and constants, and serializes them."""

import numpy as np
from numpy.typing import NDArray

from forecaster.network.names import Weights
from forecaster.network.onnx_format import Attribute, Size, write_graph, write_model, write_node, write_tensor

__all__ = ["Graph"]

OPSET, IR_VERSION = 17, 9
"""Old enough for every ONNX Runtime that the project allows."""


class Graph:
    """Collects nodes and constants; each method returns the name of what it added."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[bytes] = []
        self.constants: dict[str, bytes] = {}

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """A node with one output."""
        return self.add_many(operator, *inputs, outputs=1, **attributes)[0]

    def add_many(self, operator: str, *inputs: str, outputs: int, **attributes: Attribute) -> list[str]:
        """A node with several outputs."""
        names = [
            f"{self.prefix}{operator}_{len(self.nodes)}" + (f"_{number}" if number else "") for number in range(outputs)
        ]
        self.nodes.append(write_node(operator, inputs, names, attributes=attributes))
        return names

    def add_output(self, name: str, operator: str, *inputs: str, **attributes: Attribute) -> None:
        """The node that computes the output `name` of the graph."""
        self.nodes.append(write_node(operator, inputs, [name], attributes=attributes))

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
        self.constants[name] = write_tensor(name, values)
        return name

    def write(self, name: str, *, inputs: dict[str, Size], outputs: dict[str, Size]) -> bytes:
        """The graph, as a part of a model or the body of a loop."""
        return write_graph(name, self.nodes, constants=self.constants.values(), inputs=inputs, outputs=outputs)

    def serialize(self, *, inputs: dict[str, Size], outputs: dict[str, Size]) -> bytes:
        """The content of an ONNX file."""
        return write_model(self.write("forecast", inputs=inputs, outputs=outputs), opset=OPSET, ir_version=IR_VERSION)
