"""Tell ids of rows, such as those of payments, from ids of series, where a column has the usual name of both."""

import shlex

import numpy as np
import pandas as pd

from forecaster.data.layouts.first_line import list_times
from forecaster.errors import DataError

__all__ = ["differ_in_rows", "refuse_row_ids"]

LEAST_ROWS = 10
"""Rows from which on times that follow one another show that these are of one series."""
WIDEST_STEP = 7
"""Ratio of the widest step between these times to the shortest one, as of holidays among business days."""


def differ_in_rows(ids: "pd.Series[str]", times: "pd.Series[str]") -> bool:
    """Whether each row has an id of its own, and the times follow one another as those of one series do."""
    if len(ids) < LEAST_ROWS or ids.isna().any() or times.isna().any() or not ids.is_unique:
        return False
    read = list_times([*times])
    if read is None or read.wall.dtype.kind != "M" or len(read.wall) != len(times):
        return False
    steps = np.diff(np.sort(read.wall)).astype(np.int64)
    return bool(steps.max() <= WIDEST_STEP * steps.min())


def refuse_row_ids(ids: tuple[str, ...], *, rows: int, series: int, name: str) -> None:
    """Raise DataError where each of the `rows` is a `series` of its own, by `ids` that were taken for their name."""
    if ids and 1 < series == rows:
        column = ids[0]
        raise DataError(
            f"{name}: every series has one row only, as {column!r} differs in each row. If it numbers the rows, use "
            f"--id '' for one series, with --freq D --aggregate sum where a day has several; if each row is a series, "
            f"use --id {shlex.quote(column)} and --freq."
        )
