"""Find the time column by what its cells hold, where no name tells which one it is."""

import re
from decimal import Decimal

import pandas as pd

from forecaster.data.dates import parse_times
from forecaster.data.digits import NAME_OF_DATES
from forecaster.data.epochs import EPOCHS, EXCEL, NUMBER, find_epoch
from forecaster.data.named_weeks import NAME_OF_WEEKS
from forecaster.data.numbers import looks_numeric
from forecaster.data.periods import guess_week_format
from forecaster.errors import DataError, UsageError

__all__ = ["find_column_in_format", "find_dates", "find_time_column"]

DATE_PATTERN = r"\s*\d{4}[-/.]?(?:\d{1,2}|Q[1-4])\b.*|\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b.*"
DIGITS = r"\d{5,19}"
NAMED_DIGITS = r"-?\d{5,19}(?:\.\d{1,15})?"
"""What is a time under the name of one; a fraction is the time of day of a serial date, or of a second."""
PERIOD = r"0(?:0[1-9]|1[0-6])[./](?:19|20)\d\d|(?:19|20)\d\d[./]0(?:0[1-9]|1[0-6])"
NAMED_PERIOD = r"(?:19|20)\d\d0(?:0[1-9]|1[0-6])"
"""Periods of accounts: 001.2023, which is never written for a number; and 2023001, where the name speaks of time."""
DOTTED_MONTH = r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d"
"""A month such as 01.2024, which is a number as well."""


def find_column_in_format(sample: pd.DataFrame, *, date_format: str) -> str | None:
    """The first column whose cells are all written in `date_format`. Raises UsageError for a format that is none."""
    is_word = date_format in (NUMBER, EXCEL, *EPOCHS)
    for column in sample:
        cells = _list_cells(sample[column])
        try:
            if len(cells) and not parse_times(cells, name="", date_format=date_format).unreadable.any():
                return str(column)
        except UsageError:
            if is_word or ("%" not in date_format and not re.search("[dmy]", date_format.casefold())):
                continue  # a word for numbers, and the cells are none
            raise
        except DataError:
            continue
    return None


def find_dates(sample: pd.DataFrame, header: list[str]) -> str | None:
    """The first column of dates; one that never changes, such as that of an export, only where there is no other."""
    found = []
    for column in header:
        cells = sample[column].dropna()
        if len(cells) and bool(cells.str.fullmatch(DATE_PATTERN).all()) and not looks_numeric(cells):
            found.append(column)
    return next((column for column in found if sample[column].nunique() > 1), next(iter(found), None))


def find_time_column(sample: pd.DataFrame) -> str | None:
    """The first column of text whose cells are all times, in any form; else one of times in digits.

    Months such as 01.2024 count where the name of the column speaks of time. Digits count where the name is that of
    times; in the first column also where they are epochs, or where the name only speaks of time.
    """
    for column in sample:
        cells = _list_cells(sample[column])
        is_month = bool(NAME_OF_DATES.search(str(column)) and cells.str.fullmatch(DOTTED_MONTH).all())
        is_month |= bool(len(cells) and NAME_OF_WEEKS.search(str(column)) and guess_week_format(cells))
        period = rf"{PERIOD}|{NAMED_PERIOD}" if NAME_OF_DATES.search(str(column)) else PERIOD
        if len(cells) and bool(cells.str.fullmatch(period).all()):
            return str(column)  # also where closing periods, which are no months, are among them
        is_text = not bool(pd.to_numeric(cells, errors="coerce").notna().any())
        if len(cells) and (is_text or is_month) and _are_times(cells, str(column)):
            return str(column)
    for place, column in enumerate(map(str, sample)):
        cells = _list_cells(sample[column])
        is_named = NAME_OF_DATES.fullmatch(column) is not None
        pattern = NAMED_DIGITS if is_named else DIGITS
        if (place and not is_named) or len(cells) < 2 or not bool(cells.str.fullmatch(pattern).all()):
            continue
        is_epoch = not is_named and find_epoch([*map(Decimal, cells)]) is not None
        if is_epoch or (NAME_OF_DATES.search(column) and _are_times(cells, column)):
            return column
    return None


def _list_cells(cells: "pd.Series[str]") -> "pd.Series[str]":
    distinct = pd.Series(cells.dropna().str.strip().unique(), dtype=str)
    return distinct[distinct != ""].reset_index(drop=True)


def _are_times(cells: "pd.Series[str]", column: str = "") -> bool:
    try:
        times = parse_times(cells, name="", column=column)
        return times.style.format is not None and not times.unreadable.any()
    except DataError:
        return True  # times that can be read in two ways
