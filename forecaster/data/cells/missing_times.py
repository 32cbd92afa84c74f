"""Explain rows without a time: a cell was forgotten or merged with others, or another column holds the times."""

import shlex

import numpy as np
from numpy.typing import NDArray

from forecaster.data.cells.table import Table
from forecaster.data.problems import count_more
from forecaster.data.roles.column_roles import Columns
from forecaster.errors import DataError

__all__ = ["explain_missing_times"]

MERGED = 0.5
"""Share of the rows from which on cells are empty on purpose: their time is that of a row above."""


def explain_missing_times(table: Table, has_time: NDArray[np.bool_], *, columns: Columns) -> DataError:
    """The error for the rows that have no time, of which `has_time` [row] tells the others."""
    line = table.lines[np.argmin(has_time)]
    names = columns.time_columns
    found = "no timestamp"
    if len(names) > 1 and columns.time not in names:
        where = table.locate(line)
        found += f", as {', '.join(map(repr, names[:-1]))} or {names[-1]!r} is empty"
    else:
        where = table.locate(line, column=columns.time)
    more = count_more(table.count_lines(~has_time), one="line has none", several="lines have none")
    remedy = "Fill in the cell or drop the line."
    if columns.whole_times:
        other = columns.whole_times[0]
        remedy = f"Fill in the cell, or use the times in {other!r}, which lacks none: --time {shlex.quote(other)}."
    elif has_time[0] and has_time.mean() <= MERGED:
        remedy = (
            "If a cell holds for the empty ones below it, as merged cells do, write it into each of them; without "
            "these lines their values would be lost."
        )
    return DataError(f"{where}: {found}. {remedy}{more}")
