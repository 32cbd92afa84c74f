"""Recognise tables with a row for each year or day and a column for each part of it: `Year`, `Jan`, `Feb`, … `Dec`."""

import re
import shlex
from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecaster.data.layouts.first_line import list_times
from forecaster.data.layouts.hour_columns import Parts, find_hours
from forecaster.data.layouts.period_columns import PeriodColumns, are_numbers, are_times, find_name, told_otherwise
from forecaster.data.names.column_names import is_total_name, names_key, names_row_total, names_series
from forecaster.data.names.date_names import names_month, number_months
from forecaster.data.names.part_words import WORDS
from forecaster.data.numbers.number_cells import looks_numeric, parse_numbers
from forecaster.data.parts.half_hours import HALF_HOUR, HALF_HOURS_OF_DAY
from forecaster.data.parts.part_cells import DATES, level_of_name, number_parts
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.dates import TimesText, parse_times
from forecaster.errors import DataError, UsageError

__all__ = ["explain_unread_parts", "find_part_columns", "join_time"]

YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d(?:\.0+)?")
NAMES_OF_TIMES = frozenset(("", "timestamp", "date", "time", "period", "ds"))
"""What a column of years may be called as well."""
NUMBERED_MONTH = re.compile(r"(?:m|month|monat|mois|mes|mese|maand)?[ _.]?0?([1-9]|1[0-2])", re.IGNORECASE)
PART = re.compile(f"{NUMBERED_MONTH.pattern}|{WORDS['quarter']}", re.IGNORECASE)
COUNTS = {"month": 12, "quarter": 4, "hour": 24, HALF_HOUR: HALF_HOURS_OF_DAY}
LEAST_YEARS = 0.8
"""Share of the cells that must be years; the others are totals or errors, which are named."""
LEAST_PARTS = 0.5
"""Share of the parts that must be there for the table to be called one that lacks some."""
LEAST_TOTALS = 0.9
"""Share of the rows in which a total is the sum, or the mean, of the others."""
TOLERANCE = 0.005
"""Largest relative difference of the two."""


def find_part_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, options: ReadOptions
) -> PeriodColumns | None:
    """The columns of a table of which the first `rows` are given; None where it is not certain that it is such a table.

    All months, quarters or hours stand in its header, in any order but that of another year, and numbers below them;
    in another column are years, or days, and beside them names of series, and totals that are the sum or the mean.
    """
    found = _judge(header, rows, options=options)
    return found if isinstance(found, PeriodColumns) else None


def explain_unread_parts(sample: pd.DataFrame, *, options: ReadOptions) -> str | None:
    """Why a table with years or days as rows, and with their parts as columns, is not read; None for others."""
    header = [str(column) for column in sample]
    if _find_parts(header) is None:
        return None  # tables may have thousands of columns
    found = _judge(header, sample.fillna("").to_numpy().tolist(), options=options)
    return found if isinstance(found, str) else None


def join_time(text: str, parts: Sequence[str]) -> list[str]:
    """The times of the cells of a row by its text and the `parts`; that text for all where it is no year or day."""
    plain = re.sub(r"\.0+$|[ T]00?:00(:00)?$", "", text.strip())
    is_hour = parts[0].startswith(" ")
    is_time = re.search(r"\d", plain) and not is_total_name(plain) if is_hour else YEAR.fullmatch(plain)
    return [plain + part if is_time else text for part in parts]


def _judge(header: Sequence[str], rows: Sequence[Sequence[str]], *, options: ReadOptions) -> PeriodColumns | str | None:
    """What the columns are, or why they are not read, or None where they are no parts of years."""
    names = [name.strip() for name in header]
    parts = _find_parts(names)
    if parts is None or any("\0" in name for name in names):
        return None
    level, places = parts.level, parts.places
    cells = {place: [row[place].strip() if place < len(row) else "" for row in rows] for place in range(len(names))}
    others = [place for place in range(len(names)) if place not in places.values()]
    times = [place for place in others if _holds_times(cells[place], name=names[place], parts=parts, options=options)]
    if len(times) != 1 or told_otherwise(names, options=options, row_time=names[times[0]]):
        return None
    row_time = times[0]
    if not are_numbers([cell for place in places.values() for cell in cells[place]]):
        return None
    reason = _explain_parts(parts, names=names)
    if reason is not None:
        return reason
    keys, left_out = [], []
    for place in others:
        name = names[place]
        filled = [cell for cell in cells[place] if cell]
        if place == row_time or not name:
            continue
        if not filled or not looks_numeric(pd.Series(filled, dtype=str)):
            if len(set(filled)) > 1 and are_times([*dict.fromkeys(filled)], name=name):
                return f"{name!r} holds times as well: leave it out"
            keys.append(place)
        elif names_row_total(name) and (kind := _find_total(cells, place, parts=[*places.values()])):
            left_out.append(f"{name!r}, their {kind}")
        elif _is_named(name, options=options):
            keys.append(place)
        elif _counts_rows(filled, times=cells[row_time]):
            left_out.append(f"{name!r}, which counts the rows")
        elif names_series(name) or names_key(name):
            keys.append(place)
        else:
            return (
                f"{name!r} is neither a {level}, nor the sum or mean of all: leave it out, or use --id "
                f"{shlex.quote(name)} if it identifies the series"
            )
    taken = {names[place] for place in keys}
    time, value = (find_name(word, taken=taken) for word in ("timestamp", "value"))
    return PeriodColumns(
        *(tuple(names), tuple(places[number] for number in sorted(places))),
        times=parts.write_times(),
        keys=tuple((place, (names[place],)) for place in keys),
        time=time,
        value=value,
        row_time=row_time,
        note=parts.describe(left_out=left_out, flag="--target COLUMN,…" if keys else "--wide"),
    )


def _find_parts(names: list[str]) -> Parts | None:
    """The columns that are called by hours, months or quarters; None where too few are."""
    if len(names) <= LEAST_PARTS * min(COUNTS.values()):
        return None  # beside the fewest parts is what a row is; most tables have two columns
    if (hours := find_hours(names)) is not None:
        return hours
    if not any(names_month(name) or PART.fullmatch(name) for name in names):
        return None
    texts = pd.Series(names, dtype=str)
    months = number_months(texts)
    numbered = texts.str.extract(f"^(?:{NUMBERED_MONTH.pattern})$", flags=re.IGNORECASE)[0].astype(float)
    quarters = number_parts(texts.where(texts.str.fullmatch(WORDS["quarter"])), "quarter").astype(float)
    for level, numbers in (("month", months), ("month", numbered), ("quarter", quarters)):
        found = {int(number): place for place, number in enumerate(numbers) if not np.isnan(number)}
        if len(found) >= LEAST_PARTS * COUNTS[level]:
            is_single = len(found) == int(numbers.notna().sum())
            return Parts(level, found) if is_single else None
    return None


def _holds_times(cells: list[str], *, name: str, parts: Parts, options: ReadOptions) -> bool:
    """Whether cells are the years, or the days, of which there are `parts`."""
    if parts.whole == "year":
        return options.date_format is None and _holds_years(cells, name=name)
    filled = [cell for cell in dict.fromkeys(cells) if cell and not is_total_name(cell)]
    if not filled or sum(re.fullmatch(DATES["day"], cell) is not None for cell in filled) < LEAST_YEARS * len(filled):
        return False
    if parts.is_named:
        return True
    # numbers are hours where rows are days
    texts = pd.Series([join_time(cell, [" 00:00"])[0] for cell in filled], dtype=str)
    times: TimesText | None
    try:
        times = parse_times(texts, name="", column=name, date_format=options.date_format)
    except (DataError, UsageError):
        times = list_times(filled)  # the day is first, or the month, which is asked for later
    if times is None or times.wall.dtype.kind != "M":
        return False
    days = np.unique(times.wall[~times.unreadable].astype("datetime64[D]"))
    return len(days) > 1 and bool(np.diff(days).min() == np.timedelta64(1, "D"))


def _holds_years(cells: list[str], *, name: str) -> bool:
    """Whether cells are years of the calendar by the name of their column, too."""
    filled = [cell for cell in cells if cell]
    if level_of_name(name) != "year" and name.casefold() not in NAMES_OF_TIMES:
        return False
    is_year = [YEAR.fullmatch(cell) is not None for cell in filled]
    return bool(filled) and is_year[0] and sum(is_year) >= LEAST_YEARS * len(filled)


def _explain_parts(parts: Parts, *, names: list[str]) -> str | None:
    """What is wrong with the columns of the parts, if anything."""
    places, count = parts.places, COUNTS[parts.level]
    absent = [number for number in range(1, count + 1) if number not in places]
    if absent and parts.whole == "year":
        return f"there is none for {parts.level} {absent[0]}: add it, and leave its cells empty"
    order = [number for number, _ in sorted(places.items(), key=lambda part: part[1])]
    steps = np.diff(order) % count
    for step, first in ((1, min(order)), (count - 1, max(order))):
        if (steps == step).all() and order[0] != first:
            begin, usual = names[places[order[0 if step == 1 else -1]]], names[places[min(order)]]
            return (
                f"as they begin with {begin!r}, the {parts.whole}s may, too, so that the last ones are of the next "
                f"{parts.whole}: where {parts.whole}s begin with {usual!r}, put the columns in that order"
            )
    return None


def _is_named(name: str, *, options: ReadOptions) -> bool:
    """Whether options say what a column is."""
    given = (*(options.ids or ()), *(options.known or ()), *(options.past or ()), *(options.static or ()))
    return any(name in (text, *map(str.strip, text.split(","))) for text in given)


def _counts_rows(cells: list[str], *, times: list[str]) -> bool:
    """Whether cells number the rows one after the other, where no time is there twice."""
    filled = [time for time in times if time]
    if len(set(filled)) < len(filled) or len(cells) != len(filled) or not all(map(str.isdecimal, cells)):
        return False
    return len(cells) > 1 and bool((np.diff([*map(int, cells)]) == 1).all())


def _find_total(cells: dict[int, list[str]], place: int, *, parts: list[int]) -> str | None:
    """Whether the column at a `place` is the "sum" or the "mean" of the `parts` in its rows; None where it is neither.

    Rows in which a part is empty count only where there are no others. What has decimals may have been rounded.
    """
    texts = [cells[part] for part in parts]
    read = [parse_numbers(column) for column in (*texts, cells[place])]
    rounding = _find_rounding([cell for column in texts for cell in column]), _find_rounding(cells[place])
    for mark in ".,":
        *values, totals = (np.asarray(column.values[mark], np.float64) for column in read)
        grid = np.stack(values)
        filled = (~np.isnan(grid)).sum(axis=0)
        is_compared = ~np.isnan(totals) & (filled == len(parts))
        is_compared = is_compared if is_compared.any() else ~np.isnan(totals) & (filled > 0)
        if not is_compared.any():
            continue
        sums = np.nansum(grid, axis=0)[is_compared]
        counts, total = filled[is_compared], totals[is_compared]
        for kind, expected, count in (("sum", sums, len(parts)), ("mean", sums / counts, 1)):
            error = 1.001 * (count * (rounding[0] if rounding[0] < 0.5 else 0) + rounding[1])
            is_same = np.isclose(total, expected, rtol=TOLERANCE, atol=error)
            if is_same.mean() >= LEAST_TOTALS:
                return kind
    return None


def _find_rounding(texts: list[str]) -> float:
    """Half of the last place that numbers have."""
    decimals = [len(found[1]) for text in texts if (found := re.search(r"[.,](\d+)\D*$", text))]
    return float(0.5 * 10.0 ** -max(decimals, default=0))
