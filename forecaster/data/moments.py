"""Parse the timestamp given with --until."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecaster.data.dates import parse_times
from forecaster.data.panel import Panel
from forecaster.data.periods import parse_period
from forecaster.errors import UsageError

__all__ = ["parse_moment"]

DIGITS = re.compile(r"\d{5,}(?:\.\d+)?")
"""Written as the data are; a year has four digits."""
QUARTER = re.compile(r"(\d{4})(-?)Q([1-4])")


def parse_moment(text: str, *, panel: Panel) -> Any:
    """The moment given by the `text` of --until, in the type of the panel's timestamps.

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
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        quarter = QUARTER.fullmatch(text)
        named: Any = np.datetime64(f"{quarter[1]}-{3 * int(quarter[3]):02d}" if quarter else text)
        if np.isnat(named):
            raise ValueError("not a time") from None
        # a year or a month without a day includes all of it where steps are months or longer
        includes_all = panel.calendar.unit == "month" and np.datetime_data(named)[0] in ("Y", "M")
        return (named + 1).astype("datetime64[us]") - 1 if includes_all else named.astype("datetime64[us]")
    if not panel.calendar.uses_wall_clock:
        zone = panel.time_style.timezone
        local = parsed.replace(tzinfo=_find_zone(zone)) if zone and parsed.tzinfo is None else parsed
        parsed = local.astimezone(UTC) if local.tzinfo else local
    return np.datetime64(parsed.replace(tzinfo=None), "us")


def _find_zone(name: str) -> tzinfo | None:
    is_offset = name.startswith(("UTC+", "UTC-"))
    return datetime.strptime(name, "UTC%z").tzinfo if is_offset else ZoneInfo(name)
