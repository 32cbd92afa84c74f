"""Recognise tables with the periods as columns, which have one row for each series: `geo`, `2001`, `2002`, …"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.layouts.counted_columns import COUNTED_TIME, find_counted
from forecaster.data.layouts.first_line import CLOCK, list_times
from forecaster.data.names.column_names import names_key, names_series
from forecaster.data.names.date_names import names_month
from forecaster.data.names.part_words import WORDS
from forecaster.data.names.time_names import has_time_word
from forecaster.data.numbers.number_cells import looks_numeric, parse_numbers
from forecaster.data.parts.time_parts import names_part
from forecaster.data.problems import list_names
from forecaster.data.read_options import ReadOptions
from forecaster.data.times.dates import TimesText, parse_times
from forecaster.errors import DataError, UsageError

__all__ = [
    "FEWEST_PERIODS",
    "PeriodColumns",
    "are_numbers",
    "are_periods",
    "are_times",
    "find_name",
    "find_period_columns",
    "strip_flag",
    "told_otherwise",
]

FEWEST_PERIODS = 4
"""Columns of periods in a row of which a table must have so many: fewer may be columns of anything."""
LEAST_NUMBERS = 0.8
"""Share of the filled cells of these columns that must be numbers; the others are errors, which are named."""
MOST_CELLS = 5000
YEARS = (1500, 2200)
NAMED_YEAR = re.compile(r"\s*\[YR\d{4}\]$")
"""What the World Bank writes after a year: 1990 [YR1990]."""
FLAGGED = re.compile(r"(:|[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?)\s+[a-z]{1,4}")
"""A value of Eurostat with its flags, such as 12.3 bp, or : c where there is none."""
KEY_OF_TIMES = re.compile(r"(.+)\\time(?:_period)?", re.IGNORECASE)
"""The name of Eurostat for the column of keys, beside which the periods stand."""
DIGITS = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])|\d{8}")
"""Months and days without separators."""
DOTTED = re.compile(r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d")
"""Months such as 01.2024, which are numbers as well."""
WEEKDAYS = re.compile(
    r"(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|mo|di|mi|do|fr|sa|so|sonnabend|mittwoch"
    r"|(mon|diens|donners|frei|sams|sonn)tag|(lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes|mi[ée]rcoles"
    r"|jueves|viernes|s[áa]bado|domingo|lun|mar|mer|jeu|ven|sam|dim|mi[ée]|jue|vie|s[áa]b|dom",
    re.IGNORECASE,
)
"""Names of days in English, German, French and Spanish."""
LEVELS = ("HI", "djx", "VWU", "mbB", "qi", "h")
"""The letters of date formats that name periods within a day, days, weeks, months, quarters and half-years."""
PARTS = re.compile("|".join(WORDS[level] for level in ("quarter", "week", "hour")))


@dataclass(frozen=True)
class PeriodColumns:
    """Where the columns of a table with the periods as columns are, and what they become: the columns `time`, `value`.

    `header` are the names in the table, `places` those of the periods among them, and `times` their names as times.
    `keys` are the names of the other columns, by their place; several for one whose cells hold several keys between
    commas. With `has_flags` letters may follow the values. Where the rows are times as well, `row_time` is the place of
    these, such as years, `times` are what follows them, as -01 for January, and `note` says what was found out.
    `unread` are the names of other columns of numbers that are times, too, but in another form.
    """

    header: tuple[str, ...]
    places: tuple[int, ...]
    times: tuple[str, ...]
    keys: tuple[tuple[int, tuple[str, ...]], ...]
    time: str
    value: str
    has_flags: bool = False
    row_time: int | None = None
    note: str = ""
    unread: tuple[str, ...] = ()

    @property
    def row_time_name(self) -> str | None:
        """The name of the column of the times of the rows, where each row has one; else each row is a series."""
        return None if self.row_time is None else self.header[self.row_time]

    @property
    def read_places(self) -> tuple[int, ...]:
        """The places of all columns that are read."""
        return (*self.places, *dict(self.keys), *(() if self.row_time is None else (self.row_time,)))

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of all columns but those of the periods."""
        return tuple(name for _, names in self.keys for name in names)

    @property
    def long_header(self) -> tuple[str, ...]:
        """The names of the columns of the table with one period a row."""
        return (*self.key_names, self.time, self.value)

    def describe(self) -> str:
        """One line on what was found, and how to have it otherwise."""
        if self.note:
            return self.note
        flags = ", and letters after their values are flags, which are not read" if self.has_flags else ""
        return (
            f"periods are columns: {len(self.places):,} columns from {self.times[0]} to {self.times[-1]}{flags}; each "
            "row is a series (--time COLUMN if a column holds the times)"
        )

    def check_names(self, *, name: str) -> None:
        """Raise DataError, which begins with the `name` of the data, where some periods would be left out."""
        if self.unread:
            raise DataError(
                f"{name}: the names of {len(self.places):,} columns are times such as {self.times[0]!r}, but "
                f"{list_names([*self.unread])} {'is' if len(self.unread) == 1 else 'are'} of another form. Write "
                "all of them in one form, or leave out those columns that are no periods of the same length."
            )

    def spread(self, by_name: Any, *, default: Any) -> Any:
        """What is said of the columns of one period a row, as what it says of those of the table, by place."""
        if not isinstance(by_name, dict):
            return by_name
        named = {str(place): by_name.get(names[0], default) for place, names in self.keys}
        named |= {} if self.row_time is None else {str(self.row_time): by_name.get(self.time, default)}
        others = {name: found for name, found in by_name.items() if name not in self.long_header}
        return others | named | {str(place): by_name.get(self.value, default) for place in self.places}

    def split(self, number: int, *, column: str) -> tuple[int, str]:
        """The number of a row in the table, and the name of a cell's column there.

        `number` counts the rows of one period each, and `column` is one of theirs, "" for the whole row.
        """
        row, place = divmod(number, len(self.places))
        if self.row_time_name is not None and column == self.time:
            return row, self.row_time_name
        return row, self.header[self.places[place]] if column in ("", self.time, self.value) else column


def find_period_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, options: ReadOptions
) -> PeriodColumns | None:
    """The columns of a table of which the first `rows` are given; None where it is not certain that these are periods.

    Names of times stand in its header, numbers below them, and in another column the names of the series; no column
    holds times. Options that name the time or a target among the columns say that it is no such table.
    """
    names = [name.strip() for name in header]
    if told_otherwise(names, options=options):
        return None
    dated, counted = _find_times(names, date_format=options.date_format), find_counted(names)
    times = counted if dated is None else dated
    if times is None or any("\0" in name for name in names):
        return None
    places = tuple(times)
    cells = {place: [row[place].strip() for row in rows if place < len(row)] for place in range(len(names))}
    has_flags = any(KEY_OF_TIMES.fullmatch(name) for place, name in enumerate(names) if place not in times)
    if not are_numbers([cell for place in places for cell in cells[place][:100]][:MOST_CELLS]):
        return None
    others = {place: name for place, name in enumerate(names) if place not in times}
    if others.get(0) == "" and any(cells[0]) and not looks_numeric(_as_series(cells[0])) and "series" not in names:
        others[0] = "series"
    others = {place: name for place, name in others.items() if name}
    if not _name_series({name: cells[place] for place, name in others.items()}, times=times, rows=len(rows)):
        return None
    keys = tuple((place, _split_key(name)) for place, name in others.items())
    taken = {part for _, parts in keys for part in parts}
    if len(taken) < sum(len(parts) for _, parts in keys):
        return None
    time, value = (find_name(word, taken=taken) for word in (COUNTED_TIME if dated is None else "timestamp", "value"))
    with_numbers = [name for place, name in others.items() if re.search(r"\d", name) and are_numbers(cells[place])]
    unread = () if dated is None else _list_unread([*times.values()], with_numbers, date_format=options.date_format)
    return PeriodColumns(tuple(names), places, tuple(times.values()), keys, time, value, has_flags, unread=unread)


def told_otherwise(names: list[str], *, options: ReadOptions, row_time: str | None = None) -> bool:
    """Whether `options` say that columns of these names are no periods, as the time or a target is one of them.

    `row_time` is a column that may be said to be the time.
    """
    is_told = options.target is not None and all(part.strip() in names for part in options.target.split(","))
    given = {options.time, options.target} - {row_time}
    return bool(options.wide or options.header is False or is_told or given & {*names})


def find_name(word: str, *, taken: set[str]) -> str:
    """`word`, or one like it where there is a column of that name."""
    return next(name for name in (word, *(f"{word} {number}" for number in range(2, 100))) if name not in taken)


def strip_flag(cell: str) -> str:
    """A cell without the letters after its value."""
    found = FLAGGED.fullmatch(cell.strip())
    return found[1] if found else cell


def _split_key(name: str) -> tuple[str, ...]:
    """The names of the keys in a column that is called, for example, `freq,unit,geo\\TIME_PERIOD`."""
    found = KEY_OF_TIMES.fullmatch(name)
    return tuple(part.strip() for part in found[1].split(",")) if found else (name,)


def _find_times(names: list[str], *, date_format: str | None) -> dict[int, str] | None:
    """The texts of the times that some of the `names` are, by their place; None where they are no periods in order."""
    # spreadsheets write midnight behind days, which stays where there are other times of day
    suffix = "" if any(re.search(r" (?!00:00:00)\d\d:\d\d:\d\d$", name) for name in names) else " 00:00:00"
    plain = [re.sub(r"^X(?=\d)", "", NAMED_YEAR.sub("", name)).removesuffix(suffix) for name in names]
    # names of one form, such as 0-a0 for 2024-Q1; of months only those that are shortened have a full stop
    forms = [re.sub(r"[^\W\d_]+\.?", "a", re.sub(r"\d+", "0", name)) for name in plain]
    counts = Counter(form for form in forms if "0" in form)
    for form, count in counts.most_common(2):
        found = {place: text for place, text in enumerate(plain) if forms[place] == form}
        if count >= FEWEST_PERIODS and are_periods([*found.values()], date_format=date_format):
            return found
    return None


def are_periods(texts: list[str], *, date_format: str | None) -> bool:
    """Whether distinct texts are times, each after the one before it, or each before it."""
    if len(set(texts)) < len(texts):
        return False
    if all(re.fullmatch(r"\d{4}", text) for text in texts):
        moments = np.array([*map(int, texts)])
        if not YEARS[0] <= moments.min() <= moments.max() <= YEARS[1]:
            return False
    else:
        is_number = all(map(DIGITS.fullmatch, texts)) or all(map(DOTTED.fullmatch, texts))
        try:
            is_told = is_number or date_format is not None
            times = _parse(texts, date_format=date_format) if is_told else list_times(texts)
        except (DataError, UsageError):
            return False
        if times is None or times.unreadable.any() or times.wall.dtype.kind != "M":
            return False
        moments = times.wall.astype(np.int64)
    steps = np.diff(moments)
    return bool((steps > 0).all() or (steps < 0).all())


def _list_unread(times: list[str], others: list[str], *, date_format: str | None) -> tuple[str, ...]:
    """Those of the `others` that are times, too, and name no longer periods than `times`, as sums of these do."""
    found = {other: read for other in others if (read := list_times([other])) is not None}
    if not found:
        return ()
    is_year = all(re.fullmatch(r"\d{4}", text) for text in times)
    read = _parse(times, date_format=date_format or ("%Y" if is_year else None))
    level = _find_level(read)
    return tuple(other for other, time in found.items() if _find_level(time) <= level)


def _find_level(times: TimesText) -> int:
    """How long the periods are that times name: 0 for those within a day, then days, weeks, months up to years."""
    return next(
        (level for level, letters in enumerate(LEVELS) if re.search(f"%[{letters}]", times.style.format or "")), 9
    )


def _parse(texts: list[str], *, date_format: str | None) -> TimesText:
    return parse_times(_as_series(texts), name="", column="date", date_format=date_format)


def _as_series(cells: list[str]) -> "pd.Series[str]":
    return pd.Series(cells, dtype=str)


def are_numbers(cells: list[str]) -> bool:
    """Whether nearly all filled cells are numbers, with or without flags."""
    found = parse_numbers(map(strip_flag, cells))
    filled = ~found.is_missing
    return bool(filled.any()) and float(found.is_number[filled].mean()) >= LEAST_NUMBERS


def _name_series(columns: dict[str, list[str]], *, times: dict[int, str], rows: int) -> bool:
    """Whether the columns beside those of the periods hold names of series, and none holds times or parts of them."""
    has_names = rows == 1 and not all(text.isdigit() for text in times.values())
    for name, cells in columns.items():
        distinct = [cell for cell in dict.fromkeys(cells) if cell]
        if KEY_OF_TIMES.fullmatch(name):
            return True  # the name says so
        # one time in all rows is that of an update
        if (len(distinct) > 1 or rows == 1) and are_times(distinct, name=name):
            return False
        is_key = names_series(name) or names_key(name)
        has_names |= bool(distinct) and (is_key or not looks_numeric(_as_series(distinct)))
    return has_names


def are_times(distinct: list[str], *, name: str) -> bool:
    """Whether the distinct cells of a column are times, or parts of them such as months and hours."""
    if looks_numeric(_as_series(distinct)):
        return has_time_word(name) or names_part(name) or list_times(distinct) is not None
    is_part = all(map(CLOCK.fullmatch, distinct)) or all(map(PARTS.fullmatch, distinct))
    is_part |= all(map(names_month, distinct)) or all(WEEKDAYS.fullmatch(cell.rstrip(".")) for cell in distinct)
    return is_part or list_times(distinct) is not None
