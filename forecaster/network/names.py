"""The type of a network's weights, and their names by layer."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Weights", "take_layer"]

Weights = Mapping[str, NDArray[np.floating]]
"""NumPy arrays by name; during training weights are `TensorWeights` of torch."""
Values = TypeVar("Values")


def take_layer(weights: Mapping[str, Values], number: int) -> dict[str, Values]:
    """The weights of one layer, by the names that they have in the layer itself."""
    prefix = f"layers.{number}."
    return {name.removeprefix(prefix): values for name, values in weights.items() if name.startswith(prefix)}
