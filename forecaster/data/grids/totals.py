"""Find rows, series and columns that are totals of the others, and leave them out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.grids.tables import Table, is_blank
from forecaster.data.names.column_names import is_total_name, names_subtotal, names_total_column
from forecaster.data.names.summary_rows import names_mean, names_summary
from forecaster.data.roles.columns import Columns

__all__ = ["leave_out_totals"]

SHARE = 0.9
"""Least share of the rows in which a total is the sum of the others."""
LEAST_SUMMED = 5
"""Rows beside a first or last one without a time, from which on their sum in it is no accident."""
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
    found = _leave_out_series(found) if columns.ids else found
    return _leave_out_columns(found) if columns.wide else found


def _leave_out_rows(found: WithoutTotals, *, is_past: NDArray[np.bool_]) -> WithoutTotals:
    """Leave out rows with the name of a total instead of a time, and a first or last one that sums up all others."""
    table, columns = found.table, found.columns
    times = table.frame[columns.time]
    is_total = _is_named(times, names_summary)
    has_mean = bool(_is_named(times, names_mean).any())
    no_time = is_blank(times)
    has_name = np.zeros(len(times), bool)
    for column in columns.ids:
        if no_time.any():
            is_total |= no_time & _is_named(table.frame[column], is_total_name)
        has_name |= ~is_blank(table.frame[column])
    places = np.flatnonzero(is_past)
    for end in (0, -1) if len(places) > LEAST_SUMMED else ():
        if no_time[places[end]] and not has_name[places[end]]:
            is_total[places[end]] |= _is_sum_of_rows(table.frame[list(columns.targets)].iloc[places], end=end)
    if not is_total.any() or is_total.all():
        return found
    where = table.locate(table.lines[np.argmax(is_total)])
    count = table.count_lines(is_total)
    name = "total or a mean" if has_mean else "total"
    note = f"left out: {count:,} {'row' if count == 1 else 'rows'} with a {name} instead of a time ({where})"
    return replace(found, table=table.take(~is_total), notes=(*found.notes, note))


def _leave_out_series(found: WithoutTotals) -> WithoutTotals:
    """Leave out the series that have the name of a total in some id column, and are the sum of the other series.

    What has one in several columns, such as (`All`, `Total`), may be the sum of the series that have one in none of
    them. Beside the name of a total, an empty cell counts as one.
    """
    table, ids = found.table, found.columns.ids
    frame, values = table.frame, table.frame[found.columns.targets[0]]
    named = {column: _is_named(frame[column], is_total_name) for column in ids}
    has_total = np.logical_or.reduce([*named.values()])
    if not has_total.any() or has_total.all():
        return found
    is_part = {column: named[column] | (has_total & is_blank(frame[column])) for column in ids}
    is_subtotal = {column: _is_named(frame[column], names_subtotal) for column in ids}
    codes = {column: frame[column].cat.codes.to_numpy() for column in (found.columns.time, *ids)}
    is_left_out = np.zeros(len(frame), bool)
    for summed in (columns for count in range(1, len(ids) + 1) for columns in combinations(ids, count)):
        is_total = np.logical_and.reduce([is_part[column] for column in summed])
        is_total &= np.logical_or.reduce([named[column] for column in summed])
        is_other = ~np.logical_or.reduce([is_part[column] for column in summed])
        without_subtotals = is_other & ~np.logical_or.reduce([is_subtotal[column] for column in summed])
        series = pd.factorize(pd.MultiIndex.from_arrays([codes[column] for column in summed]))[0]
        keys = [code for column, code in codes.items() if column not in summed]
        for others in (is_other, without_subtotals):
            sums = values.where(others).groupby(keys).transform("sum", min_count=1).to_numpy(np.float64)
            for number in np.unique(series[is_total & ~is_left_out]):
                is_this = is_total & ~is_left_out & (series == number)
                if _are_sums(values.to_numpy(np.float64)[is_this], sums[is_this]):
                    is_left_out |= is_this
    notes = [*found.notes]
    for column in ids:
        for name in frame[column][named[column]].unique():
            is_out = is_left_out[(frame[column] == name).to_numpy(bool)]
            if is_out.any():
                some = "" if is_out.all() else " where it is"
                notes.append(f"left out: {name!r} of column {column!r},{some} the sum of the others; --totals keeps it")
            else:
                notes.append(f"{name!r} of column {column!r} is not the sum of the others, and is forecast like them")
    return replace(found, table=table.take(~is_left_out), notes=tuple(notes))


def _leave_out_columns(found: WithoutTotals) -> WithoutTotals:
    """Leave out the columns of a wide table that have the name of a total and are the sum of the others."""
    columns, notes = found.columns, list(found.notes)
    others = [column for column in columns.targets if not names_total_column(column)]
    if len(others) < 2 or len(others) == len(columns.targets):
        return found
    frame = found.table.frame
    parts = [column for column in others if not names_subtotal(column)]
    sums = [frame[summed].sum(axis=1, min_count=1).to_numpy(np.float64) for summed in (others, parts)]
    left_out = set()
    for column in columns.targets:
        if column in others:
            continue
        if any(_are_sums(frame[column].to_numpy(np.float64), each) for each in sums):
            left_out.add(column)
            notes.append(f"left out: column {column!r}, the sum of the others; --totals keeps it")
        else:
            notes.append(f"column {column!r} is not the sum of the others, and is forecast like them")
    targets = tuple(column for column in columns.targets if column not in left_out)
    ignored = (*columns.ignored, *(column for column in columns.targets if column in left_out))
    return WithoutTotals(found.table, replace(columns, targets=targets, ignored=ignored), tuple(notes))


def _is_named(cells: "pd.Series[Any]", is_name: Callable[[str], bool]) -> NDArray[np.bool_]:
    return cells.isin([name for name in cells.cat.categories if is_name(str(name))]).to_numpy(bool, copy=True)


def _is_sum_of_rows(values: pd.DataFrame, *, end: int) -> bool:
    """Whether the first row, at the `end` 0, or the last, at -1, is the sum of the others."""
    others = values.iloc[1:] if end == 0 else values.iloc[:-1]
    total, sums = values.iloc[end].to_numpy(np.float64), others.sum().to_numpy(np.float64)
    return bool(_is_close(total, sums)[~np.isnan(total)].all()) and not bool(np.isnan(total).all())


def _are_sums(totals: NDArray[np.float64], sums: NDArray[np.float64]) -> bool:
    is_known = ~(np.isnan(totals) | np.isnan(sums))
    return int(is_known.sum()) > 1 and float(_is_close(totals, sums)[is_known].mean()) >= SHARE


def _is_close(totals: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isclose(totals, sums, rtol=TOLERANCE, atol=1e-9)
