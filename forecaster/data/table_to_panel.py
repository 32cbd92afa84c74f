"""From a table to a Panel: parse and check every cell, then place the rows on the calendar."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.cells.missing_times import explain_missing_times
from forecaster.data.cells.mixed_periods import leave_out_other_lengths
from forecaster.data.cells.time_cells import parse_time_cells
from forecaster.data.checks.leaks import refuse_leaks
from forecaster.data.covariate_sources.attribute_columns import read_attributes
from forecaster.data.covariate_sources.covariate_columns import read_covariates
from forecaster.data.covariate_sources.marks import Timeline
from forecaster.data.grids.aggregation import find_steps
from forecaster.data.grids.clock_changes import merge_repeated_hours
from forecaster.data.grids.covariate_grid import CovariateRows, place_covariates
from forecaster.data.grids.grid import ReadSummary, put_on_grid
from forecaster.data.grids.rows import Rows, merge_duplicates, undo_skipped_times
from forecaster.data.grids.tables import Table, is_blank
from forecaster.data.grids.thirteenth_months import leave_out_thirteenth_months
from forecaster.data.grids.totals import leave_out_totals
from forecaster.data.number_style import count_decimals
from forecaster.data.numbers.number_cells import LARGEST_VALUE, read_marks
from forecaster.data.panel import Panel
from forecaster.data.problems import Problems, count_more, find_like
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.roles.row_ids import refuse_row_ids
from forecaster.data.times.dates import TimesText
from forecaster.data.times.styles import tell_steps_apart
from forecaster.errors import DataError, UsageError

__all__ = ["check_future_use", "make_panel"]

SMALLEST_VALUE = 1e-100
"""The smallest magnitude; what is smaller but for 0 would be squared to 0."""


@dataclass(frozen=True)
class _TimedRows:
    """The rows of a table and their times: `codes` [row] are indices of `times`."""

    table: Table
    times: TimesText
    codes: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "_TimedRows":
        return self if chosen.all() else _TimedRows(self.table.take(chosen), self.times, self.codes[chosen])


def check_future_use(columns: Columns) -> None:
    """Raise UsageError where no column is known ahead, so that a future would say nothing."""
    if not columns.known:
        raise UsageError("--future: no column is known ahead. Name those that are with --known, such as --known price.")


def make_panel(
    table: Table,
    *,
    columns: Columns,
    options: ReadOptions,
    problems: Problems | None = None,
    files: int | None = None,
) -> tuple[Panel, ReadSummary]:
    """The series of a table on their calendar. Raises the errors of `read_panel` that are about cells.

    `problems` are those of the table so far, which are raised together with those of the cells. Rows of other than the
    first `files` are of the future, and have covariates only.
    """
    problems = problems or Problems()
    if options.counts_rows:
        options = replace(options, fill=0.0 if options.fill is None else options.fill, totals=True)
    else:
        table = _clean_numbers(table, columns=columns, missing=options.missing)
    table, lengths = leave_out_other_lengths(table, columns=columns, options=options)
    table, thirteenth = leave_out_thirteenth_months(table, columns=columns)
    files = len(table.files) if files is None else files
    is_past = (table.lines >> 40) < files
    found = leave_out_totals(table, columns=columns, keeps=bool(options.totals), is_past=is_past)
    table, columns = found.table, found.columns
    timed = _check_cells(table, columns=columns, options=options, problems=problems, files=files)
    times, is_past = timed.times, (table.lines >> 40) < files
    past = timed.take(is_past)
    rows, ids = _collect_rows(past, columns=columns)
    if not options.ids and not columns.has_found_ids:
        refuse_row_ids(columns.ids, rows=len(rows.codes), series=len(ids), name=table.name)
    panel, summary = put_on_grid(rows, ids, times.style, columns=columns, table=table, options=options)
    if columns.static:
        codes, _ = _number_series(past.table.frame, columns=columns)
        panel = replace(panel, attributes=read_attributes(past.table, codes, columns=columns, missing=options.missing))
    if columns.covariates:
        past_rows, origin = int(is_past.sum()), summary.origin
        panel, found_out = _add_covariates(
            panel, timed, columns=columns, options=options, past_rows=past_rows, origin=origin
        )
        summary = replace(summary, notes=summary.notes + found_out)
        refuse_leaks(panel, columns=columns, name=table.name)
    panel, finer = tell_steps_apart(panel, frequency=options.frequency)
    number_style = replace(table.number_style, decimals=count_decimals(rows.values))
    notes = (*table.notes, *lengths, *thirteenth, *found.notes, *columns.notes, *times.notes, *summary.notes, *finer)
    return replace(panel, number_style=number_style), replace(summary, notes=notes)


def _add_covariates(
    panel: Panel, timed: _TimedRows, *, columns: Columns, options: ReadOptions, past_rows: int, origin: Any
) -> tuple[Panel, tuple[str, ...]]:
    """`panel` with the covariates of all rows, and notes; the first `past_rows` are of the data.

    Raises DataError where they do not fit.
    """
    table, times = timed.table, timed.times
    codes, keys = _number_series(table.frame, columns=columns)
    is_new = codes >= len(panel) // len(columns.targets)
    if is_new.any():
        row = int(np.argmax(is_new))
        where = table.locate(table.lines[row], series=keys[codes[row]])
        near = find_like(keys[codes[row]], keys[: int(codes[row])])
        hint = "" if near is None else f" but for {', '.join(map(repr, near))}, which differs in blanks or capitals"
        raise DataError(f"{where}: the data have no such series{hint}. Leave it out of the future, or fix its name.")
    has_value = table.frame[list(columns.targets)].notna().any(axis=1).to_numpy(bool)
    wall, instant = times.wall[timed.codes], times.instant[timed.codes]
    given = Rows(codes, wall, instant, has_value.astype(np.float64), table.lines)
    if times.style.has_offset:
        # as the times of the values, see `find_calendar`
        order = np.lexsort((given.moments, given.codes))
        wall[order] = undo_skipped_times(given.take(order), timezone=times.style.timezone)
    is_past = _find_past(given, rows_of_data=past_rows)
    timeline = Timeline(codes, given.moments, is_past)
    cells = read_covariates(table, columns=columns, timeline=timeline, missing=options.missing)
    within = find_steps(given, origin=origin, options=options)
    rows = CovariateRows(codes, given.wall, given.instant, cells, is_past, past_rows, len(columns.targets), within)
    placed, notes = place_covariates(panel, rows, known=columns.known, table=table, options=options)
    return replace(panel, covariates=placed), (*cells.notes, *notes)


def _find_past(rows: Rows, *, rows_of_data: int) -> NDArray[np.bool_]:
    """Which rows are not after the last of their series with a value; where there is none, all of the data."""
    moments, has_value = rows.moments.astype(np.int64), rows.values > 0
    last = np.full(int(rows.codes.max(initial=0)) + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, rows.codes[has_value], moments[has_value])
    has_none = last[rows.codes] == np.iinfo(np.int64).min
    return np.where(has_none, np.arange(len(moments)) < rows_of_data, moments <= last[rows.codes])


def _clean_numbers(table: Table, *, columns: Columns, missing: tuple[str, ...]) -> Table:
    """The table without the numbers that are said to stand for missing ones, and with 0 for those next to it."""
    marks = read_marks(missing, decimal=table.number_style.decimal)
    numbers, marked, tiny = {}, 0, 0
    for name in columns.targets:
        values = table.frame[name].to_numpy(np.float64)
        is_marked = np.isin(values, marks)
        is_tiny = (np.abs(values) < SMALLEST_VALUE) & (values != 0)
        marked, tiny = marked + int(is_marked.sum()), tiny + int(is_tiny.sum())
        if (is_marked | is_tiny).any():
            numbers[name] = np.where(is_marked, np.nan, np.where(is_tiny, 0.0, values))
    notes = [f"{marked:,} cells of {', '.join(missing)} taken for missing"] * bool(marked)
    notes += [f"{tiny:,} values nearer to 0 than {SMALLEST_VALUE:g} taken for 0"] * bool(tiny)
    return replace(table.replace_columns(numbers), notes=(*table.notes, *notes))


def _check_cells(table: Table, *, columns: Columns, options: ReadOptions, problems: Problems, files: int) -> _TimedRows:
    """The rows with their times. Raises DataError for all that is wrong with the cells, and for the `problems` before.

    Rows of other than the first `files` are of the future.
    """
    cells = table.frame[columns.time]
    codes = cells.cat.codes.to_numpy().astype(np.int64)
    has_id = _check_ids(table, columns=columns, problems=problems)
    has_time = codes >= 0
    if not has_time.all():
        problems.add(explain_missing_times(table, has_time, columns=columns))
    if not has_time.any():
        problems.raise_any()
    times = None
    with problems.collect():
        times = parse_time_cells(table, columns=columns, options=options, problems=problems, files=files)
    _check_sizes(table, columns=columns, problems=problems)
    if times is None or problems:
        if times is not None:
            is_right = has_id & has_time & ~times.unreadable[codes]
            with problems.collect():
                _check_repeats(_TimedRows(table, times, codes).take(is_right), columns=columns, options=options)
        problems.raise_any()
    assert times is not None
    return _TimedRows(table, times, codes)


def _check_ids(table: Table, *, columns: Columns, problems: Problems) -> NDArray[np.bool_]:
    """Which rows have the names of their series."""
    is_named = np.ones(len(table.frame), bool)
    for column in columns.ids:
        blank = is_blank(table.frame[column])
        is_series = all(periods.row_time is None for periods in table.periods.values())
        if table.periods and is_series and len(columns.ids) > 1:  # each row is a series, and other columns name it
            others = [is_blank(table.frame[other]) for other in columns.ids if other != column]
            blank = np.logical_and.reduce([blank, *others])
        if blank.any():
            where = table.locate(table.lines[np.argmax(blank)], column=column)
            more = count_more(table.count_lines(blank), one="line has none", several="lines have none")
            problems.add(DataError(f"{where}: the series has no name. Fill in the cell.{more}"))
            is_named &= ~blank
    return is_named


def _check_sizes(table: Table, *, columns: Columns, problems: Problems) -> None:
    for column in columns.targets:
        values = table.frame[column].to_numpy(np.float64)
        is_too_large = np.abs(values) > LARGEST_VALUE
        if is_too_large.any():
            row = int(np.argmax(is_too_large))
            where = table.locate_cell(column, row, ids=columns.ids)
            size = "infinite" if np.isinf(values[row]) else f"{values[row]:g}, too large to compute with"
            more = count_more(int(is_too_large.sum()), one="cell is, too", several="cells are, too")
            problems.add(DataError(f"{where}: the value is {size}. Leave the cell empty or fix it.{more}"))


def _check_repeats(timed: _TimedRows, *, columns: Columns, options: ReadOptions) -> None:
    """Raise DataError where rows repeat a time and are not to be merged."""
    if options.aggregate is not None or not len(timed.codes):
        return
    rows, ids = _collect_rows(timed, columns=columns)
    rows = rows.take(np.lexsort((rows.moments, rows.codes)))
    rows, _ = merge_repeated_hours(rows, timed.times.style, columns=columns, options=options)
    merge_duplicates(rows, rows.moments, ids, table=timed.table, duplicates=options.duplicates, columns=columns)


def _collect_rows(timed: _TimedRows, *, columns: Columns) -> tuple[Rows, list[tuple[str, ...]]]:
    """Cells as arrays, wide tables converted to long form."""
    frame, times = timed.table.frame, timed.times
    keys_of_rows, keys = _number_series(frame, columns=columns)
    # each target is a series of its own, of the ids of the row and the name of the target
    count = len(columns.targets)
    codes = (keys_of_rows + len(keys) * np.arange(count)[:, None]).ravel()
    values = frame[list(columns.targets)].to_numpy(np.float64).T.ravel()
    ids = [(*key, column) for column in columns.targets for key in keys] if columns.names_targets else keys
    time_codes, lines = np.tile(timed.codes, count), np.tile(timed.table.lines, count)
    return Rows(codes, times.wall[time_codes], times.instant[time_codes], values, lines), ids


def _number_series(frame: pd.DataFrame, *, columns: Columns) -> tuple[NDArray[np.int64], list[tuple[str, ...]]]:
    """The series index of each row, in the order of first appearance, and the ids of each series."""
    if not columns.ids:
        return np.zeros(len(frame), np.int64), [()]
    key = np.zeros(len(frame), np.int64)
    for column in columns.ids:
        # numbered anew for each column: the product of the counts of several columns may overflow
        key = pd.factorize(key)[0] * len(frame[column].cat.categories) + frame[column].cat.codes.to_numpy(np.int64)
    codes, _ = pd.factorize(key)
    # each new series has the next number
    first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
    parts = [frame[column].iloc[first].astype(str).tolist() for column in columns.ids]
    return codes.astype(np.int64), list(zip(*parts, strict=True))
