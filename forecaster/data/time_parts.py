"""Detect time that is spread over several columns, such as `year` and `month`, or `Date` and `Time`."""

from dataclasses import dataclass

import pandas as pd

__all__ = ["TimeParts", "find_time_parts", "find_year", "list_parts", "names_part", "prefer_whole_time"]

LEVELS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
"""From coarse to fine."""
NAMES = {level: level for level in LEVELS}
NAMES |= {"yr": "year", "qtr": "quarter", "mo": "month", "mon": "month", "wk": "week", "hr": "hour", "time": "hour"}
OTHER_NAMES = {"jahr": "year", "año": "year", "année": "year", "anno": "year", "ano": "year", "jaar": "year"}
OTHER_NAMES |= {"quartal": "quarter", "monat": "month", "mes": "month", "mois": "month", "mese": "month"}
OTHER_NAMES |= {"maand": "month", "period": "month", "periode": "month", "woche": "week", "kw": "week", "tag": "day"}
OTHER_NAMES |= {"doy": "day", "uhrzeit": "hour", "zeit": "hour", "stunde": "hour", "he": "hour", "hour ending": "hour"}
OTHER_NAMES |= {"hora": "hour", "heure": "hour", "ora": "hour", "uur": "hour"}
"""Names that count beside a column of years or dates only."""
RANGES = {"year": (1000, 2999), "quarter": (1, 4), "month": (1, 12), "week": (1, 53), "day": (1, 366)}
RANGES |= {"hour": (0, 24), "minute": (0, 59), "second": (0, 59)}
WORDS = {
    "quarter": r"[Qq][1-4]",
    "month": r"M\d\d|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?",
    "week": r"[Ww]\d\d?",
    "hour": r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[AaPp]\.? ?[Mm]\.?)?",
}
"""Patterns of parts that are not written as numbers."""
DATES = {
    "quarter": r"\d{4}-?Q[1-4]",
    "month": r"(?:19|20)\d\d(?:0[1-9]|1[0-2])|\d{4}[-/]\d{1,2}|\d{1,2}[-/.](?:19|20)\d\d|[A-Za-z]{3,9}[ -]\d{4}",
    "day": (
        r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
        r"|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4})(?:[ T]00?:00(?::00)?)?"
    ),
}
"""Patterns of complete dates, by their finest level."""
WRITTEN = {
    "quarter": "2024Q1",
    "month": "2024-01",
    "week": "2024-01-29 (the first day of the week)",
    "day": "2024-01-31",
} | dict.fromkeys(("hour", "minute", "second"), "2024-01-31 13:00:00")
"""Examples with all parts in one cell, by the finest level."""


@dataclass(frozen=True)
class TimeParts:
    """The columns that only together determine the time of a row, from coarse to fine.

    `finest` is the level of the last, such as "month". `is_certain` where the time column alone is no moment, such as
    the number of a month; a date or a year may be enough as long as no row repeats it.
    """

    columns: tuple[str, ...]
    finest: str
    is_certain: bool

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
    own = _find_part(sample, time)
    is_certain = own not in (None, "year")
    header = [str(column) for column in sample]
    has_year = own == "year" or _find_date(sample, [time])[0] is not None
    parts = {part: column for column in reversed(header) if (part := _find_part(sample, column)) is not None}
    has_year |= "year" in parts
    parts = {part: column for part, column in parts.items() if has_year or column.strip().casefold() in NAMES}
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
    return TimeParts(columns, max(parts, key=LEVELS.index), is_certain)


def prefer_whole_time(sample: pd.DataFrame, time: str) -> str:
    """`time`; or, where that is only a part, such as a month's number, a column of dates that are at least as fine."""
    own = _find_part(sample, time)
    if own in (None, "year"):
        return time
    date, level = _find_date(sample, [str(column) for column in sample])
    return date if date and level and LEVELS.index(level) >= LEVELS.index(own) else time


def list_parts(sample: pd.DataFrame) -> list[str]:
    """The columns that by name and cells are parts of a time."""
    return [str(column) for column in sample if _find_part(sample, str(column)) is not None]


def names_part(column: str) -> bool:
    """Whether a column of this name usually holds a part of a time."""
    return column.strip().casefold() in OTHER_NAMES | NAMES


def find_year(sample: pd.DataFrame) -> str | None:
    """The first column of years by name and cells, in any language."""
    return next((str(column) for column in sample if _find_part(sample, str(column)) == "year"), None)


def _find_part(sample: pd.DataFrame, column: str) -> str | None:
    """The level of a column whose name and cells all show that it is a part of a time, else None."""
    level = (OTHER_NAMES | NAMES).get(column.strip().casefold())
    if level is None:
        return None
    cells = sample[column].dropna().str.strip()
    numbers = pd.to_numeric(cells, errors="coerce")
    is_part = numbers.between(*RANGES[level]) & (numbers % 1 == 0)
    if level in WORDS:
        is_part |= cells.str.fullmatch(WORDS[level])
    return level if len(cells) and bool(is_part.all()) else None


def _find_date(sample: pd.DataFrame, columns: list[str]) -> tuple[str | None, str | None]:
    """The first of `columns` that holds complete dates, and their level."""
    for column in columns:
        cells = sample[column].dropna().str.strip()
        for level, pattern in DATES.items():
            if len(cells) and bool(cells.str.fullmatch(pattern).all()):
                return column, level
    return None, None


def _drop_derived(parts: dict[str, str]) -> dict[str, str]:
    """`parts` without those that follow from the others, or that lack the next coarser part."""
    derived = {"quarter"} if {"month", "week"} & parts.keys() else set()
    derived |= {"week"} if {"month", "day"} <= parts.keys() else set()
    derived |= {"minute", "second"} if "hour" not in parts else {"second"} if "minute" not in parts else set()
    return {part: column for part, column in parts.items() if part not in derived}


def _distinguish_rows(sample: pd.DataFrame, columns: list[str], *, keys: list[str]) -> bool:
    """Whether `columns` distinguish some rows that repeat the `keys`, unless no row does."""
    repeats = int(sample.duplicated(keys).sum())
    return repeats == 0 or int(sample.duplicated([*keys, *columns]).sum()) < repeats
