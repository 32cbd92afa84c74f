"""How a file writes its numbers, so that forecasts are written the same way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NumberStyle", "count_decimals"]

MOST_DECIMALS = 12
"""Numbers with more are results of a computation, whose last digits say nothing of how exact they are."""


@dataclass(frozen=True)
class NumberStyle:
    """What separates cells, the decimal mark, and the most decimals of any number (None: not known)."""

    delimiter: str = ","
    decimal: str = "."
    decimals: int | None = None


def count_decimals(values: NDArray[np.float64]) -> int | None:
    """The most decimals of any of the values, None where that is more than can be counted."""
    left = values[np.isfinite(values)]
    for decimals in range(MOST_DECIMALS + 1):
        left = left[np.round(left, decimals) != left]
        if not len(left):
            return decimals
    return None
