"""Months written in digits only, as 2312, 1223 or 122023; and the thirteen periods of years, which are none."""

import re

import numpy as np
import pandas as pd

from forecaster.data.frequency import is_regular
from forecaster.data.times.date_formats import check_short_years, parse_texts, quote_formats
from forecaster.errors import DataError, SeveralFormatsError

__all__ = ["COMPACT_FORMATS", "guess_compact_months"]

MONTH = "(?:0[1-9]|1[0-2])"
COMPACT_FORMATS = {rf"\d\d{MONTH}": "%y%m", rf"{MONTH}\d\d": "%m%y", rf"{MONTH}(?:19|20)\d\d": "%m%Y"}
"""Of the last, the year would be the 19th or 20th day in each row, were they dates."""
FEWEST = 6
"""Months that numbers of four digits must have, which may be years as well."""
MOSTLY = 0.5
"""Share of the months from the first to the last that are there."""
PERIODS = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-?P)?(?P<period>0?[1-9]|1[0-3])")
LAST_PERIOD, SEVERAL_YEARS = 13, 3
WEEK = r"\d\d(?:0[1-9]|[1-4]\d|5[0-3])"
LAST_WEEKS = (52, 53)


def guess_compact_months(filled: "pd.Series[str]", *, name: str) -> str | None:
    """The format of `filled`, all of them months in digits only that go on in the next year; None for anything else.

    As numbers they would leap from each December to the next January. Raises DataError where each year has the periods
    1 to 13, or weeks with years in two digits, and where the months may be written in two ways.
    """
    first = str(filled.iloc[0])
    if PERIODS.fullmatch(first):
        _refuse_thirteen(filled, name=name)
    if re.fullmatch(WEEK, first) and bool(filled.str.fullmatch(WEEK).all()):
        _refuse_weeks(filled, name=name)
    patterns = [pattern for pattern in COMPACT_FORMATS if re.fullmatch(pattern, first)]
    fitting = [
        COMPACT_FORMATS[pattern]
        for pattern in patterns
        if bool(filled.str.fullmatch(pattern).all()) and _go_on(filled, COMPACT_FORMATS[pattern])
    ]
    if len(fitting) > 1:
        raise SeveralFormatsError(
            f"{name}: dates such as {first} can be read in two ways. Choose with {quote_formats(fitting)}.",
            tuple(fitting),
        )
    return check_short_years(filled, fitting[0], name=name) if fitting else None


def _go_on(filled: "pd.Series[str]", text_format: str) -> bool:
    """Whether these are months of several years, of which most, or each of so many, are there."""
    times = parse_texts(filled, text_format)
    if np.isnat(times).any():
        return False
    months = np.unique(times.astype("datetime64[M]").astype(np.int64))
    if len(np.unique(months % 12)) < 2:
        return False
    # years in full leave no doubt; two digits may be those of a year, or of a count
    if "%y" in text_format and (len(months) < FEWEST or months[0] // 12 == months[-1] // 12):
        return False
    return is_regular(times) or len(months) >= MOSTLY * (months[-1] - months[0] + 1)


def _refuse_thirteen(filled: "pd.Series[str]", *, name: str) -> None:
    """Raise DataError where each year has the periods 1 to 13, but for those in which the data begin and end.

    Of several years none is to go on beyond the 13th, whatever is missing.
    """
    fields = filled.str.extract(f"^{PERIODS.pattern}$")
    if fields["year"].isna().any():
        return
    periods = fields["period"].astype(int).groupby(fields["year"].astype(int))
    last, count = periods.max(), periods.nunique()
    is_whole = bool((count[1:-1] == LAST_PERIOD).all()) or len(last) >= SEVERAL_YEARS
    if len(last) > 1 and bool((last[:-1] == LAST_PERIOD).all()) and is_whole:
        text = next(text for text in filled if text.endswith(str(LAST_PERIOD)))
        raise DataError(
            f"{name}: {text} is the last of 13 periods, so these are neither months nor ISO weeks. Write the first day "
            "of each, as in 2024-01-29; of accounts whose period 13 closes a year, leave it out."
        )


def _refuse_weeks(filled: "pd.Series[str]", *, name: str) -> None:
    """Raise DataError for numbers such as 2352 that go on with 2401: weeks, after years in two digits."""
    numbers = np.unique(filled.astype(int))
    years, weeks = numbers // 100, numbers % 100
    leaps = np.diff(years) > 0
    if leaps.any() and bool(np.isin(weeks[:-1][leaps], LAST_WEEKS).all() and (weeks[1:][leaps] == 1).all()):
        text = filled[filled.astype(int) == numbers[:-1][leaps][0]].iloc[0]
        raise DataError(
            f"{name}: after {text} comes {numbers[1:][leaps][0]:04d}, so these look like weeks of years in two digits. "
            "Write them as 2024-W05; for years, use --date-format %Y."
        )
