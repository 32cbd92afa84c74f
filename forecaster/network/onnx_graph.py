"""The stacked LSTM as an ONNX graph, node by node, for ONNX Runtime.

The graph computes the same as `StackedLSTM.forward`, and a test compares the two. Building it takes
milliseconds; torch's own exporter takes seconds.
"""

import numpy as np

from forecaster.network.names import Weights, take_layer
from forecaster.network.onnx_cells import add_layer
from forecaster.network.onnx_nodes import Graph
from forecaster.settings import NetworkShape

__all__ = ["build_graph"]


def build_graph(
    weights: Weights, *, shape: NetworkShape, candidates: int, quantiles: int, candidates_name: str = "candidates"
) -> bytes:
    """A serialized ONNX model of a `StackedLSTM` with `weights`, named as in its state dict.

    Inputs `inputs` [batch, time, channel] and `candidates` [batch, candidate, horizon]; output `quantiles`
    [batch, horizon, quantile]. Batch, time and horizon can be of any size. Earlier versions had another
    `candidates_name`.
    """
    graph = Graph()
    steps = graph.silu(graph.linear("inputs", weights, "embedding"))
    steps = graph.add("Transpose", steps, perm=[1, 0, 2])  # [time, batch, hidden]
    below: str | None = None
    for number in range(shape.layers):
        out, below = add_layer(graph, steps, below, weights=take_layer(weights, number), shape=shape)
        steps = graph.add("Add", steps, out)
    horizon = graph.add("Slice", graph.add("Shape", candidates_name), graph.integers(2), graph.integers(3))
    begin = graph.add("Neg", horizon)
    ahead = graph.add("Slice", steps, begin, graph.integers(np.iinfo(np.int64).max), graph.integers(0))
    ahead = graph.add("Transpose", ahead, perm=[1, 0, 2])  # [batch, horizon, hidden]
    out = graph.linear(graph.silu(graph.linear(ahead, weights, "head")), weights, "output")
    half = quantiles // 2
    logits, centre, down, up = graph.split(out, [candidates, 1, half, half])
    mix = graph.add("Softmax", logits, axis=2)
    mixed = graph.add("Mul", mix, graph.add("Transpose", candidates_name, perm=[0, 2, 1]))
    median = graph.add("Add", graph.add("ReduceSum", mixed, graph.integers(2), keepdims=1), centre)
    axis = graph.constant("axis", np.array(2, np.int64))
    down = graph.add("CumSum", graph.add("Softplus", down), axis, reverse=1)
    up = graph.add("CumSum", graph.add("Softplus", up), axis)
    parts = [graph.add("Sub", median, down), median, graph.add("Add", median, up)]
    graph.add_output("quantiles", "Concat", *parts, axis=2)
    return graph.serialize(
        inputs={
            "inputs": ["batch", "time", weights["embedding.weight"].shape[1]],
            candidates_name: ["batch", candidates, "horizon"],
        },
        outputs={"quantiles": ["batch", "horizon", quantiles]},
    )
