"""Times written in digits only: dates without separators, epochs, serial dates, or the numbers of steps."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd

from forecaster.data.frequency import is_regular
from forecaster.data.panel import TimeStyle
from forecaster.data.times.date_formats import choose_by_calendar, parse_texts
from forecaster.data.times.decimal_years import parse_decimal_years
from forecaster.data.times.epochs import EPOCHS, EXCEL, NUMBER, NUMBER_PATTERN, find_epoch, parse_numbers
from forecaster.data.times.named_weeks import NAME_OF_WEEKS, check_weeks
from forecaster.data.times.periods import from_counts
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError, UsageError

__all__ = ["NAME_OF_DATES", "parse_digits", "parse_named_numbers"]

LARGEST_NUMBER = 10**15
"""Numbers of steps beyond it overflow when a long forecast adds to them."""
LONG_FORMATS = {10: ("%Y%m%d%H", "%y%m%d%H%M"), 12: ("%Y%m%d%H%M", "%y%m%d%H%M%S"), 14: ("%Y%m%d%H%M%S",)}
LONG_FORMATS |= {17: ("%Y%m%d%H%M%S%f",)}
SHORT_FORMATS = {5: ("%Y%q",), 6: ("%y%m%d", "%d%m%y", "%m%d%y"), 7: ("%Y%j",)}
"""Formats of few digits, which may be plain numbers as well."""
PERIOD = "%Y0%m"
"""A year and the number of a month with three digits, as accounts are kept in SAP."""
YEARS = (1900, 2100)
EXCEL_RANGE = (18264, 58804)
"""From 1950 to 2060."""
NAME_OF_DATES = re.compile(
    r"(?i)date|datum|day|month|week|time|stamp|fecha|jour|giorno|monat|woche|zeit|period|semaine|semana|mois|fecha|tag\b|\bds\b|data\b"
    r"|^kw$|\bwk\b|settiman|vecka|tydz"
    r"|^y{2,4}[-_/. ]?m{2}(?:[-_/. ]?d{2})?$|^(?:aaaa|jjjj)[-_/. ]?mm(?:[-_/. ]?(?:dd|jj|tt))?$"
)
"""Also those that say how times are written, as `YYYYMM`."""


def parse_digits(
    texts: "pd.Series[str]", filled: "pd.Series[str]", *, name: str, column: str, timezone: str | None
) -> TimesText | None:
    """`texts`, of which those that are not empty are `filled`, as times; None where some are no numbers.

    `column` is the name of their column. Raises DataError for numbers that are as likely times as numbers of steps.
    """
    if not bool(filled.str.fullmatch(r"[+-]?\d{1,20}").all()):
        return _parse_fractions(texts, filled, name=name, timezone=timezone)
    widths, numbers = set(filled.str.len()), [int(text) for text in filled]
    if widths == {4} and 1000 <= min(numbers) <= max(numbers) <= 2999:
        wall = from_counts(texts.where(texts != "").astype(float).to_numpy() - 1970, unit="Y")
        return TimesText(wall, wall, TimeStyle("%Y"))
    text_format = _find_date_format(filled, numbers, name=name, column=column)
    if text_format is not None:
        wall = parse_texts(texts, text_format)
        style = text_format.replace("%f", "%3f")
        return TimesText(wall, wall, TimeStyle(style), _describe(filled, text_format))
    unit = find_epoch([Decimal(number) for number in numbers])
    if unit is None and EXCEL_RANGE[0] <= min(numbers) <= max(numbers) <= EXCEL_RANGE[1]:
        days = np.array(numbers).astype("datetime64[D]").astype("datetime64[us]")
        is_date = _is_date(filled, days, [EXCEL], name=name, column=column)
        unit = EXCEL if is_date else None
    if unit is not None:
        return _parse_unit(texts, unit=unit, name=name, timezone=timezone)
    return None if len(filled) < len(texts) else _count(texts, name=name)


def parse_named_numbers(
    texts: "pd.Series[str]", filled: "pd.Series[str]", *, unit: str, name: str, timezone: str | None
) -> TimesText | None:
    """`texts` in the unit that the user named (`excel`, `epoch-ms`, `number`); None where `unit` is a date format.

    Raises UsageError where they are not numbers.
    """
    if unit not in (NUMBER, EXCEL, *EPOCHS):
        return None
    pattern = r"[+-]?\d{1,20}" if unit == NUMBER else NUMBER_PATTERN
    is_number = filled.str.fullmatch(pattern)
    if not is_number.all():
        text = filled.iloc[int(np.argmin(is_number.to_numpy(bool)))]
        raise UsageError(
            f"--date-format {unit}: {name} holds {text!r}, which is not such a number. Name the column of "
            "the times with --time, or leave --date-format out."
        )
    return _count(texts, name=name) if unit == NUMBER else _parse_unit(texts, unit=unit, name=name, timezone=timezone)


def _parse_fractions(
    texts: "pd.Series[str]", filled: "pd.Series[str]", *, name: str, timezone: str | None
) -> TimesText | None:
    """Epochs and serial dates with decimals, and years with fractions; None for anything else."""
    if (years := parse_decimal_years(texts, filled, name=name)) is not None:
        return years
    if not bool(filled.str.fullmatch(NUMBER_PATTERN).all()):
        return None
    numbers = [Decimal(text) for text in filled]
    unit = find_epoch(numbers)
    if unit is None and EXCEL_RANGE[0] <= min(numbers) <= max(numbers) <= EXCEL_RANGE[1]:
        unit = EXCEL
    return None if unit is None else _parse_unit(texts, unit=unit, name=name, timezone=timezone)


def _parse_unit(texts: "pd.Series[str]", *, unit: str, name: str, timezone: str | None) -> TimesText:
    numbers = [Decimal(text) if isinstance(text, str) and text else None for text in texts]
    return parse_numbers(texts, numbers, unit=unit, name=name, timezone=timezone)


def _count(texts: "pd.Series[str]", *, name: str) -> TimesText:
    """Whole numbers as numbers of steps."""
    numbers = [int(text) for text in texts]
    too_large = next((number for number in numbers if abs(number) > LARGEST_NUMBER), None)
    if too_large is not None:
        raise DataError(f"{name}: {too_large} is too large for the number of a step. Number the steps from 1.")
    counted = np.array(numbers, np.int64)
    return TimesText(counted, counted, TimeStyle(None))


def _find_date_format(filled: "pd.Series[str]", numbers: list[int], *, name: str, column: str) -> str | None:
    """The format of dates without separators; None where these are no such dates."""
    widths = set(filled.str.len())
    width = widths.pop() if len(widths) == 1 else 0
    if width == 8:
        if all(1000 <= number // 10000 <= 2999 for number in numbers):
            is_reversed = bool(np.isnat(parse_texts(filled, "%Y%m%d")).all())
            return next(iter(_list_valid(filled, ("%d%m%Y", "%m%d%Y"))), "%Y%m%d") if is_reversed else "%Y%m%d"
        valid = _list_valid(filled, ("%d%m%Y", "%m%d%Y"))
        return choose_by_calendar(filled, valid, name=name) if valid else None
    if width == 6 and all(1000 <= number // 100 <= 2999 and number % 100 <= 53 for number in numbers):
        is_month = all(1 <= number % 100 <= 12 for number in numbers)
        if is_month and not NAME_OF_WEEKS.search(column):
            return "%Y%m"
        if all(YEARS[0] <= number // 100 <= YEARS[1] for number in numbers):
            remedy = f"; if these are plain numbers, use --date-format {NUMBER}"
            check_weeks(filled, "%G%V", name=name, remedy=remedy)
            return "%G%V"
    if width == 7 and all(YEARS[0] <= number // 1000 <= YEARS[1] and 1 <= number % 1000 <= 16 for number in numbers):
        if len({number // 1000 for number in numbers}) > 1:
            return PERIOD
        raise DataError(
            f"{name}: {filled.iloc[0]} can be a period of accounts, which is a month, or a day of the year. Choose "
            f"with --date-format {PERIOD} for months or --date-format %Y%j for days."
        )
    if width in LONG_FORMATS and not (width == 10 and find_epoch([Decimal(number) for number in numbers])):
        return next(iter(_list_valid(filled, LONG_FORMATS[width])), None)
    if width == 10:
        return next(iter(_list_valid(filled, LONG_FORMATS[width][:1])), None)
    valid = _list_valid(filled, SHORT_FORMATS.get(width, ()))
    if not valid:
        return None
    times = [parse_texts(filled, text_format) for text_format in valid]
    valid = [found for found, wall in zip(valid, times, strict=True) if is_regular(wall)] or valid
    wall = parse_texts(filled, valid[0])
    if not _is_date(filled, wall, valid, name=name, column=column):
        return None
    return choose_by_calendar(filled, valid, name=name)


def _list_valid(filled: "pd.Series[str]", formats: tuple[str, ...]) -> list[str]:
    """Those of `formats` that make plausible dates of all texts."""
    valid = []
    for text_format in formats:
        times = parse_texts(filled, text_format)
        years = times.astype("datetime64[Y]").astype(np.int64) + 1970
        latest = 2050 if "%y" in text_format else YEARS[1]
        if not np.isnat(times).any() and bool(((years >= YEARS[0]) & (years <= latest)).all()):
            valid.append(text_format)
    return valid


def _is_date(
    filled: "pd.Series[str]",
    wall: "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]",
    formats: list[str],
    *,
    name: str,
    column: str,
) -> bool:
    """Whether numbers are dates rather than numbers of steps: as only one of the two has regular steps, or by name."""
    is_regular_date, is_regular_number = is_regular(wall), is_regular(filled.astype(np.int64).to_numpy())
    if is_regular_date != is_regular_number:
        return is_regular_date
    if NAME_OF_DATES.search(column):
        return True
    flags = " or ".join(f"--date-format {word}" for word in [*formats, NUMBER])
    raise DataError(f"{name}: {filled.iloc[0]} can be a date or the number of a step. Choose with {flags}.")


def _describe(filled: "pd.Series[str]", text_format: str) -> tuple[str, ...]:
    """What is said about dates that could be read in another way."""
    if text_format in ("%Y%m%d", "%Y%m"):
        return ()
    if text_format == PERIOD:
        return (f"timestamps are read as months ({filled.iloc[0]} is {filled.iloc[0][:4]}-{filled.iloc[0][5:]})",)
    moment = str(parse_texts(filled.iloc[:1], text_format)[0]).replace("T", " ").removesuffix(".000000")
    shown = moment.removesuffix(" 00:00:00")
    kind = "ISO weeks, which begin on Monday" if "%V" in text_format else f"{text_format}"
    return (
        f"timestamps are read as {kind} ({filled.iloc[0]} is {shown}); for plain numbers use --date-format {NUMBER}",
    )
