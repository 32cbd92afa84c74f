"""One recurrent layer of each cell as ONNX nodes: a built-in operator where ONNX has one.

The equations are those of `cells`. ONNX has LSTM (with peepholes, and with input and forget gate coupled), GRU
and RNN; the depth-gated cell is a Scan, a loop over time within the runtime.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.network.names import Weights
from forecaster.network.onnx_nodes import Graph
from forecaster.settings import NetworkShape

__all__ = ["add_layer"]

Array = NDArray[np.floating]


def add_layer(
    graph: Graph, steps: str, below: str | None, *, weights: Weights, shape: NetworkShape
) -> tuple[str, str | None]:
    """Add a layer over `steps` [time, batch, hidden]; the names of its outputs, and of its cell states if known.

    `below` names the cell states of the layer below.
    """
    if shape.cell == "depth-gated":
        return _add_depth_gated(graph, steps, below, weights=weights)
    match shape.cell:
        case "lstm":
            blocks = _take_blocks(weights, "ifgo", wanted="iofg")
            out = graph.add("LSTM", steps, *_name_all(graph, blocks), hidden_size=shape.hidden)
        case "gru":
            # linear_before_reset: r multiplies U h and its bias, as in torch
            blocks = _take_blocks(weights, "rzn", wanted="zrn")
            out = graph.add("GRU", steps, *_name_all(graph, blocks), hidden_size=shape.hidden, linear_before_reset=1)
        case "rnn":
            out = graph.add(
                "RNN", steps, *_name_all(graph, _take_blocks(weights, "h", wanted="h")), hidden_size=shape.hidden
            )
        case "peephole":
            blocks = _take_blocks(weights, "ifgo", wanted="iofg")
            nothing = np.zeros(shape.hidden, np.float32)
            looks = [weights.get(f"peepholes.{gate}", nothing) for gate in ("input", "output", "forget")]
            peepholes = _name(graph, np.concatenate(looks)[None])
            # no sequence lengths, no initial states
            out = graph.add("LSTM", steps, *_name_all(graph, blocks), "", "", "", peepholes, hidden_size=shape.hidden)
        case "coupled":
            # the forget gate's block must be present, but is not used
            blocks = _take_blocks(weights, "igo", wanted="io0g")
            out = graph.add("LSTM", steps, *_name_all(graph, blocks), hidden_size=shape.hidden, input_forget=1)
        case _:
            raise ValueError(f"{shape.cell}: a cell without an ONNX layer")
    return graph.add("Squeeze", out, graph.integers(1)), None  # [time, batch, hidden]


def _name(graph: Graph, values: Array) -> str:
    return graph.constant(f"constant_{len(graph.constants)}", values)


def _name_all(graph: Graph, blocks: tuple[Array, ...]) -> list[str]:
    return [_name(graph, values[None]) for values in blocks]


def _take_blocks(weights: Weights, gates: str, *, wanted: str) -> tuple[Array, Array, Array]:
    """W, R and B with the blocks of `gates` in the order `wanted`, where 0 is a block of zeros."""
    if "weight_ih_l0" in weights:
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        inputs, recurrent, bias, more = (weights[name] for name in names)
    else:
        inputs, recurrent, bias = (weights[name] for name in ("weight_ih", "weight_hh", "bias"))
        more = np.zeros_like(bias)

    def order(values: Array) -> Array:
        blocks = dict(zip(gates, np.split(values, len(gates)), strict=True))
        blocks["0"] = np.zeros_like(blocks[gates[0]])
        return np.concatenate([blocks[gate] for gate in wanted])

    return order(inputs), order(recurrent), np.concatenate([order(bias), order(more)])


def _add_depth_gated(graph: Graph, steps: str, below: str | None, *, weights: Weights) -> tuple[str, str]:
    """A Scan over time with states h and c; it scans the products with the inputs, and the cell states from below."""
    hidden = weights["weight_hh"].shape[1]
    matrix = _name(graph, np.ascontiguousarray(weights["weight_ih"].T))
    bias = _name(graph, weights["bias"])
    products = graph.add("Add", graph.add("MatMul", steps, matrix), bias)  # [time, batch, gate × hidden]
    body = Graph(prefix=f"step_{len(graph.nodes)}_")
    h, c, product, under = (body.prefix + name for name in ("h", "c", "product", "below"))
    scanned = {product: weights["weight_ih"].shape[0], **({under: hidden} if below else {})}
    parts = body.split(product, [4 * hidden, hidden], axis=1) if below else [product]
    recurrent = body.constant("recurrent", np.ascontiguousarray(weights["weight_hh"].T))
    gates = body.add("Add", parts[0], body.add("MatMul", h, recurrent))
    i, f, g, o = body.split(gates, [hidden] * 4, axis=1)
    cell = body.add(
        "Add",
        body.add("Mul", body.add("Sigmoid", f), c),
        body.add("Mul", body.add("Sigmoid", i), body.add("Tanh", g)),
    )
    if below:
        seen = body.add("Mul", c, body.constant("weight_cell", weights["weight_cell"]))
        seen_below = body.add("Mul", under, body.constant("weight_below", weights["weight_below"]))
        depth = body.add("Sigmoid", body.add("Add", body.add("Add", parts[1], seen), seen_below))
        cell = body.add("Add", cell, body.add("Mul", depth, under))
    after = body.add("Mul", body.add("Sigmoid", o), body.add("Tanh", cell))
    # each output of the body needs a name of its own
    results = [body.add("Identity", name) for name in (after, cell, after, cell)]
    sizes = {h: hidden, c: hidden, **scanned}
    scan_body = body.write(
        body.prefix.strip("_"),
        inputs={name: ["batch", size] for name, size in sizes.items()},
        outputs={name: ["batch", hidden] for name in results},
    )
    # zeros of [batch, hidden], for any batch size
    first = graph.add("Slice", products, graph.integers(0), graph.integers(1), graph.integers(0))
    first = graph.add(
        "Slice",
        graph.add("Squeeze", first, graph.integers(0)),
        graph.integers(0),
        graph.integers(hidden),
        graph.integers(1),
    )
    zero = graph.add("Sub", first, first)
    names = graph.add_many(
        "Scan",
        zero,
        zero,
        products,
        *([below] if below else []),
        outputs=4,
        body=scan_body,
        num_scan_inputs=len(scanned),
    )
    return names[2], names[3]
