"""Place rows on the calendar: sort, merge, give each its step, and refuse rows that do not fit."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.arrays import find_offsets
from forecaster.data.calendar import DAY, Calendar
from forecaster.data.frequency import MONTH_ALIASES
from forecaster.data.grids.aggregation import (
    advise_aggregating,
    aggregate_rows,
    describe_sums_of_levels,
    find_origin,
)
from forecaster.data.grids.clock_changes import merge_repeated_hours
from forecaster.data.grids.coarse_steps import leave_out_between
from forecaster.data.grids.row_calendar import find_calendar
from forecaster.data.grids.rows import Rows, merge_duplicates, show_moment, starts_group, starts_series, trim_unobserved
from forecaster.data.grids.sparse_rows import MIN_MISSING, advise_filling, check_filling, extend_to_last
from forecaster.data.grids.swapped_days import refuse_swapped_days
from forecaster.data.grids.tables import Table
from forecaster.data.panel import Panel, TimeStyle
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.data.roles.month_parts import refuse_month_parts
from forecaster.errors import DataError

__all__ = ["ReadSummary", "put_on_grid"]

LARGEST_FILLING = 50
"""Mean number of steps per row above which a stray timestamp is suspected."""
LONGEST_GAP = 10
"""Ratio of a gap to the whole time span without it, above which a stray timestamp is suspected."""
CENTURY = np.timedelta64(36525 * DAY, "us")


@dataclass(frozen=True)
class ReadSummary:
    """What was found in the input and what was done to it; `frame` is the table, where its columns have types.

    `observed_rows` are those that have a value of a target; `origin` is where aggregated steps are counted from;
    `was_sorted` says that the rows were in the order of series and times.
    """

    columns: Columns
    rows: int
    merged_rows: int
    missing_values: int
    missing_rows: int
    trailing_rows: int
    notes: tuple[str, ...]
    observed_rows: int = 0
    origin: Any = None
    was_sorted: bool = True
    frame: "pd.DataFrame | None" = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Grid:
    """Sorted `rows` of the series `ids`, each with its number of `steps` from the first row of its series: [row]."""

    rows: Rows
    steps: NDArray[np.int64]
    ids: list[tuple[str, ...]]
    calendar: Calendar
    table: Table
    options: ReadOptions

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """Which row is the first of its series."""
        return starts_series(self.rows.codes)

    def locate(self, row: int) -> str:
        """Where a row is, in words."""
        return self.table.locate(self.rows.lines[row], series=self.ids[self.rows.codes[row]])


def put_on_grid(
    rows: Rows,
    ids: list[tuple[str, ...]],
    style: TimeStyle,
    *,
    columns: Columns,
    table: Table,
    options: ReadOptions,
) -> tuple[Panel, ReadSummary]:
    """The Panel of `rows`, of the series `ids`, whose times are written in `style`; and what was done to the rows.

    Raises DataError where the step cannot be inferred or a row does not fit it, UsageError for a --freq that
    is unknown or does not fit.
    """
    given, observed = len(rows.values), _count_observed(rows, targets=len(columns.targets))
    moments = rows.moments
    in_order = (np.diff(rows.codes) > 0) | ((np.diff(rows.codes) == 0) & (moments[1:] >= moments[:-1]))
    was_sorted = bool(in_order.all())
    if not was_sorted:
        if options.date_format is None:
            refuse_swapped_days(rows, ids, style, table=table)
        rows = rows.take(np.lexsort((moments, rows.codes)))
    unfinished = 0
    if options.aggregate is not None:
        # rows of the future have no value: a step that has some of them is not a whole one
        keeps_ends = options.fill is not None
        rows, unfinished = trim_unobserved(rows, series=len(ids), keeps_ends=keeps_ends, keeps_starts=True)
    origin = find_origin(rows, options=options)
    rows, aggregated = aggregate_rows(rows, origin=origin, options=options, name=table.name)
    merged = len(rows.values)
    rows, hours = merge_repeated_hours(rows, style, columns=columns, options=options)
    rows = merge_duplicates(rows, rows.moments, ids, table=table, duplicates=options.duplicates, columns=columns)
    merged -= len(rows.values)
    missing_values = int(np.isnan(rows.values).sum())
    check_filling(options)
    rows, trimmed = trim_unobserved(rows, series=len(ids), keeps_ends=options.fill is not None)
    missing_values -= trimmed
    between = len(rows.values)
    rows, coarse = leave_out_between(rows, options=options)
    missing_values -= between - len(rows.values)
    calendar, times, notes = find_calendar(rows, style, columns=columns, table=table, options=options)
    given_times = rows.wall
    rows = replace(rows, wall=times)
    if calendar.has_closed_steps and (options.frequency is None or options.aggregate is not None):
        # rows of closed days that hold nothing
        is_open = calendar.is_open(rows.wall)
        rows, missing_values = rows.take(is_open), missing_values - int((~is_open).sum())
    is_first = starts_series(rows.codes)
    starts = rows.wall[is_first][np.cumsum(is_first) - 1]
    steps, lies_on_grid = _place(calendar, starts, rows.wall)
    grid = Grid(rows, steps, ids, calendar, table, options)
    if options.frequency is None or calendar.unit != "month":
        if not lies_on_grid.all():
            refuse_month_parts(given_times, columns=columns, name=table.name)
        _check_grid(grid, lies_on_grid)
    if options.frequency is None:
        _check_gaps(grid)
    elif options.duplicates in (None, "refuse"):
        _refuse_shared_steps(grid, given_times)
    resolved = merge_duplicates(rows, grid.steps, ids, table=table, duplicates=options.duplicates, columns=columns)
    if len(resolved.values) < len(rows.values):
        merged += len(rows.values) - len(resolved.values)
        grid = replace(grid, rows=resolved, steps=grid.steps[starts_group(rows.codes, grid.steps)])
    is_combined = bool(aggregated) or merged > 0
    levels = describe_sums_of_levels(columns.targets, options=options) if is_combined else ()
    notes = aggregated + levels + hours + coarse + notes
    trailing = trimmed + unfinished
    summary = ReadSummary(columns, given, merged, missing_values, 0, trailing, notes, observed, origin, was_sorted)
    return _fill_grid(grid, style, summary)


def _place(
    calendar: Calendar, starts: NDArray[Any], times: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The whole steps from each of `starts` [row] to the time in its row, and which of the `times` lie on the grid."""
    if calendar.unit not in ("month", "business_day"):
        steps = calendar.count_steps(starts, times)
        return steps, np.asarray(calendar.advance(starts, steps) == times)
    # months and business days take long to count, and most rows have the times of other series
    first, distinct_starts = pd.factorize(starts)
    second, distinct_times = pd.factorize(times)
    pairs, found = pd.factorize(first * len(distinct_times) + second)
    starts, times = distinct_starts[found // len(distinct_times)], distinct_times[found % len(distinct_times)]
    steps = calendar.count_steps(starts, times)
    return steps[pairs], np.asarray(calendar.advance(starts, steps) == times)[pairs]


def _count_observed(rows: Rows, *, targets: int) -> int:
    """The rows of the table that have a value; with several targets, each of them has a row of its own in `rows`."""
    known = ~np.isnan(rows.values)
    return int(known.sum()) if targets == 1 else len(np.unique(rows.lines[known]))


def _check_grid(grid: Grid, lies_on_grid: NDArray[np.bool_]) -> None:
    """Raise DataError unless every row lies on the grid and most are one step after the row before."""
    rows, steps, options = grid.rows, grid.steps, grid.options
    within = np.diff(rows.codes) == 0
    follows = (np.diff(steps) == 1) & lies_on_grid[1:] & lies_on_grid[:-1]
    share = float(follows[within].mean()) if within.any() else 1.0
    if lies_on_grid.all() and (share >= 0.5 or options.frequency is not None or options.fill is not None):
        return
    advice: tuple[str | None, ...] = ()
    if grid.calendar.fiscal_year is None:
        advice = (
            advise_filling(rows.wall, rows.values, is_first=grid.is_first, options=options),
            advise_aggregating(rows.wall, frequency=options.frequency or _name_months(grid.calendar)),
        )
    row = int(np.argmax(within & ~follows)) + 1 if lies_on_grid.all() else int(np.argmin(lies_on_grid))
    remedy = "" if options.timezone is None else "leave --timezone out, "
    raise DataError(
        f"{grid.locate(row)}: {show_moment(rows.wall[row])} does not fit the steps of the others "
        f"({grid.calendar.name}; {share:.0%} of the steps agree). Fix the timestamps, {remedy}or {_name_step(grid)}"
        f"{''.join(f'; {words}' for words in advice if words is not None)}."
    )


def _name_months(calendar: Calendar) -> str | None:
    """The --freq of months, quarters or years whose rows are on other days, too; None for other steps."""
    return MONTH_ALIASES.get(calendar.multiple) if calendar.unit == "month" and calendar.fiscal_year is None else None


def _refuse_shared_steps(grid: Grid, times: NDArray[Any]) -> None:
    """Raise DataError where the step that was given is so long that several rows, at `times` [row], lie in one."""
    is_shared = ~starts_group(grid.rows.codes, grid.steps)
    if not is_shared.any():
        return
    row, frequency = int(np.argmax(is_shared)), grid.options.frequency
    before = grid.table.locate(grid.rows.lines[row - 1], after=grid.rows.lines[row])
    raise DataError(
        f"{grid.locate(row)}: {show_moment(times[row])} is in the same step of --freq {frequency} as the row of "
        f"{before}; {int(is_shared.sum()):,} {'row shares' if is_shared.sum() == 1 else 'rows share'} a step with one "
        f"before. Leave --freq out to forecast the steps of the rows; {advise_aggregating(times, frequency=frequency)}."
    )


def _check_gaps(grid: Grid) -> None:
    """Raise DataError for timestamps that lie so far from all others that they must be typing errors."""
    rows, calendar = grid.rows, grid.calendar
    if not ((np.diff(grid.steps) > 100) & (np.diff(rows.codes) == 0)).any():
        return
    moments, counts = np.unique(rows.wall, return_counts=True)
    gaps = np.diff(moments)
    widest = int(np.argmax(gaps))
    remaining = moments[-1] - moments[0] - gaps[widest]
    gap = int(calendar.count_steps(moments[widest : widest + 1], moments[widest + 1 : widest + 2])[0])
    is_over_century = moments.dtype.kind == "M" and bool(gaps[widest] > CENTURY)
    if gap <= 100 or (gaps[widest] <= LONGEST_GAP * remaining and not is_over_century):
        return
    is_early = counts[: widest + 1].sum() < counts[widest + 1 :].sum()
    strays = np.flatnonzero(rows.wall <= moments[widest] if is_early else rows.wall > moments[widest])
    row = int(strays[np.argmin(rows.lines[strays])])
    raise DataError(
        f"{grid.locate(row)}: {show_moment(rows.wall[row])} lies {gap:,} steps from all other timestamps "
        f"({calendar.name}). Fix it; if it is right, {_name_step(grid)}."
    )


def _fill_grid(grid: Grid, style: TimeStyle, summary: ReadSummary) -> tuple[Panel, ReadSummary]:
    """Scatter the rows over flat arrays with one element per step; steps without a row are missing."""
    rows, steps, ids, fill = grid.rows, grid.steps, grid.ids, grid.options.fill
    is_first = grid.is_first
    is_last = np.append(is_first[1:], True)
    lengths = np.zeros(len(ids), np.int64)
    lengths[rows.codes[is_last]] = steps[is_last] + 1
    starts = np.full(len(ids), "NaT", "datetime64[us]") if rows.wall.dtype.kind == "M" else np.zeros(len(ids), np.int64)
    starts[rows.codes[is_first]] = rows.wall[is_first]
    if fill is not None:
        lengths = extend_to_last(rows.wall, starts, lengths, calendar=grid.calendar)
    total = int(lengths.sum())
    if total > LARGEST_FILLING * len(steps) and total > 1_000_000:
        series = int(np.argmax(lengths))
        raise DataError(
            f"{grid.table.name}, series {', '.join(ids[series]) or 'the only one'}: {lengths[series]:,} steps "
            f"({grid.calendar.name}) lie between its first and its last timestamp, far more than its rows. Look for a "
            "stray date, or name a longer step with --freq."
        )
    offsets = find_offsets(lengths)
    values = np.full(total, np.nan if fill is None else fill, np.float64)
    values[offsets[rows.codes] + steps] = rows.values
    columns = summary.columns
    panel = Panel(values, offsets, starts, ids, grid.calendar, columns.id_columns, columns.time, style)
    panel = replace(panel, writes_closed=grid.options.closed == "zero", running_totals=grid.options.running_totals)
    missing, notes = total - len(steps), list(summary.notes)
    if fill is not None:
        filled = f"{missing:,} {'step' if missing == 1 else 'steps'} without a row count as {fill:g}"
        notes += [f"{filled}, up to the last time in the data"] if missing else []
        missing = 0
    advice = None
    if not columns.wide and missing >= MIN_MISSING * total:
        advice = advise_filling(rows.wall, rows.values, is_first=is_first, options=grid.options)
    if advice is not None:
        notes.append(f"rows are missing at many different distances, and no value is 0: {advice}")
    return panel, replace(summary, missing_rows=missing, notes=tuple(notes))


def _name_step(grid: Grid) -> str:
    """The remedy for a step that was inferred wrongly; --freq is not for times that are numbers."""
    if grid.calendar.unit == "integer":
        return "number the steps one after the other"
    is_whole_weeks = grid.calendar.multiple in (28 * DAY, 35 * DAY)
    months = ", or 445 for months of 4, 4 and 5 weeks" if is_whole_weeks else ""
    return f"name the step with --freq (such as D, W, MS or h{months})"
