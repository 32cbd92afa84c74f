"""Days and months that a spreadsheet has swapped in some rows, where both readings are dates."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.grids.rows import Rows
from forecaster.data.grids.tables import Table
from forecaster.data.panel import TimeStyle
from forecaster.errors import DataError

__all__ = ["refuse_swapped_days"]

IN_NUMBERS = re.compile(r"%-?[dm].?%-?[md]")
"""A format with the day beside the month, both of them as numbers."""
LONGEST_STEP = 7
"""Days; of longer steps, most days of a month have no row."""

MOSTLY = 0.9
"""Share of the rows that are in order once days and months are swapped."""


def refuse_swapped_days(rows: Rows, ids: list[tuple[str, ...]], style: TimeStyle, *, table: Table) -> None:
    """Raise DataError where rows out of order fit exactly between those beside them with day and month swapped.

    `rows` are in the order of the file. A spreadsheet that reads 05/01/2024 as the 1st of May turns it into 01/05/2024,
    and leaves 13/01/2024 as it is.
    """
    if rows.wall.dtype.kind != "M" or not IN_NUMBERS.search(style.format or "") or len(rows.wall) < 2:
        return
    order = np.argsort(rows.codes, kind="stable")
    codes, days = rows.codes[order], rows.wall[order].astype("datetime64[D]")
    is_same = codes[1:] == codes[:-1]
    moves = np.diff(days)[is_same]
    sizes, counts = np.unique(moves[moves.astype(np.int64) != 0], return_counts=True)
    if not len(sizes) or abs(step := sizes[np.argmax(counts)]) > np.timedelta64(LONGEST_STEP, "D"):
        return
    swapped = _swap(days)
    own, from_own, to_own, both = (
        is_same & (later[1:] - earlier[:-1] == step)
        for earlier, later in ((days, days), (days, swapped), (swapped, days), (swapped, swapped))
    )
    follows, leads = np.append(False, from_own | both), np.append(to_own | both, False)
    is_placed = np.append(False, own) | np.append(own, False)
    is_swapped = follows & leads & ~is_placed & (swapped != days)
    found = np.flatnonzero(is_swapped)
    # in a file without any order, some row fits between others by chance
    right = np.diff(np.where(is_swapped, swapped, days))[is_same]
    if not len(found) or np.mean(np.sign(right.astype(np.int64)) == np.sign(step.astype(np.int64))) < MOSTLY:
        return
    first = int(found[np.argmin(rows.lines[order[found]])])
    where = table.locate(rows.lines[order[first]], series=ids[codes[first]])
    others = "" if len(found) == 1 else f", and so are {len(found) - 1:,} more rows"
    raise DataError(
        f"{where}: {days[first]} fits between the rows beside it as {swapped[first]} only, so its day and month are "
        f"swapped, as by a spreadsheet{others}. Swap them back; if they are right, give --date-format "
        f"'{style.format}'."
    )


def _swap(days: NDArray[Any]) -> NDArray[Any]:
    """The dates with day and month swapped, NaT where that is none."""
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    day = (days - months).astype(np.int64)
    month = (months - years).astype(np.int64)
    swapped = (years.astype("datetime64[M]") + np.where(day < 12, day, 0)).astype("datetime64[D]") + month
    return np.where(day < 12, swapped, np.datetime64("NaT"))
