"""Parse the timestamp given with --until."""

import re
import warnings
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecaster.data.panel import DECIMAL_YEAR, Panel
from forecaster.data.times.dates import parse_times
from forecaster.data.times.numbered_years import pad_year
from forecaster.data.times.periods import parse_period
from forecaster.errors import DataError, UsageError

__all__ = ["parse_moment"]

DIGITS = re.compile(r"\d{5,}(?:\.\d+)?")
"""Written as the data are; a year has four digits."""
QUARTER = re.compile(r"(\d{4})(-?)Q([1-4])")
WHOLE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
"""A year, a month or a day, which includes all of it."""
CLOCK = re.compile(r"[ ,T]*%[HI]")
"""Where the time of day begins in a format."""
UNIVERSAL = re.compile(r"\s*(?:(?<![%:])[Zz]|UTC|GMT)$")
"""An offset that is a word."""
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


def parse_moment(text: str, *, panel: Panel) -> Any:
    """The moment given by the `text` of --until, in the type of the panel's timestamps.

    A year, a quarter, a month or a day without a time includes all of it; other times are written as those of the data.
    Where steps are shorter than a day it is in UTC, like the panel. Raises UsageError where it is not a timestamp.
    """
    try:
        return np.int64(text) if panel.starts.dtype.kind == "i" else _parse_time(text, panel=panel)
    except (ValueError, OverflowError) as error:
        example = panel.starts[np.argmax(panel.lengths > 0)]
        written = str(example).removesuffix(".000000").removesuffix("T00:00:00")
        raise UsageError(f"--until {text}: not a timestamp. Write it as {written}.") from error


def _parse_time(text: str, *, panel: Panel) -> Any:
    """`text` as datetime64[us]. Raises ValueError or OverflowError where it cannot be read."""
    style = panel.time_style
    if DIGITS.fullmatch(text) and (style.is_number or re.fullmatch(r"(?:%[A-Za-z])+", str(style.format))):
        zone = style.timezone if style.is_epoch else None
        times = parse_times(pd.Series([text]), name="--until", date_format=style.format, timezone=zone)
        if times.unreadable.any():
            raise ValueError("not a time")
        return (times.wall if panel.calendar.uses_wall_clock else times.instant)[0]
    weeks = parse_period(pd.Series([text]), str(style.format)) if "V" in str(style.format) else None
    if weeks is not None and not np.isnat(weeks[0]):
        return weeks[0]
    last = _find_last_moment(text)
    if last is None:
        try:
            last = datetime.fromisoformat(text)
        except ValueError:
            own = _read_as_written(text, panel=panel)
            if own is None:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of a zone, which makes it no time either
                    named = np.datetime64(text)
                if np.isnat(named):
                    raise
                return named.astype("datetime64[us]")
            last = own
    parsed = last
    if not panel.calendar.uses_wall_clock:
        zone = panel.time_style.timezone
        local = parsed.replace(tzinfo=_find_zone(zone)) if zone and parsed.tzinfo is None else parsed
        parsed = local.astimezone(UTC) if local.tzinfo else local
    return np.datetime64(parsed.replace(tzinfo=None), "us")


def _read_as_written(text: str, *, panel: Panel) -> datetime | None:
    """The moment of a `text` in the form of the times of the data, or the end of a day in that of their dates; or None.

    It has a zone where the text has an offset.
    """
    style = panel.time_style
    if style.format is None or style.is_number or style.format == DECIMAL_YEAR:
        return None
    text = pad_year(text) if "%-y" in style.format else text
    whole = UNIVERSAL.sub("", style.format).replace("%-", "%").replace("%3f", "%f")
    for written in dict.fromkeys((whole, CLOCK.split(whole)[0])):
        try:
            times = parse_times(pd.Series([text]), name="--until", date_format=written)
        except (DataError, UsageError):
            continue
        if not times.unreadable.any():
            moment = times.instant if times.style.has_offset and not panel.calendar.uses_wall_clock else times.wall
            end = np.timedelta64(0 if written == whole else 24 * 3600 * 10**6 - 1, "us")
            found: datetime = (moment[0] + end).astype(datetime)
            return found.replace(tzinfo=UTC) if moment is times.instant and times.style.has_offset else found
    return None


def _find_last_moment(text: str) -> datetime | None:
    """The last microsecond of the year, quarter, month or day that is the `text`; None where it has a time as well."""
    quarter = QUARTER.fullmatch(text)
    text = f"{quarter[1]}-{3 * int(quarter[3]):02d}" if quarter else COMPACT_DAY.sub(r"\1-\2-\3", text)
    if not WHOLE.fullmatch(text):
        return None
    return datetime.fromisoformat(str((np.datetime64(text) + 1).astype("datetime64[us]") - 1))


def _find_zone(name: str) -> tzinfo | None:
    is_offset = name.startswith(("UTC+", "UTC-"))
    return datetime.strptime(name, "UTC%z").tzinfo if is_offset else ZoneInfo(name)
