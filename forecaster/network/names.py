"""The weights of a network, and how they are named."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Weights", "take_layer"]

Weights = Mapping[str, NDArray[np.floating]]
"""By name, in NumPy; while a network learns they are `TensorWeights` of torch."""
Values = TypeVar("Values")


def take_layer(weights: Mapping[str, Values], number: int) -> dict[str, Values]:
    """The weights of one layer, by the names that they have in the layer itself."""
    begin = f"layers.{number}."
    return {name.removeprefix(begin): values for name, values in weights.items() if name.startswith(begin)}
