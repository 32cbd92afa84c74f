"""Rows that are events, such as orders or calls: each counts as one, in a column that the data do not have."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.layouts.period_rows import is_blank
from forecaster.data.read_options import ReadOptions
from forecaster.errors import UsageError

__all__ = ["count_filled", "count_rows"]

NAMES = ("count", "rows", "events", "number of rows")


def count_rows(header: Sequence[str], *, options: ReadOptions, has_periods: bool, name: str) -> tuple[str, ReadOptions]:
    """The name of the column in which each row counts as one, "" where rows are not counted; and the options with it.

    It is one that no column of the `header` has. Raises UsageError for options that say what to forecast otherwise, and
    where the table `has_periods` as columns, so that no row is an event.
    """
    if not options.counts_rows:
        return "", options
    if has_periods:
        raise UsageError(f"--aggregate count: {name} has a column for each time, and no row is an event. Leave it out.")
    taken = {column.strip().casefold() for column in header}
    column = next((column for column in NAMES if column not in taken), "".join(header))
    other = "--wide" if options.wide else f"--target {options.target}" if options.target not in (None, column) else ""
    if other:
        raise UsageError(
            f"--aggregate count and {other} do not go together: {name} has its rows counted, whatever they hold. Leave "
            f"{other} out, or use --aggregate sum."
        )
    return column, replace(options, target=column)


def count_filled(cells: pd.DataFrame) -> NDArray[np.float64]:
    """One for each row of `cells` that holds anything, NaN for an empty one."""
    is_filled = np.logical_or.reduce([~is_blank(cells[name]) for name in cells])
    return np.where(is_filled, 1.0, np.nan)
