"""Random changes to the network of a model folder: its numbers and its graph."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

__all__ = ["change_graph", "change_numbers"]


def change_numbers(generator: np.random.Generator, data: bytes) -> tuple[bytes, str]:
    """Set one or all of the numbers of a constant to a value."""
    model = onnx.load_from_string(data)
    constants = [tensor for tensor in model.graph.initializer if tensor.data_type == TensorProto.FLOAT]
    tensor = constants[generator.integers(len(constants))]
    values = np.frombuffer(tensor.raw_data, np.float32).copy()
    value = generator.choice([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e20, 0.0])
    values[:] = value if generator.random() < 0.5 else values
    values[generator.integers(len(values))] = value
    tensor.raw_data = values.tobytes()
    return model.SerializeToString(deterministic=True), f"{value:g} in {tensor.name}"


def change_graph(generator: np.random.Generator, data: bytes) -> tuple[bytes, str]:
    """Change operators, attributes, names, types, sizes, the version; or add a loop without end, or a file."""
    model = onnx.load_from_string(data)
    graph, how = model.graph, str(generator.choice(GRAPH_CHANGES))
    place = ""
    if how in NODE_CHANGES:
        node = graph.node[generator.integers(len(graph.node))]
        place = node.output[0]
        _change_node(graph, node, how, generator)
    elif how in CONSTANT_CHANGES:
        tensor = graph.initializer[generator.integers(len(graph.initializer))]
        place = tensor.name
        _change_constant(graph, tensor, how, generator)
    elif how in VALUE_CHANGES:
        values = graph.input if generator.random() < 0.6 else graph.output
        value = values[generator.integers(len(values))]
        place = value.name
        _change_value(values, value, how)
    elif how == "loop":
        _add_loop(graph)
    else:
        model.opset_import[0].version = int(generator.choice([1, 13, 99]))
    return model.SerializeToString(deterministic=True), f"{how} {place}"


def _add_loop(graph: Any) -> None:
    """A loop that never ends, before all other nodes."""
    outputs = [helper.make_tensor_value_info("more", TensorProto.BOOL, [])]
    inputs = [
        helper.make_tensor_value_info("count", TensorProto.INT64, []),
        helper.make_tensor_value_info("before", TensorProto.BOOL, []),
    ]
    body = helper.make_graph([helper.make_node("Identity", ["before"], ["more"])], "body", inputs, outputs)
    graph.initializer.append(helper.make_tensor("yes", TensorProto.BOOL, [], [True]))
    graph.node.insert(0, helper.make_node("Loop", ["", "yes"], [], body=body))


def _set_attributes(node: Any, generator: np.random.Generator) -> None:
    for attribute in node.attribute:
        attribute.i = int(generator.choice([-1, 0, 5, 2**40]))
    if not node.attribute:
        node.attribute.append(helper.make_attribute("axis", 1))


def _name_file(tensor: Any) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "64")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, text


def _set_sizes(tensor: Any, generator: np.random.Generator) -> None:
    tensor.dims[:] = [int(generator.choice([-1, 0, 1, 3, 2**40])) for _ in tensor.dims]


OPERATORS = ("Softmax", "Neg", "Loop", "If", "NoSuch", "Shape", "Identity", "Expand", "Range", "Sqrt", "Log")
NODE_CHANGES = ("operator", "domain", "attributes", "inputs", "no node", "node twice")
CONSTANT_CHANGES = ("no constant", "type", "sizes", "file")
VALUE_CHANGES = ("name", "type of a value", "no value")
GRAPH_CHANGES = (*NODE_CHANGES, *CONSTANT_CHANGES, *VALUE_CHANGES, "loop", "version")


def _change_node(graph: Any, node: Any, how: str, generator: np.random.Generator) -> None:
    match how:
        case "operator":
            node.op_type = str(generator.choice(OPERATORS))
        case "domain":
            node.domain = "com.microsoft"
        case "attributes":
            _set_attributes(node, generator)
        case "inputs":
            node.input.append(str(generator.choice(["", "nothing", "inputs"])))
        case "no node":
            graph.node.remove(node)
        case "node twice":
            graph.node.append(node)


def _change_constant(graph: Any, tensor: Any, how: str, generator: np.random.Generator) -> None:
    match how:
        case "no constant":
            graph.initializer.remove(tensor)
        case "type":
            tensor.data_type = int(generator.integers(25))
        case "sizes":
            _set_sizes(tensor, generator)
        case "file":
            _name_file(tensor)


def _change_value(values: Any, value: Any, how: str) -> None:
    match how:
        case "name":
            value.name = "another"
        case "type of a value":
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
        case "no value":
            values.remove(value)
