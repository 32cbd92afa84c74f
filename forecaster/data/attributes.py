"""Attributes of the series of a panel: what does not change in time, such as a region or a size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Attributes", "concatenate_attributes"]


@dataclass(frozen=True)
class Attributes:
    """What each series is, by the name of the column.

    numbers     {name: [series] float64}  NaN where missing; yes and no are 1 and 0
    categories  {name: [series] text}     empty where missing
    """

    numbers: Mapping[str, NDArray[np.float64]]
    categories: Mapping[str, NDArray[np.str_]]

    def list_empty(self) -> tuple[str, ...]:
        """Those of which no series has a value."""
        numbers = [name for name, values in self.numbers.items() if np.isnan(values).all()]
        return (*numbers, *(name for name, texts in self.categories.items() if (texts == "").all()))

    def take(self, series: NDArray[Any]) -> "Attributes":
        """Those of some series, each as often as it is named."""
        return Attributes(
            {name: values[series] for name, values in self.numbers.items()},
            {name: values[series] for name, values in self.categories.items()},
        )


def concatenate_attributes(parts: Sequence[Attributes]) -> Attributes:
    """The same attributes of the series of several panels, one after the other; those that one lacks are left out."""
    numbers = [name for name in parts[0].numbers if all(name in part.numbers for part in parts)]
    categories = [name for name in parts[0].categories if all(name in part.categories for part in parts)]
    return Attributes(
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in numbers},
        {name: np.concatenate([part.categories[name] for part in parts]) for name in categories},
    )
