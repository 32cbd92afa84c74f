"""The cells of one column of covariates, or of attributes of the series, as they were read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.covariates import Wording

__all__ = ["PlainCells"]


@dataclass(frozen=True)
class PlainCells:
    """The cells of one column: `numbers` [row], NaN where missing; for categories None.

    texts   [text]  the categories
    codes   [row]   the category of each cell, -1 where missing
    wording         of numbers that are written as yes and no
    is_per_cent     whether numbers are written with %
    """

    numbers: NDArray[np.float64] | None
    texts: NDArray[np.str_]
    codes: NDArray[np.int64]
    wording: Wording | None = None
    is_per_cent: bool = False
