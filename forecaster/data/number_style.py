"""How a file writes its numbers, so that forecasts are written the same way."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NumberStyle", "count_decimals", "is_doubtful"]

MOST_DECIMALS = 12
"""Numbers with more are results of a computation, whose last digits say nothing of how exact they are."""
PIECE = 50_000
"""Numbers that are looked at together, as the first ones nearly always tell."""


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


def is_doubtful(values: NDArray[np.float64]) -> bool:
    """Whether plain numbers may have been written with thousands, as 1.235 or 2.000; their text has to tell.

    They are not where one has another number of decimals than three, or a thousand and more before its mark.
    """
    has_mark = False
    for begin in range(0, len(values), PIECE):
        size = np.abs(values[begin : begin + PIECE])
        with np.errstate(invalid="ignore", over="ignore"):
            thousandths = size * 1000
            is_whole = size == np.floor(size)
            is_marked = (size >= 1) & (size < 1000)
            fits = is_whole | (is_marked & (np.abs(thousandths - np.rint(thousandths)) < 1e-6))
        if not (fits | np.isnan(size)).all():
            return False
        has_mark |= bool(is_marked.any())
    return has_mark
