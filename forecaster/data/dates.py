"""Parse timestamps from text, and write timestamps in the same style."""

import re
import shlex
import warnings
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.panel import TimeStyle
from forecaster.errors import DataError, UsageError

__all__ = ["TimesText", "format_times", "is_skipped_in", "parse_times", "to_local"]

OFFSET = r"(?:[Zz]|[+-]\d{2}:?\d{2})"
TIME_WITH_OFFSET = r"(?:\d:\d\d|T\d{4})\S*\s*" + OFFSET + "$"
OFFSET_FORMAT = r"\s*%:?z$"
DAY_AND_MONTH = re.compile(r"\s*(\d{1,2})([/.-])(\d{1,2})[/.-]\d{2,4}\b")
QUARTER = re.compile(r"(\d{4})(-?)Q([1-4])")
ISO_DATE = re.compile(r"\s*\d{4}-\d{2}-\d{2}")
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y/%m", "%m/%Y", "%m.%Y", "%b %Y", "%b-%Y", "%B %Y", "%d-%b-%y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
END_OF_TIME = np.datetime64("10000-01-01", "us")
STYLE_SAMPLE = 1000
"""Number of texts that a style is checked on: it must write them exactly as they were read."""


@dataclass(frozen=True)
class TimesText:
    """Distinct timestamps of a file, parsed.

    wall    [text]  wall-clock time, datetime64[us] or int64, NaT where the text was unreadable; times in UTC are
                    converted to the zone that the user named, if any
    instant [text]  the same moments in UTC, NaT where this text has no offset but others do; equal to `wall` where
                    none has
    """

    wall: NDArray[Any]
    instant: NDArray[Any]
    style: TimeStyle

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """Which texts are missing or not a timestamp, [text]."""
        return np.isnat(self.wall) if self.wall.dtype.kind == "M" else np.zeros(len(self.wall), bool)


def parse_times(
    texts: "pd.Series[str]", *, name: str, date_format: str | None = None, timezone: str | None = None
) -> TimesText:
    """Parse distinct timestamps, which are all written in one style.

    Raises DataError for dates that can be read in two ways, UsageError for an option that does not fit the texts.
    """
    filled = texts.dropna()
    filled = filled[filled != ""]
    if not len(filled):
        raise DataError(f"{name}: the time column is empty. Name another with --time.")
    has_offset = texts.str.contains(TIME_WITH_OFFSET, regex=True, na=False).to_numpy(bool)
    if timezone is not None and not has_offset.any():
        raise UsageError("--timezone is for timestamps that carry a UTC offset, such as 2024-01-01T00:00+01:00.")
    counted = _parse_digits(texts, filled) if date_format is None else None
    if counted is not None:
        return counted
    wall_texts = texts.str.replace(r"\s*" + OFFSET + "$", "", regex=True) if has_offset.any() else texts
    filled = wall_texts[filled.index]
    if date_format is None:
        read_format, text_format = _guess_formats(filled, name=name)
    else:
        read_format = text_format = re.sub(r"\s*%:?z", "", date_format)
    wall = _parse(wall_texts, read_format)
    text_format = _match_style(wall_texts, wall, text_format)
    if not has_offset.any():
        return TimesText(wall, wall, TimeStyle(text_format))
    offsets, suffix = _parse_offsets(texts, has_offset)
    zone = _find_timezone(offsets[has_offset], timezone)
    # without an offset the moment in UTC is unknown
    instant = np.where(has_offset, wall - offsets, np.datetime64("NaT"))
    if timezone is not None:
        # other offsets are of local times already; another time zone database might convert them differently
        is_utc = has_offset & (instant == wall)
        wall = np.where(is_utc, to_local(instant, timezone=timezone), wall)
        suffix = suffix.replace("Z", "%:z")
    return TimesText(wall, instant, TimeStyle(text_format + suffix, zone))


def to_local(instants: NDArray[Any], *, timezone: str) -> NDArray[Any]:
    """The local times in `timezone` of `instants` in UTC."""
    local = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    return local.to_numpy().astype("datetime64[us]")


def is_skipped_in(timezone: str, times: NDArray[Any]) -> NDArray[np.bool_]:
    """Which local `times` do not exist in `timezone`, because the clock is set forward over them."""
    is_summer = np.ones(len(times), bool)
    return np.asarray(pd.DatetimeIndex(times).tz_localize(timezone, ambiguous=is_summer, nonexistent="NaT").isna())


def format_times(times: NDArray[Any], *, style: TimeStyle, uses_wall_clock: bool) -> NDArray[Any]:
    """Format timestamps in the style of the file they continue; same shape as `times`.

    A local time that the clock skips gets the offset from before the change, so that it is parsed as the same moment.
    Raises UsageError beyond the year 9999, which cannot be written.
    """
    if style.format is None:
        return times
    if style.format == "%Y":
        return np.asarray(times.astype("datetime64[Y]").astype(np.int64) + 1970)
    distinct, inverse = np.unique(times, return_inverse=True)
    if distinct.size and distinct[-1] >= END_OF_TIME:
        raise UsageError("--horizon reaches beyond the year 9999, where dates cannot be written. Give a shorter one.")
    stamps = pd.DatetimeIndex(distinct)
    if not style.has_offset:
        texts = _render(stamps, style.format)
    elif not uses_wall_clock:
        texts = _render(stamps.tz_localize("UTC").tz_convert(style.timezone or "UTC"), style.format)
    elif style.timezone is None:
        texts = _render(stamps, re.sub(OFFSET_FORMAT, "", style.format))
    else:
        is_summer = np.ones(len(stamps), bool)
        local = stamps.tz_localize(style.timezone, ambiguous=is_summer, nonexistent="shift_backward")
        offset_format = re.findall(OFFSET_FORMAT, style.format)[0]
        texts = _render(stamps, style.format.removesuffix(offset_format)) + _render(local, offset_format)
    return np.asarray(texts[inverse].reshape(times.shape))


def _render(stamps: pd.DatetimeIndex, text_format: str) -> NDArray[Any]:
    """`strftime` that also supports %-d (without a leading zero), %3f (milliseconds), %:z (+01:00) and %q."""
    known = re.sub(r"%-(\w)", "\1%\\1", text_format).replace("%3f", "%f\2").replace("%:z", "%z\3")
    index = pd.PeriodIndex(stamps, freq="Q") if "%q" in known else stamps
    texts = pd.Series(np.asarray(index.strftime(known), object), dtype=object)
    for mark, pattern, shown in (
        ("\1", "\1" + r"0?(\d)", r"\1"),
        ("\2", r"(\d{3})\d{3}" + "\2", r"\1"),
        ("\3", r"(\d{2})" + "\3", r":\1"),
    ):
        if mark in known:
            texts = texts.str.replace(pattern, shown, regex=True)
    return texts.to_numpy(object)


def _parse_digits(texts: "pd.Series[str]", filled: "pd.Series[str]") -> TimesText | None:
    """Years, quarters, dates written without separators, or a count of steps; None for anything else."""
    if bool(filled.str.fullmatch(QUARTER.pattern).all()):
        parts = texts.str.extract(QUARTER.pattern)
        months = (parts[0].astype(float) - 1970) * 12 + (parts[2].astype(float) - 1) * 3
        wall = _from_counts(months.to_numpy(), unit="M")
        return TimesText(wall, wall, TimeStyle("%Y-Q%q" if "-" in filled.iloc[0] else "%YQ%q"))
    if not bool(filled.str.fullmatch(r"[+-]?\d{1,18}").all()):
        return None
    widths, numbers = set(filled.str.len()), filled.astype(np.int64)
    if widths == {4} and bool(numbers.between(1000, 2999).all()):
        wall = _from_counts(texts.astype(float).to_numpy() - 1970, unit="Y")
        return TimesText(wall, wall, TimeStyle("%Y"))
    if widths == {8} and bool((numbers // 10000).between(1000, 2999).all()):
        text_format = "%Y%m%d"
    elif widths == {6} and bool((numbers % 100).between(1, 12).all() & (numbers // 100).between(1000, 2999).all()):
        text_format = "%Y%m"
    elif len(filled) < len(texts):
        return None
    else:
        counted = texts.astype(np.int64).to_numpy()
        return TimesText(counted, counted, TimeStyle(None))
    wall = _parse(texts, text_format)
    return TimesText(wall, wall, TimeStyle(text_format))


def _guess_formats(texts: "pd.Series[str]", *, name: str) -> tuple[str | None, str]:
    """The pattern to read with, None for ISO 8601 of mixed precision, and the one to write with."""
    first = str(texts.iloc[0])
    day_first = _is_day_first(texts, name=name) if DAY_AND_MONTH.match(first) else False
    guess = _guess(first, day_first=day_first)
    is_iso = ISO_DATE.match(first) is not None
    if guess is not None and not (is_iso and bool(np.isnat(_parse(texts, guess)).any())):
        return guess, guess
    most_precise = str(texts.iloc[int(np.argmax(texts.str.len().to_numpy()))])
    return None, _guess(most_precise, day_first=False) or "%Y-%m-%dT%H:%M:%S"


def _guess(text: str, *, day_first: bool) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of time zones that are abbreviated
        guess = pd.tseries.api.guess_datetime_format(text, dayfirst=day_first)
    if guess is not None:
        return guess
    parts = DAY_AND_MONTH.match(text)
    order = ("%d", "%m") if day_first else ("%m", "%d")
    # with two-digit years it is ambiguous which number is the year
    dates = (parts[2].join([*order, "%Y"]),) if parts else DATES
    for date, time in product(dates, TIMES):
        try:
            datetime.strptime(text.strip(), date + time)
        except ValueError:
            continue
        return date + time
    return None


def _match_style(texts: "pd.Series[str]", wall: NDArray[Any], text_format: str) -> str:
    """`text_format`, without leading zeros and in milliseconds where the file is written so."""
    readable = np.flatnonzero(~np.isnat(wall))[:STYLE_SAMPLE]
    written, stamps = texts.iloc[readable].to_numpy(object), pd.DatetimeIndex(wall[readable])
    for letters, fraction in product(("", "HI", "dm", "dmHI"), ("%f", "%3f")):
        style = re.sub(f"%([{letters}])", r"%-\1", text_format) if letters else text_format
        style = style.replace("%f", fraction)
        if (_render(stamps, style) == written).all():
            return style
    return text_format


def _is_day_first(texts: "pd.Series[str]", *, name: str) -> bool:
    """Distinguish 31/12 from 12/31 by the numbers above 12; raises DataError where there are none."""
    parts = texts.str.extract(DAY_AND_MONTH.pattern)[[0, 2]].astype(float)
    first_is_day, second_is_day = bool((parts[0] > 12).any()), bool((parts[2] > 12).any())
    if first_is_day == second_is_day:
        text = str(texts.iloc[0])
        guesses = (_guess(text, day_first=day_first) for day_first in (True, False))
        flags = (f"--date-format {shlex.quote(guess)}" for guess in guesses if guess is not None)
        raise DataError(
            f"{name}: dates such as {text} can be read as day/month or month/day. Choose with {' or '.join(flags)}."
        )
    return first_is_day


def _parse(texts: "pd.Series[str]", text_format: str | None) -> NDArray[Any]:
    try:
        parsed = pd.to_datetime(texts, format=text_format or "ISO8601", errors="coerce")
    except ValueError as error:
        raise UsageError(f"--date-format {text_format}: {str(error).rstrip('.')}.") from error
    return parsed.to_numpy().astype("datetime64[us]")


def _from_counts(counts: NDArray[Any], *, unit: Literal["M", "Y"]) -> NDArray[Any]:
    """Months or years since 1970 as timestamps; NaN becomes NaT."""
    known = np.nan_to_num(counts).astype(np.int64).astype(f"datetime64[{unit}]").astype("datetime64[us]")
    return np.where(np.isnan(counts), np.datetime64("NaT", "us"), known)


def _parse_offsets(texts: "pd.Series[str]", has_offset: NDArray[np.bool_]) -> tuple[NDArray[Any], str]:
    """The UTC offset of each text, 0 where it has none, and the format directive that writes them."""
    parts = texts.str.extract(rf"(\s*)({OFFSET})$")
    digits = parts[1].str.replace(":", "").str.replace(r"[Zz]", "+0000", regex=True)
    minutes = digits.str[1:3].astype(float) * 60 + digits.str[3:5].astype(float)
    signed = np.where(digits.str[0] == "-", -minutes, minutes)
    offsets = np.asarray((np.where(has_offset, signed, 0) * 60e6).astype(np.int64).astype("timedelta64[us]"))
    gap, first = parts[has_offset].iloc[0]
    if bool((parts[1][has_offset] == "Z").all()):
        return offsets, f"{gap}Z"
    return offsets, gap + ("%z" if re.fullmatch(r"[+-]\d{4}", first) else "%:z")


def _find_timezone(offsets: NDArray[Any], timezone: str | None) -> str | None:
    if timezone is not None:
        try:
            pd.Timestamp(0, tz=timezone)
        except (LookupError, ValueError, OSError) as error:
            raise UsageError(f"--timezone {timezone}: no such zone. Use a name such as Europe/Berlin.") from error
        return timezone
    if len(np.unique(offsets)) > 1:
        return None
    minutes = int(offsets[0] // np.timedelta64(60_000_000, "us"))
    sign: Literal["+", "-"] = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"
