"""Find columns that mark some rows and leave the others blank, such as promotions written as x: a blank means no."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.plain_cells import PlainCells

__all__ = ["Mark", "find_mark"]

MANY, FEWEST = 0.1, 5
"""Share of blank cells in the past, and how many there are at least; fewer may be missing by chance."""


@dataclass(frozen=True)
class Mark:
    """The value that a column has where it is not blank, and 1 and 0 for its cells; NaN where they are missing.

    The future `is_empty` where all its cells are blank.
    """

    text: str
    values: NDArray[np.float64]
    is_empty: bool

    def describe(self, name: str) -> str:
        """What was found out about the column `name`, and what to do where it is not so."""
        read = f"{name}: all cells of the past are {self.text!r} or blank, and a blank one is read as no"
        if self.is_empty:
            return (
                f"{read}; those of the future are all blank, as if nobody had filled them in: write 0 in them, or use "
                "--future-fill zero"
            )
        return f"{read} (write 0 in those that mean it if others are not known)"


def find_mark(cells: PlainCells, *, is_past: NDArray[np.bool_]) -> Mark | None:
    """The marks of a column whose past has 1, yes or one word, and many blanks; None for any other.

    Where all cells of the future are blank, they are missing: nobody may have filled them in yet.
    """
    is_blank = np.isnan(cells.numbers) if cells.numbers is not None else cells.codes < 0
    blanks = int((is_blank & is_past).sum())
    if blanks < max(FEWEST, MANY * int(is_past.sum())):
        return None
    filled = ~is_blank
    if cells.numbers is not None:
        # numbers such as a price may be missing
        if not (cells.numbers[filled & is_past] == 1).all() or not np.isin(cells.numbers[filled], (0, 1)).all():
            return None
        values = cells.numbers
        words = () if cells.wording is None else cells.wording.texts
        features = np.ones(len(words)) if cells.wording is None else cells.wording.features[:, 0]
        text = next((word for word, feature in zip(words, features, strict=True) if feature == 1), "1")
    else:
        if len(np.unique(cells.codes[filled])) != 1:
            return None
        values, text = np.where(is_blank, np.nan, 1.0), str(cells.texts[cells.codes[np.argmax(filled)]])
    if not (filled & is_past).any():
        return None
    is_empty = not is_past.all() and not (filled & ~is_past).any()
    return Mark(text, np.where(is_blank & (is_past | (not is_empty)), 0.0, values), is_empty)
