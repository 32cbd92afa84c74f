"""A NumPy version of the network that records its gates, cell states and mix weights.

The equations are those of `cells`, written plainly, step by step. It is for inspection, not for speed: a few
windows at a time, without torch; the torch and the ONNX network are tested against it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.network.names import Weights, take_layer
from forecaster.settings import NetworkShape

__all__ = ["LayerTrace", "NetworkTrace", "trace_layer", "trace_network"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class LayerTrace:
    """Recorded values of one layer, [time, batch, hidden] each.

    `gates` by name, between 0 and 1; `cells` is the cell state, which in a GRU or an RNN is the output
    itself.
    """

    gates: dict[str, Array]
    cells: Array
    outputs: Array


@dataclass(frozen=True)
class NetworkTrace:
    """Recorded values of the network.

    layers     the lowest first
    mix        [batch, horizon, candidate] the weight of each candidate forecast, summing to 1
    quantiles  [batch, horizon, quantile] in noise scales above the level
    """

    layers: list[LayerTrace]
    mix: Array
    quantiles: Array


def trace_network(inputs: Array, candidates: Array, *, weights: Weights, shape: NetworkShape) -> NetworkTrace:
    """Run `inputs` [batch, time, channel] and `candidates` [batch, candidate, horizon], as `Encoded` has them.

    The `weights` must have the names and sizes of `list_sizes`.
    """
    count, horizon = candidates.shape[1:]
    steps = _silu(_linear(inputs, weights, "embedding")).transpose(1, 0, 2)  # [time, batch, hidden]
    layers: list[LayerTrace] = []
    for number in range(shape.layers):
        own = take_layer(weights, number)
        layers.append(trace_layer(steps, weights=own, shape=shape, below=layers[-1].cells if layers else None))
        steps = steps + layers[-1].outputs
    ahead = steps[-horizon:].transpose(1, 0, 2)  # [batch, horizon, hidden]
    out = _linear(_silu(_linear(ahead, weights, "head")), weights, "output")  # [batch, horizon, candidate + quantile]
    logits, centre, increments = np.split(out, [count, count + 1], axis=2)
    mix = np.exp(logits - logits.max(axis=2, keepdims=True))
    mix /= mix.sum(axis=2, keepdims=True)
    median = (mix * candidates.transpose(0, 2, 1)).sum(axis=2, keepdims=True) + centre
    down, up = np.split(np.logaddexp(0, increments), 2, axis=2)
    quantiles = [median - down[:, :, ::-1].cumsum(axis=2)[:, :, ::-1], median, median + up.cumsum(axis=2)]
    return NetworkTrace(layers, mix, np.concatenate(quantiles, axis=2))


def trace_layer(steps: Array, *, weights: Weights, shape: NetworkShape, below: Array | None) -> LayerTrace:
    """Run one layer over `steps` [time, batch, hidden]; `below` are the cell states of the layer below, if any."""
    update = UPDATES[shape.cell]
    hidden = cell = np.zeros_like(steps[0])
    kept: list[tuple[dict[str, Array], Array, Array]] = []
    for number, step in enumerate(steps):
        gates, cell, hidden = update(weights, _StepInputs(step, hidden, cell, None if below is None else below[number]))
        kept.append((gates, cell, hidden))
    names = kept[0][0]
    return LayerTrace(
        {name: np.stack([gates[name] for gates, _, _ in kept]) for name in names},
        np.stack([cells for _, cells, _ in kept]),
        np.stack([outputs for _, _, outputs in kept]),
    )


@dataclass(frozen=True)
class _StepInputs:
    """Inputs of a layer at one step, [batch, hidden] each: x_t, its previous h and c, and c_t of the layer below."""

    step: Array
    hidden: Array
    cell: Array
    below: Array | None


Updated = tuple[dict[str, Array], Array, Array]
"""The gates, c and h after a step."""
Update = Callable[[Weights, _StepInputs], Updated]


def _update_rnn(weights: Weights, now: _StepInputs) -> Updated:
    (product,) = _products(weights, now, gates=1)
    hidden = np.tanh(product)
    return {}, hidden, hidden


def _update_gru(weights: Weights, now: _StepInputs) -> Updated:
    from_input = np.split(now.step @ weights["weight_ih_l0"].T + weights["bias_ih_l0"], 3, axis=1)
    from_hidden = np.split(now.hidden @ weights["weight_hh_l0"].T + weights["bias_hh_l0"], 3, axis=1)
    r, z = (_sigmoid(from_input[gate] + from_hidden[gate]) for gate in (0, 1))
    n = np.tanh(from_input[2] + r * from_hidden[2])
    hidden = (1 - z) * n + z * now.hidden
    return {"reset": r, "update": z}, hidden, hidden


def _update_lstm(weights: Weights, now: _StepInputs) -> Updated:
    i, f, g, o = _products(weights, now, gates=4)
    gates = {"input": _sigmoid(i), "forget": _sigmoid(f), "output": _sigmoid(o)}
    cell = gates["forget"] * now.cell + gates["input"] * np.tanh(g)
    return gates, cell, gates["output"] * np.tanh(cell)


def _update_peephole(weights: Weights, now: _StepInputs) -> Updated:
    i, f, g, o = _products(weights, now, gates=4)
    looks = {gate: weights.get(f"peepholes.{gate}", np.zeros(1)) for gate in ("input", "forget", "output")}
    gates = {
        "input": _sigmoid(i + looks["input"] * now.cell),
        "forget": _sigmoid(f + looks["forget"] * now.cell),
    }
    cell = gates["forget"] * now.cell + gates["input"] * np.tanh(g)
    gates["output"] = _sigmoid(o + looks["output"] * cell)
    return gates, cell, gates["output"] * np.tanh(cell)


def _update_coupled(weights: Weights, now: _StepInputs) -> Updated:
    i, g, o = _products(weights, now, gates=3)
    gates = {"input": _sigmoid(i), "forget": 1 - _sigmoid(i), "output": _sigmoid(o)}
    cell = gates["forget"] * now.cell + gates["input"] * np.tanh(g)
    return gates, cell, gates["output"] * np.tanh(cell)


def _update_depth_gated(weights: Weights, now: _StepInputs) -> Updated:
    width = len(weights["weight_hh"])
    product = now.step @ weights["weight_ih"].T + weights["bias"]
    i, f, g, o = np.split(product[:, :width] + now.hidden @ weights["weight_hh"].T, 4, axis=1)
    gates = {"input": _sigmoid(i), "forget": _sigmoid(f), "output": _sigmoid(o)}
    cell = gates["forget"] * now.cell + gates["input"] * np.tanh(g)
    if now.below is not None:
        looked = product[:, width:] + weights["weight_cell"] * now.cell + weights["weight_below"] * now.below
        gates["depth"] = _sigmoid(looked)
        cell = cell + gates["depth"] * now.below
    return gates, cell, gates["output"] * np.tanh(cell)


UPDATES: dict[str, Update] = {
    "rnn": _update_rnn,
    "gru": _update_gru,
    "lstm": _update_lstm,
    "peephole": _update_peephole,
    "coupled": _update_coupled,
    "depth-gated": _update_depth_gated,
}


def _products(weights: Weights, now: _StepInputs, *, gates: int) -> list[Array]:
    """W x + U h + b of each gate."""
    if "weight_ih_l0" in weights:
        total = now.step @ weights["weight_ih_l0"].T + now.hidden @ weights["weight_hh_l0"].T
        total = total + weights["bias_ih_l0"] + weights["bias_hh_l0"]
    else:
        total = now.step @ weights["weight_ih"].T + now.hidden @ weights["weight_hh"].T + weights["bias"]
    return np.split(total, gates, axis=1)


def _linear(values: Array, weights: Weights, name: str) -> Array:
    return np.asarray(values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _sigmoid(values: Array) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0, -values)))


def _silu(values: Array) -> Array:
    return values * _sigmoid(values)
