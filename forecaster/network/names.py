"""How the weights of a network are named."""

from collections.abc import Mapping
from typing import TypeVar

__all__ = ["take_layer"]

Values = TypeVar("Values")


def take_layer(weights: Mapping[str, Values], number: int) -> dict[str, Values]:
    """The weights of one layer, by the names that they have in the layer itself."""
    begin = f"layers.{number}."
    return {name.removeprefix(begin): values for name, values in weights.items() if name.startswith(begin)}
