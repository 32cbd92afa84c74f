"""Tell whether the first line of a table holds names or values, and name the columns where it holds values."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from forecaster.data.names.column_names import is_total_name
from forecaster.data.numbers.number_cells import MISSING_WORDS, looks_numeric, parse_numbers
from forecaster.data.parts.part_cells import level_of_words
from forecaster.data.times.dates import parse_times
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError, UsageError

__all__ = [
    "CLOCK",
    "DATE",
    "YEAR",
    "FirstLine",
    "are_consecutive_years",
    "explain_unclear",
    "holds_values",
    "is_number",
    "judge_first_line",
    "list_times",
    "name_columns",
]

DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")
CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[AaPp]\.? ?[Mm]\.?)?")
LONG_DIGITS = re.compile(r"\d{8,19}")
"""Dates without separators, and seconds since 1970."""
YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
FEWEST_YEARS = 4
COMPARED = 100
"""Lines below the first that it is compared with."""


@dataclass(frozen=True)
class FirstLine:
    """The names of the columns, whether they are made up because the first line holds values, and notes on that.

    `problem` is what is wrong with the names, which are told apart where two are the same. `time` is the column of the
    time where it is known.
    """

    header: tuple[str, ...]
    is_made_up: bool = False
    notes: tuple[str, ...] = ()
    problem: DataError | None = None
    time: str | None = None

    @classmethod
    def of_values(cls, rows: list[list[str]], *, is_given: bool) -> "FirstLine":
        """Made-up names for `rows`, the first of which is the first line."""
        header = name_columns(rows)
        shown = ", ".join(cell.strip() for cell in rows[0][:3]) + (", …" if len(rows[0]) > 3 else "")
        named = " and ".join(map(repr, header)) if len(header) <= 2 else f"{header[0]!r} to {header[-1]!r}"
        hint = "" if is_given else " (or --header)"
        note = f"no header: the first line ({shown}) is the first row{hint}; the columns are called {named}"
        return cls(header, True, (note,))


def judge_first_line(first: list[str], rows: list[list[str]]) -> bool | None:
    """Whether the first line holds values as the `rows` below it do; None where that cannot be known.

    It does where it has a time that fits those below it, and a number, or nothing, in each column of numbers. It
    holds names where those columns have text.
    """
    times = {place: found for place in range(len(first)) if (found := _find_times(first[place], rows, place))}
    if not times and (parts := _find_parts(first, rows)):
        others = {place: _list_cells(rows, place) for place in range(len(first)) if place not in parts}
        numeric = [place for place, cells in others.items() if looks_numeric(_as_series(cells))]
        fits = [_is_number_or_missing(first[place]) for place in numeric]
        return True if all(fits) else None if any(fits) else False
    if not times and not any(_is_other_time(first[place], rows, place) for place in range(len(first))):
        return None if holds_values(first) else False
    columns = {place: _list_cells(rows, place) for place in range(len(first)) if place not in times}
    fits = [_is_number_or_missing(first[place]) for place, cells in columns.items() if looks_numeric(_as_series(cells))]
    is_before = bool(times) and all(map(_goes_before, times.values()))
    if not all(fits):  # a date above names may be that of the report, unless it is the one before the others
        return None if any(fits) or is_before else False
    return True if is_before else None


def explain_unclear(first: list[str], *, name: str) -> DataError:
    """The error for a first line that may hold names or values."""
    kinds = ([cell for cell in first if matches(cell)] for matches in (DATE.fullmatch, is_number))
    found = " and ".join(kind[0] for kind in kinds if kind) or next(iter(filter(None, first)), "")
    return DataError(
        f"{name}: the first line holds values ({found}). Add a header line that names the columns; or say what "
        "the line is: --no-header for the first row, --header for names."
    )


def name_columns(rows: list[list[str]]) -> tuple[str, ...]:
    """Names for the columns of `rows` by what their cells hold."""
    width = len(rows[0])
    columns = [_list_cells(rows, place) for place in range(width)]
    names = [f"column {place + 1}" for place in range(width)]
    times = [place for place, cells in enumerate(columns) if list_times(cells) is not None]
    if times:
        has_clock = times[0] + 1 < width and all(map(CLOCK.fullmatch, filter(None, columns[times[0] + 1])))
        names[times[0]] = "date" if has_clock else "timestamp"
        if has_clock:
            names[times[0] + 1] = "time"
    elif are_consecutive_years(columns[0]):
        names[0] = "year"
    else:
        parts = _find_numbered_parts(columns)
        names[: len(parts)] = parts
    numbers = [
        place
        for place, cells in enumerate(columns)
        if names[place].startswith("column ") and looks_numeric(_as_series(cells))
    ]
    if len(numbers) == 1:
        names[numbers[0]] = "value"
    return tuple(names)


def _find_numbered_parts(columns: list[list[str]]) -> tuple[str, ...]:
    """The names of the first columns where these are year and month, or year, month and day, of rows in their order.

    Hardly any step is without a row. No names where they are not.
    """
    for names, unit in ((("year", "month", "day"), "D"), (("year", "month"), "M")):
        # a last line may be shorter than the others
        rows = min(map(len, columns[: len(names)]))
        cells = [[*row] for row in zip(*(column[:rows] for column in columns[: len(names)]), strict=True)]
        if len(cells) < FEWEST_YEARS or len(columns) < len(names) or not all(map(_is_dated, cells)):
            continue
        texts = ["-".join([year, *(part.zfill(2) for part in parts)]) for year, *parts in cells]
        try:
            moments = np.array(texts, f"datetime64[{unit}]").astype(np.int64)
        except ValueError:  # a month 13, or 31 February
            continue
        if (np.diff(moments) >= 1).all() and np.median(np.diff(moments)) == 1:
            return names
    return ()


def _is_dated(cells: list[str]) -> bool:
    """Whether the cells of a row are a year and whole numbers of one or two digits."""
    return YEAR.fullmatch(cells[0]) is not None and all(re.fullmatch(r"\d\d?", cell) for cell in cells[1:])


def are_consecutive_years(cells: list[str]) -> bool:
    """Whether cells are at least four years, one after the other."""
    years = [cell for cell in cells if cell]
    if len(years) < FEWEST_YEARS or not all(map(YEAR.fullmatch, years)):
        return False
    return {int(after) - int(before) for before, after in pairwise(years)} in ({1}, {-1})


def holds_values(cells: list[str]) -> bool:
    """Whether cells are all numbers, or numbers and dates, as in a row below the header."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    numbers = [cell for cell in filled if is_number(cell)]
    return len(numbers) == len(filled) or bool(numbers and any(DATE.fullmatch(cell) for cell in filled))


def is_number(cell: str) -> bool:
    """Whether a cell is a number as programs write it."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def list_times(cells: list[str]) -> TimesText | None:
    """The distinct `cells` as times where all of them are, and are written as no plain number; else None."""
    kept = (cell for cell in dict.fromkeys(cells) if cell and cell not in MISSING_WORDS and not is_total_name(cell))
    distinct = _as_series([*kept])
    if not len(distinct) or not distinct.str.contains(r"\d").all() or bool(distinct.str.fullmatch(CLOCK).all()):
        return None
    is_long = bool(distinct.str.fullmatch(LONG_DIGITS).all())
    if not is_long and bool(parse_numbers(distinct).is_number.any()):
        return None
    times: TimesText | None
    try:
        times = parse_times(distinct, name="", column="date" if is_long else "")
    except (DataError, UsageError):
        times = _parse_in_order(distinct)
    return None if times is None or times.style.format is None or times.unreadable.any() else times


def _parse_in_order(distinct: "pd.Series[str]") -> TimesText | None:
    """Dates of which it is not known whether the day or the month is first, read as one of the two."""
    for date_format in ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        times = parse_times(distinct, name="", date_format=date_format)
        if not times.unreadable.any():
            return times
    return None


def _find_parts(first: list[str], rows: list[list[str]]) -> list[int]:
    """The columns that hold a part of a time in words, such as names of months, in their first cell and below it."""
    found = []
    for place, cell in enumerate(first):
        below = [text for text in _list_cells(rows, place) if text]
        level = level_of_words(cell) if below else None
        if level is not None and all(level_of_words(text) == level for text in below):
            found.append(place)
    return found


def _find_times(first: str, rows: list[list[str]], place: int) -> TimesText | None:
    """The distinct times of a column, that of its first cell before the others; None where some cell is none."""
    if not re.search(r"\d", first) or not _may_be_times(rows, place):
        return None
    return list_times([first.strip(), *_list_cells(rows, place)])


def _may_be_times(rows: list[list[str]], place: int) -> bool:
    """Whether the first cell of a column that is filled is no plain number, which is found out fast."""
    below = next((row[place].strip() for row in rows if place < len(row) and row[place].strip()), "")
    return bool(below) and not (is_number(below) and not LONG_DIGITS.fullmatch(below))


def _is_other_time(first: str, rows: list[list[str]], place: int) -> bool:
    """Whether the first cell of a column of times is a time in another form."""
    return (
        bool(re.search(r"\d", first))
        and _may_be_times(rows, place)
        and list_times([first.strip()]) is not None
        and bool(list_times(_list_cells(rows, place)))
    )


def _goes_before(times: TimesText) -> bool:
    """Whether the first of distinct times continues those below it backwards; True where these are in no order."""
    if times.wall.dtype.kind != "M" or len(times.wall) < 3:
        return True
    steps = np.diff(times.wall)
    sizes, zero = np.abs(steps), np.timedelta64(0, "us")
    if (steps[1:] > zero).all() or (steps[1:] < zero).all():
        is_alike = (steps[0] > zero) == (steps[1] > zero)
        return bool(is_alike and (len(steps) < 3 or sizes[0] <= 2 * sizes[1:].max()))
    return True


def _list_cells(rows: list[list[str]], place: int) -> list[str]:
    return [row[place].strip() for row in rows[:COMPARED] if place < len(row)]


def _as_series(cells: list[str]) -> "pd.Series[str]":
    return pd.Series([cell or None for cell in cells], dtype=object)


def _is_number_or_missing(cell: str) -> bool:
    found = parse_numbers([cell.strip()])
    return bool(found.is_number[0] or found.is_missing[0])
