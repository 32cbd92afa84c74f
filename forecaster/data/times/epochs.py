"""Times written as one number: seconds, milliseconds, … since 1970 (epochs), and the serial dates of Excel."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.calendar import DAY
from forecaster.data.panel import TimeStyle
from forecaster.data.times.offsets import find_timezone, to_local
from forecaster.data.times.times_text import TimesText
from forecaster.errors import DataError, UsageError

__all__ = ["EPOCHS", "EXCEL", "NUMBER", "NUMBER_PATTERN", "find_epoch", "format_numbers", "parse_numbers"]

NUMBER_PATTERN = r"[+-]?\d{1,19}(?:\.\d{1,15})?"
EPOCHS = {"epoch-s": 10**9, "epoch-ms": 10**6, "epoch-us": 10**3, "epoch-ns": 1}
"""Nanoseconds of each unit, by the word for `--date-format`."""
WORDS = {"epoch-s": "seconds", "epoch-ms": "milliseconds", "epoch-us": "microseconds", "epoch-ns": "nanoseconds"}
EXCEL = "excel"
EXCEL_ZERO = -25569
"""The day with the number 0, 1899-12-30, in days since 1970."""
EXCEL_DECIMALS = 10
"""More of them are rounding errors of a float."""
NUMBER = "number"
"""The word for `--date-format` that makes plain numbers of steps of what could be times."""
EARLIEST, LATEST = 10**8, 4_100_000_000
"""Plausible seconds since 1970, from 1973 to 2099."""
YEARS = (-62_135_596_800_000_000, 253_402_300_800_000_000)
"""Microseconds from 1970 to the beginning of the year 1, and to the end of 9999."""
END_OF_NANOSECONDS = np.datetime64("2262-04-11", "us").astype(np.int64)


def find_epoch(numbers: list[Decimal]) -> str | None:
    """The unit in which all `numbers` are plausible moments since 1970; None for plain numbers.

    Earlier moments than 1973 count where all are whole minutes.
    """
    largest = max(map(abs, numbers))
    for unit, size in EPOCHS.items():
        second = 10**9 // size
        if EARLIEST * second <= largest < LATEST * second:
            is_plausible = min(numbers) >= EARLIEST * second or all(number % (60 * second) == 0 for number in numbers)
            return unit if is_plausible else None
    return None


def parse_numbers(
    texts: "pd.Series[str]", numbers: list[Decimal | None], *, unit: str, name: str, timezone: str | None
) -> TimesText:
    """`numbers` [text], which are written as `texts`, as moments: epochs in UTC, Excel's serials in local time.

    Raises DataError for nanoseconds that are no whole microseconds.
    """
    decimals = [-int(number.as_tuple().exponent) for number in numbers if number is not None]
    places = (min(decimals), min(max(decimals), EXCEL_DECIMALS))
    if unit == EXCEL:
        step = 1_000_000 if places[1] > 4 else 60_000_000
        moments = [None if number is None else round((number + EXCEL_ZERO) * DAY / step) * step for number in numbers]
        _check_years(numbers, moments, unit=unit, name=name)
        wall = _as_times(moments)
        example = f"{numbers[0]} is {_show(wall[0])}"
        note = f"timestamps are read as dates of Excel ({example}); for plain numbers use --date-format {NUMBER}"
        return TimesText(wall, wall, TimeStyle(EXCEL, decimals=places), (note,))
    size = EPOCHS[unit]
    if any(number is not None and number * size % 1000 for number in numbers):
        raise DataError(f"{name}: times finer than a microsecond cannot be kept. Round them to microseconds.")
    moments = [None if number is None else int(number * size) // 1000 for number in numbers]
    _check_years(numbers, moments, unit=unit, name=name)
    instant = _as_times(moments)
    zone = find_timezone(np.zeros(1, "timedelta64[us]"), timezone)
    wall = instant if timezone is None else to_local(instant, timezone=timezone)
    example = f"{texts.iloc[0]} is {_show(instant[0])} UTC"
    note = f"timestamps are read as {WORDS[unit]} since 1970 ({example}); for plain numbers use --date-format {NUMBER}"
    return TimesText(wall, instant, TimeStyle(unit, zone, decimals=places), (note,))


def format_numbers(stamps: pd.DatetimeIndex, *, style: TimeStyle) -> NDArray[Any]:
    """The numbers of moments (in UTC for epochs) in `style`: int64, or text with its decimals.

    Raises UsageError beyond the year 2262 for nanoseconds.
    """
    moments = stamps.to_numpy().astype("datetime64[us]").astype(np.int64)
    fewest, most = style.decimals
    if style.format == EXCEL:
        counts, size = moments - EXCEL_ZERO * DAY, DAY * 1000
    else:
        counts, size = moments, EPOCHS[str(style.format)]
    if not most:
        if size == 1 and bool((np.abs(counts) > END_OF_NANOSECONDS).any()):
            raise UsageError("--horizon reaches beyond the year 2262, where nanoseconds end. Give a shorter one.")
        return np.asarray(counts * 1000 if size == 1 else counts // (size // 1000))
    return np.array([_write(int(count) * 1000, size, fewest, most) for count in counts], object)


def _write(count: int, size: int, fewest: int, most: int) -> str:
    """`count` nanoseconds in units of `size`, with `most` decimals less the zeros beyond the `fewest`."""
    scaled = (2 * count * 10**most + size) // (2 * size)
    sign, scaled = ("-", -scaled) if scaled < 0 else ("", scaled)
    fraction = f"{scaled % 10**most:0{most}d}"
    kept = fraction[:fewest] + fraction[fewest:].rstrip("0")
    return f"{sign}{scaled // 10**most}" + (f".{kept}" if kept else "")


def _check_years(numbers: list[Decimal | None], moments: list[int | None], *, unit: str, name: str) -> None:
    """Raise DataError for a number that is no moment of the years 1 to 9999."""
    known = [moment for moment in moments if moment is not None]
    if known and YEARS[0] <= min(known) <= max(known) < YEARS[1]:
        return
    for number, moment in zip(numbers, moments, strict=True):
        if moment is not None and not YEARS[0] <= moment < YEARS[1]:
            raise DataError(
                f"{name}: {number} is no date as a number of {unit}: years go from 1 to 9999. Fix it, or name another "
                "unit with --date-format."
            )


def _as_times(moments: list[int | None]) -> NDArray[Any]:
    missing = np.iinfo(np.int64).min  # NaT
    return np.array([missing if moment is None else moment for moment in moments], np.int64).astype("datetime64[us]")


def _show(moment: Any) -> str:
    return str(moment).replace("T", " ").removesuffix(".000000").removesuffix(" 00:00:00")
