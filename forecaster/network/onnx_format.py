"""Write ONNX files: the messages of onnx.proto that a network needs, in the wire format of Protocol Buffers.

Fields are written in the order of their numbers, as the package `onnx` does, so the bytes are the same as from it; a
test compares them. Without that package a model can be checked wherever it is opened: see `forecaster.model.network`.
Sources: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Attribute", "Size", "write_graph", "write_model", "write_node", "write_tensor"]

FLOAT = 1
INT64 = 7
ATTRIBUTE_INT, ATTRIBUTE_GRAPH, ATTRIBUTE_INTS = 2, 5, 7

Attribute = int | Sequence[int] | bytes
"""A number, several, or a graph that was written with `write_graph`."""
Size = Sequence[str | int]
"""Lengths of the axes; a name for one that can be of any length."""


def write_model(graph: bytes, *, opset: int, ir_version: int) -> bytes:
    """The content of a file: a graph from `write_graph` with operators of the version `opset`."""
    operators = _field(1, "") + _field(2, opset)
    return _field(1, ir_version) + _field(7, graph) + _field(8, operators)


def write_graph(
    name: str,
    nodes: Iterable[bytes],
    *,
    constants: Iterable[bytes],
    inputs: Mapping[str, Size],
    outputs: Mapping[str, Size],
) -> bytes:
    """A graph of `nodes` from `write_node`, with `constants` from `write_tensor`; all values are float32."""
    return b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, name),
            *(_field(5, constant) for constant in constants),
            *(_field(11, _write_value(value, size)) for value, size in inputs.items()),
            *(_field(12, _write_value(value, size)) for value, size in outputs.items()),
        ]
    )


def write_node(
    operator: str, inputs: Iterable[str], outputs: Iterable[str], *, attributes: Mapping[str, Attribute]
) -> bytes:
    """A node that computes `outputs` from `inputs`, both by name."""
    return b"".join(
        [
            *(_field(1, name) for name in inputs),
            *(_field(2, name) for name in outputs),
            _field(4, operator),
            *(_field(5, _write_attribute(name, attributes[name])) for name in sorted(attributes)),
        ]
    )


def write_tensor(name: str, values: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    """A constant: its size, its type and its values."""
    kind = INT64 if values.dtype == np.int64 else FLOAT
    sizes = b"".join(_field(1, length) for length in values.shape)
    return sizes + _field(2, kind) + _field(8, name) + _field(9, values.astype(f"<{values.dtype.str[1:]}").tobytes())


def _write_value(name: str, size: Size) -> bytes:
    """An input or an output: its name, its type and its size."""
    axes = b"".join(_field(1, _field(2 if isinstance(axis, str) else 1, axis)) for axis in size)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, axes)))


def _write_attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _field(1, name) + _field(3, value) + _field(20, ATTRIBUTE_INT)
    if isinstance(value, bytes):
        return _field(1, name) + _field(6, value) + _field(20, ATTRIBUTE_GRAPH)
    return _field(1, name) + b"".join(_field(8, one) for one in value) + _field(20, ATTRIBUTE_INTS)


def _field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: its number and the kind of its value, then the value; text and bytes with their length."""
    if isinstance(value, int):
        return _write_number(number << 3) + _write_number(value)
    content = value.encode() if isinstance(value, str) else value
    return _write_number(number << 3 | 2) + _write_number(len(content)) + content


def _write_number(value: int) -> bytes:
    """A number from 0 on, seven bits a byte, the lowest first; the highest bit is set in all but the last."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
