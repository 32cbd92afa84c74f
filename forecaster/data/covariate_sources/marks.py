"""Find columns that mark some rows and leave the others blank, such as promotions written as x: a blank means no."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.covariate_sources.plain_cells import PlainCells

__all__ = ["Mark", "Timeline", "describe_blanks", "find_mark"]

MANY, FEWEST = 0.1, 5
"""Share of blank cells in the past, and how many there are at least; fewer may be missing by chance."""

MOST_BLANK = 1 / 3
"""Share of blank cells in the past from which on they may mean no or zero: a line says how they are read."""

WORDS = frozenset(("x", "✓", "✔"))
"""What marks a row, beside 1 and the words for yes, and the name of the column; others may say what, such as DE."""


@dataclass(frozen=True)
class Timeline:
    """The series and the time of each row, and which rows `is_past`: not after the last value; all [row]."""

    series: NDArray[np.int64]
    moments: NDArray[Any]
    is_past: NDArray[np.bool_]


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


def find_mark(cells: PlainCells, *, name: str, is_empty: NDArray[np.bool_], timeline: Timeline) -> Mark | None:
    """The marks of the column `name`, whose past has 1, yes or x between many blanks; None for any other.

    Only cells that are `is_empty` [row] are blank, not those with a word for a missing value. Where all cells of the
    future are blank, they are missing: nobody may have filled them in yet.
    """
    is_past = timeline.is_past
    is_blank = np.isnan(cells.numbers) if cells.numbers is not None else cells.codes < 0
    if not is_empty[is_blank].all():
        return None
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
        found = [str(text) for text in cells.texts[np.unique(cells.codes[filled])]]
        if len(folded := {one.casefold() for one in found}) != 1 or not folded & {*WORDS, name.strip().casefold()}:
            return None
        values, text = np.where(is_blank, np.nan, 1.0), found[0]
    if not (filled & is_past).any() or not _alternate(is_blank, timeline):
        return None
    is_unfilled = not is_past.all() and not (filled & ~is_past).any()
    return Mark(text, np.where(is_blank & (is_past | (not is_unfilled)), 0.0, values), is_unfilled)


def describe_blanks(cells: PlainCells, *, name: str, is_empty: NDArray[np.bool_], timeline: Timeline) -> str:
    """A line on a column that has values between many blanks, which count as missing, as it may have meant none.

    Empty for any other column, and for one that `find_mark` finds.
    """
    is_past = timeline.is_past
    is_blank = (np.isnan(cells.numbers) if cells.numbers is not None else cells.codes < 0) & is_empty
    blanks, rows = int((is_blank & is_past).sum()), int(is_past.sum())
    if blanks < max(FEWEST, MOST_BLANK * rows) or blanks == rows or not _alternate(is_blank, timeline):
        return ""
    none = "none" if cells.numbers is None else "0" if cells.wording is None else "no"
    return (
        f"{name}: {blanks / rows:.0%} of its cells are empty and count as missing, not as {none} (write {none} in all "
        "that mean it)"
    )


def _alternate(is_blank: NDArray[np.bool_], timeline: Timeline) -> bool:
    """Whether blanks and marks take turns, in at least half of the series that have both.

    One block of blanks, at the start or the end, may be the time when nothing was recorded.
    """
    past = np.flatnonzero(timeline.is_past)
    order = past[np.lexsort((is_blank[past], timeline.moments[past], timeline.series[past]))]
    series, is_blank = timeline.series[order], is_blank[order]
    changes = np.bincount(series[1:][(is_blank[1:] != is_blank[:-1]) & (series[1:] == series[:-1])])
    return bool((changes > 1).any() and 2 * (changes > 1).sum() >= (changes > 0).sum())
