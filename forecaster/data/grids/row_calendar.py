"""Choose the calendar of the rows of a file: found from their times, or named with --freq; and say what was found."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, Calendar
from forecaster.data.fiscal_year import fit_fiscal_years
from forecaster.data.frequency import anchor_months, count_fiscal, infer_calendar, leave_out_closed, parse_frequency
from forecaster.data.grids.rows import Rows, show_moment, starts_series, undo_skipped_times
from forecaster.data.grids.sparse_rows import infer_finest
from forecaster.data.grids.tables import Table
from forecaster.data.open_week import find_open_week
from forecaster.data.panel import TimeStyle
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.errors import DataError, UsageError

__all__ = ["find_calendar"]

DAILY = Calendar("microsecond", DAY)


def find_calendar(
    rows: Rows, style: TimeStyle, *, columns: Columns, table: Table, options: ReadOptions
) -> tuple[Calendar, NDArray[Any], tuple[str, ...]]:
    """The calendar, the time of each row on it, and notes on both for the user."""
    if not len(rows.values):
        raise DataError(f"{table.name}: no row holds a value. Check the target column, or name another with --target.")
    is_first, observed, is_filled = starts_series(rows.codes), ~np.isnan(rows.values), options.fill is not None
    is_told = options.closed is not None
    if style.has_offset:
        rows = replace(rows, wall=undo_skipped_times(rows, timezone=style.timezone))
    if options.frequency is not None:
        calendar = parse_frequency(options.frequency)
        if rows.wall.dtype.kind == "i":
            raise UsageError(f"--freq {options.frequency}: the timestamps are whole numbers. Leave --freq out.")
        if calendar.fiscal_year is not None:
            years = fit_fiscal_years(rows.wall, weeks=calendar.fiscal_year.weeks)
            if len(years) > 1 and not years[0].year_end:
                raise DataError(
                    f"{table.name}: its few dates do not show which months have 5 weeks, with --freq "
                    f"{options.frequency}. Give more rows."
                )
            calendar = count_fiscal(years[0])
        if options.aggregate is not None and not is_filled:
            # the step had to be named: that does not say that there are no closed days
            times = rows.wall if calendar.uses_wall_clock else rows.instant
            calendar = leave_out_closed(calendar, times, is_first=is_first, observed=observed, is_told=is_told)
    else:
        # steps of a day or longer are regular in wall-clock time, even if the UTC offset changes
        found = infer_finest(rows.wall) if is_filled else infer_calendar(rows.wall, is_first=is_first)
        if found is not None:
            found = leave_out_closed(found, rows.wall, is_first=is_first, observed=observed, is_told=is_told)
        if found is None or not found.uses_wall_clock:
            _check_offsets(rows, columns=columns, table=table)
            found = infer_finest(rows.instant) if is_filled else infer_calendar(rows.instant, is_first=is_first)
        if found is None:
            remedy = "Give more rows" if rows.wall.dtype.kind == "i" else "Name it with --freq"
            raise DataError(f"{table.name}: every series has one row only, so the step is unknown. {remedy}.")
        calendar = found
    notes = _describe_offsets(style, calendar=calendar) + _describe_closed(calendar, options=options)
    if calendar == DAILY and options.frequency is None and not is_told:
        notes += _describe_doubt(rows.wall[observed])
    notes += _describe_fiscal(calendar, rows.wall, is_named=options.frequency is not None)
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


def _describe_doubt(times: NDArray[Any]) -> tuple[str, ...]:
    """Which days may be closed, although the few rows at `times` leave it open."""
    opened = find_open_week(times, multiple=DAY, is_told=True)
    if opened is None:
        return ()
    return (
        f"no row has a value on {opened.describe_closed()}, which may be closed: too few rows show it, so that these "
        "days count as missing and are forecast too (--closed skip leaves them out, --freq D says that they are open)",
    )


def _describe_fiscal(calendar: Calendar, times: NDArray[Any], *, is_named: bool) -> tuple[str, ...]:
    """When the next year of 53 weeks comes, or that the data do not show it: dates after it depend on that."""
    year = calendar.fiscal_year
    if year is None and calendar.name not in ("quarters of 13 weeks", "years of 52 weeks"):
        return ()
    if year is None or not year.year_end:
        pattern = "" if year is None else f"{year.describe_pattern(times)}; "
        return (
            f"{pattern}no year of the data has a 53rd week, so it is not known when one comes: dates go on without "
            "one, and are a week early after it",
        )
    last = int(times.max().astype("datetime64[D]").astype(np.int64))
    due = year.find_long_year(last)
    fitting = fit_fiscal_years(times, weeks=year.weeks if is_named else None)
    rivals = [rival for rival in fitting if rival.find_long_year(last) != due]
    words = f"years are counted from {year.describe_start()}; the next 53rd week comes by {np.datetime64(due, 'D')}"
    if rivals:
        other = np.datetime64(rivals[0].find_long_year(last), "D")
        words += f": this is assumed, as {rivals[0].describe_start()} fits the data too, and brings it by {other}"
    return (words,)


def _check_offsets(rows: Rows, *, columns: Columns, table: Table) -> None:
    """Raise DataError for a row whose moment in UTC is unknown; only for steps shorter than a day."""
    if rows.lacks_offset.all():  # it is the future that has them
        raise DataError(
            f"{table.files[-1]}, column {columns.time!r}: the times have a UTC offset, those of the data have none. "
            "Write them as in the data."
        )
    if rows.lacks_offset.any():
        row = int(np.argmin(np.where(rows.lacks_offset, rows.lines, rows.lines.max() + 1)))
        raise DataError(
            f"{table.locate(rows.lines[row], column=columns.time)}: {show_moment(rows.wall[row])} has no UTC offset, "
            "as other rows have. Write one in every row, or in none."
        )
