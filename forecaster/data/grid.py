"""Place rows on the calendar: sort, merge, give each its step, and refuse rows that do not fit."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.aggregation import advise_aggregating, aggregate_rows
from forecaster.data.calendar import (
    DAY,
    Calendar,
    anchor_months,
    infer_calendar,
    leave_out_closed,
    parse_frequency,
)
from forecaster.data.columns import Columns
from forecaster.data.panel import Panel, TimeStyle
from forecaster.data.read_options import ReadOptions
from forecaster.data.rows import (
    Rows,
    merge_duplicates,
    show_moment,
    starts_group,
    starts_series,
    trim_unobserved,
    undo_skipped_times,
)
from forecaster.data.sparse_rows import MIN_MISSING, advise_filling, check_filling, extend_to_last, infer_finest
from forecaster.data.tables import Table
from forecaster.errors import DataError, UsageError

__all__ = ["ReadSummary", "put_on_grid"]

LARGEST_FILLING = 50
"""Mean number of steps per row above which a stray timestamp is suspected."""
LONGEST_GAP = 10
"""Ratio of a gap to the whole time span without it, above which a stray timestamp is suspected."""
CENTURY = np.timedelta64(36525 * DAY, "us")


@dataclass(frozen=True)
class ReadSummary:
    """What was found in the input and what was done to it."""

    columns: Columns
    rows: int
    merged_rows: int
    missing_values: int
    missing_rows: int
    trailing_rows: int
    notes: tuple[str, ...]


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
    given = count = len(rows.values)
    moments = rows.moments
    in_order = (np.diff(rows.codes) > 0) | ((np.diff(rows.codes) == 0) & (moments[1:] >= moments[:-1]))
    if not in_order.all():
        rows = rows.take(np.lexsort((moments, rows.codes)))
    rows, aggregated = aggregate_rows(rows, options=options, name=table.name)
    if options.aggregate is not None:
        count = len(rows.values)
    rows = merge_duplicates(rows, rows.moments, ids, table=table, duplicates=options.duplicates, columns=columns)
    merged = count - len(rows.values)
    missing_values = int(np.isnan(rows.values).sum())
    check_filling(options)
    rows, trimmed = trim_unobserved(rows, series=len(ids), keeps_ends=options.fill is not None)
    calendar, times, notes = _find_calendar(rows, style, columns=columns, table=table, options=options)
    rows = replace(rows, wall=times)
    if calendar.has_closed_steps and (options.frequency is None or options.aggregate is not None):
        # rows of closed days that hold nothing
        is_open = calendar.is_open(times)
        rows, missing_values = rows.take(is_open), missing_values - int((~is_open).sum())
        times = rows.wall
    is_first = starts_series(rows.codes)
    first_of_row = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
    steps = calendar.count_steps(times[first_of_row], times)
    if options.frequency is None or calendar.unit != "month":
        _check_grid(rows, steps, first_of_row, ids, calendar=calendar, table=table, options=options)
    if options.frequency is None:
        _check_gaps(rows, steps, ids, calendar=calendar, table=table)
    resolved = merge_duplicates(rows, steps, ids, table=table, duplicates=options.duplicates, columns=columns)
    if len(resolved.values) < len(rows.values):
        merged += len(rows.values) - len(resolved.values)
        steps = steps[starts_group(rows.codes, steps)]
    return _fill_grid(
        resolved,
        steps,
        ids,
        style,
        calendar=calendar,
        columns=columns,
        summary=ReadSummary(columns, given, merged, missing_values - trimmed, 0, trimmed, aggregated + notes),
        name=table.name,
        options=options,
    )


def _find_calendar(
    rows: Rows, style: TimeStyle, *, columns: Columns, table: Table, options: ReadOptions
) -> tuple[Calendar, NDArray[Any], tuple[str, ...]]:
    """The calendar, the time of each row on it, and notes on both for the user."""
    if not len(rows.values):
        raise DataError(f"{table.name}: no row holds a value. Check the target column, or name another with --target.")
    is_first, is_filled = starts_series(rows.codes), options.fill is not None
    if style.has_offset:
        rows = replace(rows, wall=undo_skipped_times(rows, timezone=style.timezone))
    if options.frequency is not None:
        calendar = parse_frequency(options.frequency)
        if rows.wall.dtype.kind == "i":
            raise UsageError(f"--freq {options.frequency}: the timestamps are whole numbers. Leave --freq out.")
        if options.aggregate is not None and not is_filled:
            # the step had to be named: that does not say that there are no closed days
            times = rows.wall if calendar.uses_wall_clock else rows.instant
            observed = ~np.isnan(rows.values)
            calendar = leave_out_closed(calendar, times, is_first=is_first, observed=observed)
    else:
        # steps of a day or longer are regular in wall-clock time, even if the UTC offset changes
        found = infer_finest(rows.wall) if is_filled else infer_calendar(rows.wall, is_first=is_first)
        if found is not None:
            observed = ~np.isnan(rows.values)
            found = leave_out_closed(found, rows.wall, is_first=is_first, observed=observed)
        if found is None or not found.uses_wall_clock:
            _check_offsets(rows, columns=columns, table=table)
            found = infer_finest(rows.instant) if is_filled else infer_calendar(rows.instant, is_first=is_first)
        if found is None:
            remedy = "Give more rows" if rows.wall.dtype.kind == "i" else "Name it with --freq"
            raise DataError(f"{table.name}: every series has one row only, so the step is unknown. {remedy}.")
        calendar = found
    notes = _describe_offsets(style, calendar=calendar) + _describe_closed(calendar, options=options)
    if options.frequency is not None and calendar.unit == "month":
        return *anchor_months(calendar, rows.wall, is_first=is_first), notes
    if calendar.uses_wall_clock:
        return calendar, rows.wall, notes
    _check_offsets(rows, columns=columns, table=table)
    return calendar, rows.instant, notes


def _describe_offsets(style: TimeStyle, *, calendar: Calendar) -> tuple[str, ...]:
    """How forecasts are written where the file has several UTC offsets: which one comes next is not known."""
    if not style.has_offset or style.timezone is not None:
        return ()
    if calendar.uses_wall_clock:
        return ("several UTC offsets: forecasts are written without one; name the zone with --timezone to include it",)
    return (
        "several UTC offsets: forecasts are written in UTC, or in the zone named with --timezone, whose clock seasons "
        "then follow",
    )


def _describe_closed(calendar: Calendar, *, options: ReadOptions) -> tuple[str, ...]:
    """Which days and hours the steps skip, and how to have them otherwise."""
    if calendar.open_week is not None:
        otherwise = "--fill 0 counts" if options.aggregate else f"--freq {calendar.alias} forecasts"
        written = "" if options.closed == "zero" else "; --closed zero writes them too, as zeros"
        return (
            f"closed, as no series ever has a value then: {calendar.open_week.describe_closed()}; the steps are the "
            f"open ones ({otherwise} the closed ones too{written})",
        )
    if options.closed == "zero" and not calendar.has_closed_steps:
        return ("--closed zero: no day or hour was found to be closed, so that there is nothing to write as zero",)
    return ()


def _check_offsets(rows: Rows, *, columns: Columns, table: Table) -> None:
    """Raise DataError for a row whose moment in UTC is unknown; only for steps shorter than a day."""
    if rows.lacks_offset.any():
        row = int(np.argmin(np.where(rows.lacks_offset, rows.lines, rows.lines.max() + 1)))
        raise DataError(
            f"{table.locate(rows.lines[row], column=columns.time)}: {show_moment(rows.wall[row])} has no UTC offset, "
            "as other rows have. Write one in every row, or in none."
        )


def _check_grid(
    rows: Rows,
    steps: NDArray[np.int64],
    first_of_row: NDArray[np.int64],
    ids: list[tuple[str, ...]],
    *,
    calendar: Calendar,
    table: Table,
    options: ReadOptions,
) -> None:
    """Raise DataError unless every row lies on the grid and most are one step after the row before."""
    lies_on_grid = calendar.advance(rows.wall[first_of_row], steps) == rows.wall
    within = np.diff(rows.codes) == 0
    follows = (np.diff(steps) == 1) & lies_on_grid[1:] & lies_on_grid[:-1]
    share = float(follows[within].mean()) if within.any() else 1.0
    if lies_on_grid.all() and (share >= 0.5 or options.frequency is not None or options.fill is not None):
        return
    advice = (
        advise_filling(rows.wall, rows.values, is_first=starts_series(rows.codes), options=options),
        advise_aggregating(rows.wall, frequency=options.frequency),
    )
    row = int(np.argmax(within & ~follows)) + 1 if lies_on_grid.all() else int(np.argmin(lies_on_grid))
    where = table.locate(rows.lines[row], series=ids[rows.codes[row]])
    remedy = "" if options.timezone is None else "leave --timezone out, "
    raise DataError(
        f"{where}: {show_moment(rows.wall[row])} does not fit the steps of the others ({calendar.name}; {share:.0%} "
        f"of the steps agree). Fix the timestamps, {remedy}or {_name_step(rows)}"
        f"{''.join(f'; {words}' for words in advice if words is not None)}."
    )


def _check_gaps(
    rows: Rows, steps: NDArray[np.int64], ids: list[tuple[str, ...]], *, calendar: Calendar, table: Table
) -> None:
    """Raise DataError for timestamps that lie so far from all others that they must be typing errors."""
    if not ((np.diff(steps) > 100) & (np.diff(rows.codes) == 0)).any():
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
    row = strays[np.argmin(rows.lines[strays])]
    raise DataError(
        f"{table.locate(rows.lines[row], series=ids[rows.codes[row]])}: {show_moment(rows.wall[row])} lies {gap:,} "
        f"steps from all other timestamps ({calendar.name}). Fix it; if it is right, {_name_step(rows)}."
    )


def _fill_grid(
    rows: Rows,
    steps: NDArray[np.int64],
    ids: list[tuple[str, ...]],
    style: TimeStyle,
    *,
    calendar: Calendar,
    columns: Columns,
    summary: ReadSummary,
    name: str,
    options: ReadOptions,
) -> tuple[Panel, ReadSummary]:
    """Scatter the rows over flat arrays with one element per step; steps without a row are missing."""
    is_first = starts_series(rows.codes)
    is_last = np.append(is_first[1:], True)
    lengths = np.zeros(len(ids), np.int64)
    lengths[rows.codes[is_last]] = steps[is_last] + 1
    starts = np.full(len(ids), "NaT", "datetime64[us]") if rows.wall.dtype.kind == "M" else np.zeros(len(ids), np.int64)
    starts[rows.codes[is_first]] = rows.wall[is_first]
    if options.fill is not None:
        lengths = extend_to_last(rows.wall, starts, lengths, calendar=calendar)
    total = int(lengths.sum())
    if total > LARGEST_FILLING * len(steps) and total > 1_000_000:
        series = int(np.argmax(lengths))
        raise DataError(
            f"{name}, series {', '.join(ids[series]) or 'the only one'}: {lengths[series]:,} steps ({calendar.name}) "
            "lie between its first and its last timestamp, far more than its rows. Look for a stray date, or name a "
            "longer step with --freq."
        )
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    values = np.full(total, np.nan if options.fill is None else options.fill, np.float64)
    values[offsets[rows.codes] + steps] = rows.values
    panel = Panel(values, offsets, starts, ids, calendar, columns.id_columns, columns.time, style)
    panel = replace(panel, writes_closed=options.closed == "zero")
    missing, notes = total - len(steps), list(summary.notes)
    if options.fill is not None:
        notes.append(f"{missing:,} steps without a row count as {options.fill:g}, up to the last time in the data")
        missing = 0
    advice = None
    if not columns.wide and missing >= MIN_MISSING * total:
        advice = advise_filling(rows.wall, rows.values, is_first=is_first, options=options)
    if advice is not None:
        notes.append(f"rows are missing at many different distances, and no value is 0: {advice}")
    return panel, replace(summary, missing_rows=missing, notes=tuple(notes))


def _name_step(rows: Rows) -> str:
    """The remedy for a step that was inferred wrongly; --freq is not for times that are numbers."""
    is_counted = rows.wall.dtype.kind == "i"
    return "number the steps one after the other" if is_counted else "name the step with --freq (such as D, W, MS or h)"
