"""The type of a network's weights, their names by layer, and their sizes."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from forecaster.settings import NetworkShape

__all__ = ["Weights", "list_sizes", "take_layer"]

Weights = Mapping[str, NDArray[np.floating]]
"""NumPy arrays by name; during training weights are `TensorWeights` of torch."""
Values = TypeVar("Values")


def take_layer(weights: Mapping[str, Values], number: int) -> dict[str, Values]:
    """The weights of one layer, by the names that they have in the layer itself."""
    prefix = f"layers.{number}."
    return {name.removeprefix(prefix): values for name, values in weights.items() if name.startswith(prefix)}


def list_sizes(shape: NetworkShape, *, channels: int, candidates: int, quantiles: int) -> dict[str, tuple[int, ...]]:
    """The size of each weight of a `StackedLSTM`, by name."""
    hidden = shape.hidden
    outputs = candidates + quantiles
    sizes: dict[str, tuple[int, ...]] = {"embedding.weight": (hidden, channels), "embedding.bias": (hidden,)}
    for number in range(shape.layers):
        own = _list_layer_sizes(shape, is_lowest=number == 0)
        sizes |= {f"layers.{number}.{name}": size for name, size in own.items()}
    return sizes | {
        "head.weight": (hidden, hidden),
        "head.bias": (hidden,),
        "output.weight": (outputs, hidden),
        "output.bias": (outputs,),
    }


def _list_layer_sizes(shape: NetworkShape, *, is_lowest: bool) -> dict[str, tuple[int, ...]]:
    hidden = shape.hidden
    gates = {"rnn": 1, "gru": 3, "coupled": 3, "depth-gated": 4 if is_lowest else 5}.get(shape.cell, 4)
    if shape.cell in ("lstm", "gru", "rnn"):  # the layers of torch
        matrix, bias = (gates * hidden, hidden), (gates * hidden,)
        return {"weight_ih_l0": matrix, "weight_hh_l0": matrix, "bias_ih_l0": bias, "bias_hh_l0": bias}
    sizes: dict[str, tuple[int, ...]] = {
        "weight_ih": (gates * hidden, hidden),
        "weight_hh": (min(gates, 4) * hidden, hidden),  # the depth gate does not see h
        "bias": (gates * hidden,),
    }
    if shape.cell == "peephole":
        return sizes | {f"peepholes.{gate}": (hidden,) for gate in shape.peepholes}
    if shape.cell == "depth-gated" and not is_lowest:
        return sizes | {"weight_cell": (hidden,), "weight_below": (hidden,)}
    return sizes
