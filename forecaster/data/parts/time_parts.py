"""Detect time that is spread over several columns, such as `year` and `month`, or `Date` and `Time`."""

import re
from dataclasses import dataclass

import pandas as pd

from forecaster.data.names.seasons import names_season_column
from forecaster.data.parts.half_hours import HALF_HOUR
from forecaster.data.parts.part_cells import DATES, LEVELS, find_levels, is_name_alone, level_of_name
from forecaster.data.parts.prefixed_parts import find_prefixed_parts
from forecaster.errors import DataError

__all__ = [
    "TimeParts",
    "fills_days",
    "find_time_parts",
    "find_year",
    "list_parts",
    "names_part",
    "prefer_whole_time",
    "refuse_centuries",
    "repeat_seldom",
]

WRITTEN = {
    "half": "2024-01 (the first month of the half-year)",
    "quarter": "2024Q1",
    "month": "2024-01",
    "week": "2024-01-29 (the first day of the week)",
    "day": "2024-01-31",
} | dict.fromkeys((HALF_HOUR, "hour", "minute", "second"), "2024-01-31 13:00:00")
"""Examples with all parts in one cell, by the finest level."""

MOST_REPEATED = 0.02
"""Largest share of rows that repeat a time that is joined well; more than one hour of two days."""
LEAST_FILLED = 0.5
"""Least share of the times of day that have a row on each day, where rows are measured at fixed times."""


@dataclass(frozen=True)
class TimeParts:
    """The columns that only together determine the time of a row, from coarse to fine.

    `finest` is the level of the last, such as "month". `is_certain` where the time column alone is no moment, such as
    the number of a month; a date or a year may be enough as long as no row repeats it. `is_named` where the names of
    the columns show it, too. The first `has_dates` where the others are only the time of day.
    """

    columns: tuple[str, ...]
    finest: str
    is_certain: bool
    is_named: bool = True
    has_dates: bool = False

    def describe(self) -> str:
        """What is wrong, and how to fix it."""
        *others, last = map(repr, self.columns)
        return (
            f"the time of a row is spread over the columns {', '.join(others)} and {last}. Replace them with one "
            f"column named 'timestamp' that holds all of it, written as {WRITTEN[self.finest]}."
        )


def find_time_parts(sample: pd.DataFrame, *, time: str, ids: tuple[str, ...] = ()) -> TimeParts | None:
    """The columns of `sample` that complete the column `time`, and `time`; None where it needs none of them.

    `ids` are the columns that identify the series.
    """
    found = find_levels(sample)
    prefixed = find_prefixed_parts([*found], level_of_name)
    # the parts of one time belong together: those of an arrival, or those of no other time
    others = set() if time not in prefixed else {found[column] for column in prefixed}
    levels = {
        column: level
        for column, level in found.items()
        if (column in prefixed if level in others else (column not in prefixed))
    }
    own = levels.get(time)
    is_certain = own not in (None, "year") or time in prefixed
    header = [str(column) for column in sample]
    has_year = own == "year" or _find_date(sample, [time])[0] is not None
    parts = {levels[column]: column for column in reversed(header) if column in levels}
    has_year |= "year" in parts
    parts = {part: column for part, column in parts.items() if has_year or is_name_alone(column)}
    if own is not None:
        parts[own] = time
        # a finer part adds nothing where it and all finer ones are constant, such as minutes of 0, or is an id column
        changing = [LEVELS.index(part) for part, column in parts.items() if sample[column].nunique() > 1]
        finest = max([LEVELS.index(own), *changing])
        parts = {
            part: column
            for part, column in parts.items()
            if LEVELS.index(part) <= LEVELS.index(own) or (column not in ids and LEVELS.index(part) <= finest)
        }
    date, level = _find_date(sample, [time] if own is None else header if is_certain else [])
    if date is not None and level is not None:
        parts = {level: date} | {part: parts[part] for part in parts if LEVELS.index(part) > LEVELS.index(level)}
    parts = _drop_derived(parts)
    if len(parts) < 2 or time not in parts.values():
        return None
    columns = tuple(parts[part] for part in LEVELS if part in parts)
    if not is_certain and not _distinguish_rows(sample, [*columns], keys=[*ids, time]):
        return None
    is_named = all(
        level_of_name(column) or names_season_column(column) or column == date or column in prefixed
        for column in columns
    )
    has_dates = date is not None and date == parts.get("day") and parts.keys() <= {"day", "hour", "minute", "second"}
    return TimeParts(columns, max(parts, key=LEVELS.index), is_certain, is_named, has_dates)


def prefer_whole_time(sample: pd.DataFrame, time: str) -> str:
    """`time`; or, where that is only a part, such as a month's number, a column of dates that are at least as fine."""
    own = find_levels(sample).get(time)
    if own in (None, "year"):
        return time
    date, level = _find_date(sample, [str(column) for column in sample])
    return date if date and level and LEVELS.index(level) >= LEVELS.index(own) else time


def repeat_seldom(sample: pd.DataFrame, columns: list[str]) -> bool:
    """Whether hardly a row repeats the cells of `columns`: the clock shows one hour of a year twice."""
    return float(sample.duplicated(columns).mean()) <= MOST_REPEATED


def fills_days(sample: pd.DataFrame, columns: tuple[str, ...], *, keys: list[str]) -> bool:
    """Whether the days of each series of `keys` have a row at most of the same times of day, as those of a meter.

    `columns` are the date and the parts of a time of day; transactions are at other times each day.
    """
    date, *finer = columns
    days, times = sample[[*keys, date]].drop_duplicates(), sample[finer].drop_duplicates()
    is_filled = len(sample) >= LEAST_FILLED * len(days) * len(times)
    return len(times) > 1 and is_filled and repeat_seldom(sample, [*keys, *columns])


def list_parts(sample: pd.DataFrame) -> list[str]:
    """The columns that by name and cells are parts of a time."""
    return [*find_levels(sample)]


def names_part(column: str) -> bool:
    """Whether a column of this name usually holds a part of a time."""
    return level_of_name(column) is not None


def find_year(sample: pd.DataFrame) -> str | None:
    """The first column of years by name and cells, in any language, or by its cells beside months or quarters."""
    return next((column for column, level in find_levels(sample).items() if level == "year"), None)


def refuse_centuries(sample: pd.DataFrame, *, name: str) -> None:
    """Raise DataError where a year is in two columns, such as 19 in `century` and 99 in `year`."""
    lowered = {str(column).strip().casefold(): str(column) for column in sample}
    if {"century", "year"} <= lowered.keys():
        century, year = (pd.to_numeric(sample[lowered[word]], errors="coerce") for word in ("century", "year"))
        if bool((century.between(10, 29) & year.between(0, 99)).all()):
            one, other = repr(lowered["century"]), repr(lowered["year"])
            whole = f"{int(century.iloc[0]):02d}{int(year.iloc[0]):02d}"
            raise DataError(f"{name}: a year is in two columns, {one} and {other}. Write it in one, as in {whole}.")


def _find_date(sample: pd.DataFrame, columns: list[str]) -> tuple[str | None, str | None]:
    """The first of `columns` that holds complete dates, and their level."""
    for column in columns:
        first = next((cell for cell in sample[column] if isinstance(cell, str)), "").strip()
        for level, pattern in DATES.items():
            # the first cell tells nearly always
            if re.fullmatch(pattern, first) and _are_written(sample[column], pattern):
                return column, level
    return None, None


def _are_written(cells: "pd.Series[str]", pattern: str) -> bool:
    match = re.compile(pattern).fullmatch
    return all(match(cell.strip()) for cell in cells.dropna().unique())


def _drop_derived(parts: dict[str, str]) -> dict[str, str]:
    """`parts` without those that follow from the others, or that lack the next coarser part."""
    derived = {"quarter"} if {"month", "week"} & parts.keys() else set()
    derived |= {"half"} if {"quarter", "month", "week", "day"} & parts.keys() else set()
    derived |= {"week"} if {"month", "day"} <= parts.keys() else set()
    derived |= {"hour"} if HALF_HOUR in parts else set()
    derived |= (
        {"minute", "second"} if "hour" not in {*parts} - derived else {"second"} if "minute" not in parts else set()
    )
    return {part: column for part, column in parts.items() if part not in derived}


def _distinguish_rows(sample: pd.DataFrame, columns: list[str], *, keys: list[str]) -> bool:
    """Whether `columns` distinguish some rows that repeat the `keys`, unless no row does."""
    repeats = int(sample.duplicated(keys).sum())
    return repeats == 0 or int(sample.duplicated([*keys, *columns]).sum()) < repeats
