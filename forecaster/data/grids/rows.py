"""The observations of all files as rows: rows with the same timestamp are merged, those without a value trimmed."""

import shlex
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.calendar import DAY
from forecaster.data.grids.tables import Table
from forecaster.data.names.column_names import names_row_number
from forecaster.data.parts.part_cells import level_of_name
from forecaster.data.read_options import Duplicates
from forecaster.data.roles.columns import Columns
from forecaster.data.times.dates import is_skipped_in, to_local
from forecaster.errors import DataError

__all__ = [
    "Rows",
    "combine_values",
    "merge_duplicates",
    "show_moment",
    "starts_group",
    "starts_series",
    "trim_unobserved",
    "undo_skipped_times",
]

MAX_NAMED = 5
PARTS_OF_YEARS = ("half", "quarter", "month", "week")
OF_TRANSACTIONS = (
    "for transactions use --freq D --aggregate sum, and --fill 0 where a day without any counts as 0; for events, "
    "one in each row, --freq D --aggregate count"
)
MOST_OF_CLOCKS = 0.02
"""Largest share of rows that repeat a time because the clocks were set back."""


@dataclass(frozen=True)
class Rows:
    """The observations of all files, one per row: series index, wall-clock time, time in UTC, value, line.

    `instant` is NaT where the row has no UTC offset but others do.
    """

    codes: NDArray[np.int64]
    wall: NDArray[Any]
    instant: NDArray[Any]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]

    @property
    def moments(self) -> NDArray[Any]:
        """The sort key of the rows: the time in UTC, or the wall-clock time where that is unknown."""
        return self.instant if self.wall.dtype.kind == "i" else np.where(self.lacks_offset, self.wall, self.instant)

    @property
    def lacks_offset(self) -> NDArray[np.bool_]:
        """Which rows have no UTC offset although others do."""
        return np.isnat(self.instant) if self.wall.dtype.kind == "M" else np.zeros(len(self.wall), bool)

    def take(self, indices: Any) -> "Rows":
        """The rows at `indices`, or where a mask is true."""
        return Rows(*(column[indices] for column in vars(self).values()))


def merge_duplicates(
    rows: Rows,
    moments: NDArray[Any],
    ids: list[tuple[str, ...]],
    *,
    table: Table,
    duplicates: Duplicates | None,
    columns: Columns,
) -> Rows:
    """Merge rows of one series at one moment by the rule `duplicates`. Rows are sorted.

    Raises DataError where no rule was given; the error names those of `columns` that may distinguish such rows.
    """
    is_new = starts_group(rows.codes, moments)
    if is_new.all():
        return rows
    if duplicates is None or duplicates == "refuse":
        row = int(np.argmin(is_new))
        where = table.locate(rows.lines[row], series=ids[rows.codes[row]])
        before = table.locate(rows.lines[row - 1], after=rows.lines[row])
        respelled = table.find_respelled()
        # columns of one name are no ids
        parts = (
            ids[rows.codes[row]] if columns.ids else tuple(name for name in respelled if any(map(str.isalpha, name)))
        )
        if cells := next((respelled[part] for part in parts if part in respelled), None):
            raise DataError(
                f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {cells[0]!r} and {cells[1]!r} "
                "are one name, as blanks in front of a cell are not part of it unless it is in quotes. Put names of "
                "different series in quotes; where they are one, leave out the rows that repeat."
            )
        if columns.time_parts is not None:
            reason = columns.time_parts.describe()
            # one value a day needs no time of day
            reason += f" Or {OF_TRANSACTIONS}." if columns.time_parts.has_dates else ""
            raise DataError(f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {reason}")
        repeated = int((~is_new).sum())
        repeats = f"{repeated:,} {'row repeats' if repeated == 1 else 'rows repeat'} a timestamp"
        if columns.may_be_parts:
            column = columns.may_be_parts[0]
            raise DataError(
                f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {repeats}. {column!r} may count "
                "the months, quarters or weeks of each year: call it 'Month', 'Quarter' or 'Week' if it does; if each "
                f"of its numbers is a series of its own, use --id {shlex.quote(column)}."
            )
        if (time := columns.universal_time) is not None and repeated <= MOST_OF_CLOCKS * len(rows.values):
            raise DataError(
                f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {repeats}. If these are local "
                f"times, use those in {time!r}, which no change of the clock repeats: --time {shlex.quote(time)}; if "
                "not, merge such rows with --duplicates sum, mean, last or first."
            )
        others = [column for column in columns.ignored if column not in (*columns.constant, *columns.no_keys)]
        others = [column for column in others if not names_row_number(column)]
        candidates = f" ({', '.join(others[:MAX_NAMED])})" if others else ""
        if not others and _start_again(rows):
            part = level_of_name(columns.time) in PARTS_OF_YEARS
            year = "add a column 'Year' with the year of each row, or " if part else ""
            raise DataError(
                f"{where}: {show_moment(rows.wall[row])} is there already ({before}); the numbers in {columns.time!r} "
                f"start again. To have them one after the other, {year}number the rows from 1 on in a column 'step' "
                "and use --time step."
            )
        hint = "" if rows.wall.dtype.kind == "i" else f"; {OF_TRANSACTIONS}"
        raise DataError(
            f"{where}: {show_moment(rows.wall[row])} is there already ({before}); {repeats}. If another "
            f"column{candidates} identifies the series, name it with --id; to merge such rows use --duplicates sum, "
            f"mean, last or first{hint}."
        )
    return replace(rows.take(is_new), values=combine_values(rows.values, np.cumsum(is_new) - 1, rule=duplicates))


def _start_again(rows: Rows) -> bool:
    """Whether numbers of steps rise in the order of the lines, in each series, and begin at their first one again."""
    if rows.wall.dtype.kind != "i":
        return False
    order = np.lexsort((rows.lines, rows.codes))
    numbers, is_within = rows.wall[order], ~starts_series(rows.codes[order])[1:]
    steps = np.diff(numbers)[is_within]
    restarts = numbers[1:][is_within][steps < 0]
    return bool(len(restarts) and (restarts == numbers.min()).all() and (steps != 0).all())


def combine_values(
    values: NDArray[np.float64], group: NDArray[np.int64], *, rule: Literal["sum", "mean", "last", "first", "max"]
) -> NDArray[np.float64]:
    """One value for each `group` by the rule; missing values are left out, and a group with nothing else is missing."""
    grouped = pd.Series(values).groupby(group)
    rules = {
        "sum": lambda: grouped.sum(min_count=1),
        "mean": grouped.mean,
        "last": grouped.last,
        "first": grouped.first,
        "max": grouped.max,
    }
    return rules[rule]().to_numpy().astype(np.float64)


def undo_skipped_times(rows: Rows, *, timezone: str | None) -> NDArray[Any]:
    """The wall-clock times of sorted rows; where the clock skipped the usual time of day, in the offset before that.

    Where clocks are set forward at midnight, the day begins at 01:00 in the new offset, which is 00:00 in the old one.
    The old offset is that of the previous row; for the first row of a series it comes from `timezone`, if given.
    """
    is_first, position = starts_series(rows.codes), np.arange(len(rows.wall))
    neighbours = np.where(is_first, np.minimum(position + 1, len(position) - 1), position - 1)
    offsets = rows.wall - rows.instant
    before = offsets[np.where(is_first, position, neighbours)]
    if timezone is not None:
        day_before = rows.instant[is_first] - np.timedelta64(DAY, "us")
        before[is_first] = to_local(day_before, timezone=timezone) - day_before
    shown = rows.instant + before
    is_skipped = (offsets > before) & (_time_of_day(shown) == _time_of_day(rows.wall[neighbours]))
    if timezone is not None:
        is_skipped[is_skipped] = is_skipped_in(timezone, shown[is_skipped])
    return np.where(is_skipped, shown, rows.wall)


def _time_of_day(times: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(times - times.astype("datetime64[D]"))


def trim_unobserved(
    rows: Rows, *, series: int, keeps_ends: bool = False, keeps_starts: bool = False
) -> tuple[Rows, int]:
    """Drop the rows before the first and after the last value of each series.

    Where it `keeps_ends`, the rows after it stay, up to the last value of all series; where it `keeps_starts`, all
    rows before.
    """
    is_observed = ~np.isnan(rows.values)
    if is_observed.all():
        return rows, 0
    position, observed = np.arange(len(rows.values)), np.flatnonzero(is_observed)
    first, last = np.full(series, len(position)), np.full(series, -1)
    last[rows.codes[observed]] = observed
    first[rows.codes[observed[::-1]]] = 0 if keeps_starts else observed[::-1]
    keep = (position >= first[rows.codes]) & (position <= last[rows.codes])
    if keeps_ends and len(observed):
        keep |= (position >= first[rows.codes]) & (rows.moments <= rows.moments[observed].max())
    return (rows if keep.all() else rows.take(keep)), int((~keep).sum())


def starts_series(codes: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the sorted rows is the first of its series."""
    return np.append(True, codes[1:] != codes[:-1])


def starts_group(codes: NDArray[np.int64], moments: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the sorted rows is the first of its series and moment."""
    return starts_series(codes) | starts_series(moments)


def show_moment(moment: Any) -> str:
    """A moment as text, without trailing parts that are zero."""
    text = str(moment).replace("T", " ")
    return text.removesuffix(".000000").removesuffix(" 00:00:00")
