"""Find the time column by what its cells hold, where no name tells which one it is."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd

from forecaster.data.layouts.first_line import list_times
from forecaster.data.layouts.row_codes import are_alike, combine
from forecaster.data.names.column_names import list_words, split_words
from forecaster.data.names.time_names import has_time_word, names_decimal_year
from forecaster.data.numbers.number_cells import looks_numeric
from forecaster.data.parts.part_cells import YEARS, find_levels
from forecaster.data.parts.time_parts import find_year
from forecaster.data.times.date_formats import parse_texts, quote_formats
from forecaster.data.times.dates import parse_times
from forecaster.data.times.digits import NAME_OF_DATES
from forecaster.data.times.epochs import EPOCHS, EXCEL, NUMBER, find_epoch
from forecaster.data.times.named_weeks import NAME_OF_WEEKS
from forecaster.data.times.period_lengths import list_lengths
from forecaster.data.times.periods import guess_week_format
from forecaster.errors import DataError, UsageError

__all__ = [
    "find_column_in_format",
    "find_counter",
    "find_named_time",
    "find_time",
    "holds_dated_digits",
    "suggest_format",
]

DATE_PATTERN = r"\s*\d{4}[-/.]?(?:\d{1,2}|Q[1-4])\b.*|\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b.*"
TIME_NAMES = (
    *("ds", "timestamp", "date", "datetime", "time"),
    *("month", "year", "quarter", "week", "day", "hour"),
)
COUNTER, FEWEST_STEPS = "time", 3
"""The name of a column that may count the steps through, beside a column of years, and how many it counts."""
DATED_LEVELS = ("year", "half", "quarter", "month", "week", "day")
NAME_OF_EPOCHS = re.compile(r"(?i)(?<![a-z])(?:ts|epoch|unix[ _]?(?:time|timestamp)?)(?![a-z])")
"""Names of columns that may hold seconds, or shorter units, since 1970."""
FIRST_COLUMNS, MOST_ABOVE = 5, 30
"""Columns that may hold times below lines that are no rows, and how many such lines."""
SEASONS = list_words("season saison temporada temporadas stagione seizoen sezon säsong")
"""Those of sports, which are years."""
MOSTLY = 0.8
"""Share of dates from which on a column is one of times, where no other is."""
FEW = 20
"""Cells of which one has a fraction where the column holds measurements."""
DIGITS = r"\d{5,19}"
NAMED_DIGITS = r"-?\d{5,19}(?:\.\d{1,15})?"
"""What is a time under the name of one; a fraction is the time of day of a serial date, or of a second."""
TEXT_WITH_YEAR = r"(?=.*[^\W\d_])(?=.*(?<!\d)(?:19|20)\d\d(?!\d))(?=.*\d\D+\d)"
DIRECTIVES = (
    *(("%Y", "%m"), ("%m", "%Y"), ("%G", "%V"), ("%V", "%G")),
    *(("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%Y", "%m", "%d")),
)
"""What the numbers of a text may be."""
PERIOD = r"0(?:0[1-9]|1[0-6])[./](?:19|20)\d\d|(?:19|20)\d\d[./]0(?:0[1-9]|1[0-6])"
NAMED_PERIOD = r"(?:19|20)\d\d0(?:0[1-9]|1[0-6])"
"""Periods of accounts: 001.2023, which is never written for a number; and 2023001, where the name speaks of time."""
WORD_FOR_DATES = re.compile(r"date|datum|fecha|data|datetime|timestamp|zeitstempel|datumzeit")
DATE_IN_DIGITS = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-4])?(?:[0-5]\d){0,2}"
"""A date such as 20240131, or one with the hour, and with minutes and seconds."""
DECIMAL_YEAR = r"\s*(?:1[5-9]|20)\d\d(?:\.\d*)?\s*"
MONTH_SIGN = re.compile(r"(?:19|20)\d\d-?[Mm]\d")
DOTTED_MONTH = r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d"
"""A month such as 01.2024, which is a number as well."""


def find_time(sample: pd.DataFrame) -> str | None:
    """The column of times: by its name, then by its cells."""
    found = find_named_time(sample) or _find_dates(sample) or _find_by_cells(sample) or find_year(sample)
    found = found or _find_lengths(sample)
    if found is not None:
        return found
    columns = [str(column) for column in sample]
    dated = [column for column in columns if holds_dated_digits(sample[column])]
    dated += [column for column in columns if _holds_decimal_years(sample[column])]
    dated += [column for column in columns if _names_years(column) and _holds_years(sample[column])]
    # the row that holds something else is named once the column is taken
    dated += [column for column in columns if _holds_mostly_dates(sample[column])]
    return next(iter(dated), None)


def _holds_mostly_dates(cells: "pd.Series[str]") -> bool:
    first = next((cell for cell in cells if isinstance(cell, str)), "")
    if not re.fullmatch(DATE_PATTERN, first):
        return False  # tables may have thousands of columns
    filled = cells.dropna()
    are_dates = filled.str.fullmatch(DATE_PATTERN).astype(bool)
    return float(are_dates.mean()) >= MOSTLY and not looks_numeric(filled[are_dates])


def _names_years(column: str) -> bool:
    return has_time_word(column) or not SEASONS.isdisjoint(split_words(column))


def _holds_years(cells: "pd.Series[str]") -> bool:
    """Whether cells are years, one after the other, whatever stands beside the word for it: `School Year`."""
    first = next((cell for cell in cells if isinstance(cell, str)), "")
    if not re.fullmatch(YEARS, first.strip()):
        return False  # tables may have thousands of columns
    filled = cells.dropna().str.strip()
    years = pd.to_numeric(pd.Series(filled.unique()), errors="coerce")
    are_years = bool(filled.str.fullmatch(YEARS).all()) and len(years) >= FEWEST_STEPS
    return are_years and bool(years.max() - years.min() + 1 == len(years))


def find_named_time(sample: pd.DataFrame) -> str | None:
    """The column with the first of the usual names of times; one that holds measurements, only where it is alone."""
    lowered = {str(column).strip().casefold(): str(column) for column in reversed([*sample])}
    named = [lowered[name] for name in TIME_NAMES if name in lowered]
    return next((column for column in named if not _is_measured(sample[column])), next(iter(named), None))


def find_counter(sample: pd.DataFrame) -> str | None:
    """The column that counts the steps, as `time` from 1 on, which years or parts of a time beside it tell, too."""
    named = [str(column) for column in sample if str(column).strip().casefold() == COUNTER]
    for column in named:
        numbers = pd.to_numeric(sample[column], errors="coerce")
        begin, end = numbers.min(), numbers.max()
        if numbers.isna().any() or begin not in (0, 1) or not FEWEST_STEPS <= numbers.nunique() == end - begin + 1:
            continue
        levels = find_levels(sample[[other for other in sample if other != column]])
        parts = [other for other, level in levels.items() if level in DATED_LEVELS]
        if "year" not in levels.values() or not bool((sample[parts].notna()).all(axis=None)):
            continue
        steps = pd.factorize(numbers)[0].astype(np.int64)
        if are_alike(steps, combine([pd.factorize(sample[part])[0].astype(np.int64) for part in parts])):
            return column
    return None


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


def suggest_format(sample: pd.DataFrame) -> str:
    """A sentence with the --date-format that would read the first column of texts with a year each; "" for none.

    Or one with the flag for lines above the table, where a column holds times further down.
    """
    for column in sample:
        cells = _list_cells(sample[column])
        if not len(cells) or not bool(cells.str.contains(TEXT_WITH_YEAR).all()):
            continue
        first = cells.iloc[0]
        parts = re.split(r"(\d+)", first.replace("%", "%%"))
        count = sum(part.isdigit() for part in parts)
        is_week = NAME_OF_WEEKS.search(f"{column} {first}") is not None
        for directives in (found for found in DIRECTIVES if len(found) == count):
            if is_week and "%m" in directives and count == 2:
                continue
            if "%V" in directives and not is_week and MONTH_SIGN.search(first):
                continue  # a month 13 is no week
            written = iter(directives)
            text_format = "".join(next(written) if part.isdigit() else part for part in parts)
            if not np.isnat(parse_texts(cells, text_format)).any():
                return f" If {first!r} of column {column!r} is a time, use {quote_formats([text_format])}."
    return _suggest_lines(sample)


def _suggest_lines(sample: pd.DataFrame) -> str:
    """A sentence with the flag for lines above the table where one of the first columns holds times further down."""
    for column in [*sample][:FIRST_COLUMNS]:
        cells = _list_cells(sample[column])
        last = [*cells.iloc[-FEWEST_STEPS:]]
        if len(cells) <= FEWEST_STEPS or not all(re.search(r"\d", cell) for cell in last) or list_times(last) is None:
            continue
        first = next((cell for cell in cells.iloc[:MOST_ABOVE] if list_times([cell]) is not None), last[0])
        return (
            f" If the table begins further down, at {first!r} or at names above it, say how many lines are above it: "
            "--skip-lines COUNT, and --no-header where there are no names."
        )
    return ""


def holds_dated_digits(cells: "pd.Series[str]") -> bool:
    """Whether one word of the name of a column is that of times, as in `MESS_DATUM`, and its cells are in digits."""
    if not any(map(WORD_FOR_DATES.fullmatch, split_words(str(cells.name)))):
        return False
    distinct = _list_cells(cells)
    return len(distinct) > 1 and bool(distinct.str.fullmatch(DATE_IN_DIGITS).all()) and _are_times(distinct, "date")


def _find_lengths(sample: pd.DataFrame) -> str | None:
    """The first column of periods of several lengths, as statistical offices write years above their quarters."""
    return next((str(column) for column in sample if list_lengths(_list_cells(sample[column]))), None)


def _find_dates(sample: pd.DataFrame) -> str | None:
    """The first column of dates; one that never changes, such as that of an export, only where there is no other."""
    found = []
    for column in map(str, sample):
        cells = sample[column].dropna()
        if len(cells) and bool(cells.str.fullmatch(DATE_PATTERN).all()) and not looks_numeric(cells):
            found.append(column)
    return next((column for column in found if sample[column].nunique() > 1), next(iter(found), None))


def _find_by_cells(sample: pd.DataFrame) -> str | None:
    """The first column of text whose cells are all times, in any form; else one of times in digits.

    Months such as 01.2024 count where the name of the column speaks of time. Digits count where the name is that of
    times; in the first column, and below names such as `ts` and `unix_time`, also where they are epochs, or where the
    name only speaks of time.
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
        may_be_epoch = place == 0 or NAME_OF_EPOCHS.search(column) is not None
        if not (may_be_epoch or is_named) or len(cells) < 2 or not bool(cells.str.fullmatch(pattern).all()):
            continue
        is_epoch = not is_named and find_epoch([*map(Decimal, cells)]) is not None
        if is_epoch or (NAME_OF_DATES.search(column) and _are_times(cells, column)):
            return column
    return None


def _holds_decimal_years(cells: "pd.Series[str]") -> bool:
    """Whether a column is called so, and holds years of the calendar with fractions."""
    return names_decimal_year(str(cells.name)) and bool(cells.dropna().str.fullmatch(DECIMAL_YEAR).all())


def _is_measured(cells: "pd.Series[str]") -> bool:
    """Whether cells are numbers with fractions that are no times, such as those of a race."""
    distinct = _list_cells(cells)
    if not len(distinct) or not re.search(r"\.\d*[1-9]", distinct.iloc[:FEW].str.cat(sep=" ")):
        return False
    return bool(pd.to_numeric(distinct, errors="coerce").notna().all()) and not _are_times(distinct)


def _list_cells(cells: "pd.Series[str]") -> "pd.Series[str]":
    distinct = dict.fromkeys(cell.strip() for cell in cells.dropna().unique())
    return pd.Series([cell for cell in distinct if cell], dtype=str)


def _are_times(cells: "pd.Series[str]", column: str = "") -> bool:
    try:
        times = parse_times(cells, name="", column=column)
        return times.style.format is not None and not times.unreadable.any()
    except DataError:
        return True  # times that can be read in two ways
