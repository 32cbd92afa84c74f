"""Find rows, series and columns that are totals of the others, and leave them out."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.column_names import is_total_name, names_total_column
from forecaster.data.columns import Columns
from forecaster.data.tables import Table, is_blank

__all__ = ["leave_out_totals"]

SHARE = 0.9
"""Least share of the rows in which a total is the sum of the others."""
LEAST_SUMMED = 5
"""Rows above a last row without a time, from which on their sum in it is no accident."""
TOLERANCE = 0.005
"""Largest relative difference of a total and the sum of the others, which may have been rounded."""


@dataclass(frozen=True)
class WithoutTotals:
    """A table without its totals, and notes on what was left out, or kept although it is called a total."""

    table: Table
    columns: Columns
    notes: tuple[str, ...] = ()


def leave_out_totals(table: Table, *, columns: Columns, keeps: bool, is_past: NDArray[np.bool_]) -> WithoutTotals:
    """Leave out rows of totals, series of totals in long form, and columns of totals in wide form.

    What has a time is left out only where it is called a total and is the sum of the others, and not where it
    `keeps` totals. Rows that are not `is_past` [row] are of a file of the future.
    """
    found = _leave_out_rows(WithoutTotals(table, columns), is_past=is_past)
    if keeps:
        return found
    for column in columns.ids:
        found = _leave_out_series(found, column)
    return _leave_out_columns(found) if columns.wide else found


def _leave_out_rows(found: WithoutTotals, *, is_past: NDArray[np.bool_]) -> WithoutTotals:
    """Leave out rows with the name of a total instead of a time, and a last row that sums up all rows above it."""
    table, columns = found.table, found.columns
    times = table.frame[columns.time]
    is_total = _is_named_total(times)
    no_time = is_blank(times)
    has_name = np.zeros(len(times), bool)
    for column in columns.ids:
        is_total |= no_time & _is_named_total(table.frame[column])
        has_name |= ~is_blank(table.frame[column])
    last = int(np.flatnonzero(is_past)[-1]) if is_past.any() else 0
    if last >= LEAST_SUMMED and no_time[last] and not has_name[last]:
        is_total[last] |= _is_sum_of_rows(table.frame[list(columns.targets)][: last + 1])
    if not is_total.any() or is_total.all():
        return found
    where = table.locate(table.lines[np.argmax(is_total)])
    count = int(is_total.sum())
    note = f"left out: {count:,} {'row' if count == 1 else 'rows'} with a total instead of a time ({where})"
    return replace(found, table=table.take(~is_total), notes=(*found.notes, note))


def _leave_out_series(found: WithoutTotals, column: str) -> WithoutTotals:
    """Leave out the series that have the name of a total in an id column, and are the sum of the other series."""
    table, columns, notes = found.table, found.columns, list(found.notes)
    frame = table.frame
    is_total = _is_named_total(frame[column])
    if not is_total.any() or is_total.all():
        return found
    keys = [frame[key].cat.codes for key in (columns.time, *columns.ids) if key != column]
    values = frame[columns.targets[0]]
    sums = values.where(~is_total).groupby([key.to_numpy() for key in keys]).transform("sum", min_count=1)
    is_left_out = np.zeros(len(frame), bool)
    for name in frame[column][is_total].unique():
        is_this = (frame[column] == name).to_numpy(bool)
        if _are_sums(values[is_this].to_numpy(np.float64), sums[is_this].to_numpy(np.float64)):
            is_left_out |= is_this
            notes.append(f"left out: {name!r} of column {column!r}, the sum of the others; --totals keeps it")
        else:
            notes.append(f"{name!r} of column {column!r} is not the sum of the others, and is forecast like them")
    return replace(found, table=table.take(~is_left_out), notes=tuple(notes))


def _leave_out_columns(found: WithoutTotals) -> WithoutTotals:
    """Leave out the columns of a wide table that have the name of a total and are the sum of the others."""
    columns, notes = found.columns, list(found.notes)
    others = [column for column in columns.targets if not names_total_column(column)]
    if len(others) < 2 or len(others) == len(columns.targets):
        return found
    sums = found.table.frame[others].sum(axis=1, min_count=1).to_numpy(np.float64)
    left_out = set()
    for column in columns.targets:
        if column in others:
            continue
        if _are_sums(found.table.frame[column].to_numpy(np.float64), sums):
            left_out.add(column)
            notes.append(f"left out: column {column!r}, the sum of the others; --totals keeps it")
        else:
            notes.append(f"column {column!r} is not the sum of the others, and is forecast like them")
    targets = tuple(column for column in columns.targets if column not in left_out)
    ignored = (*columns.ignored, *(column for column in columns.targets if column in left_out))
    return WithoutTotals(found.table, replace(columns, targets=targets, ignored=ignored), tuple(notes))


def _is_named_total(cells: "pd.Series[Any]") -> NDArray[np.bool_]:
    named = [name for name in cells.cat.categories if is_total_name(str(name))]
    return cells.isin(named).to_numpy(bool)


def _is_sum_of_rows(values: pd.DataFrame) -> bool:
    last, sums = values.iloc[-1].to_numpy(np.float64), values.iloc[:-1].sum().to_numpy(np.float64)
    return bool(_is_close(last, sums)[~np.isnan(last)].all()) and not bool(np.isnan(last).all())


def _are_sums(totals: NDArray[np.float64], sums: NDArray[np.float64]) -> bool:
    is_known = ~(np.isnan(totals) | np.isnan(sums))
    return int(is_known.sum()) > 1 and float(_is_close(totals, sums)[is_known].mean()) >= SHARE


def _is_close(totals: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isclose(totals, sums, rtol=TOLERANCE, atol=1e-9)
