"""The hours that clocks show twice, where they are set back, and those that they skip."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.times.dates import parse_times
from forecaster.errors import DataError, UsageError

__all__ = ["CLOCKS", "find_changes", "find_repeated_hours"]

CLOCKS = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "America/New_York",
    "Australia/Sydney",
    "America/Santiago",
    "America/Sao_Paulo",
)
"""Zones that differ in the hours that their clocks show twice."""
HOURS = 24
HOUR = np.timedelta64(1, "h")


def find_changes(dates: NDArray[Any], *, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The hour that the clock of `zone` shows twice on each of `dates`, and the one that it skips; -1 for none."""
    hours = (dates[:, None] + np.arange(HOURS) * HOUR).ravel()
    stamps = pd.DatetimeIndex(hours.astype("datetime64[us]"))
    is_summer = np.ones(len(stamps), bool)
    is_twice = stamps.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna()
    is_skipped = stamps.tz_localize(zone, ambiguous=is_summer, nonexistent="NaT").isna()
    found = [np.asarray(which).reshape(-1, HOURS) for which in (is_twice, is_skipped)]
    back, forward = (np.where(which.any(axis=1), which.argmax(axis=1), -1) for which in found)
    return back, forward


def find_repeated_hours(times: "pd.Series[Any]") -> NDArray[np.bool_]:
    """Which rows, of the categories `times`, are local ones of an hour that the clock of some zone shows twice."""
    none = np.zeros(len(times), bool)
    texts = pd.Series(times.cat.categories.to_list(), dtype=str)
    try:
        read = parse_times(texts, name="")
    except (DataError, UsageError):
        return none
    if read.wall.dtype.kind != "M" or read.style.has_offset or read.unreadable.all():
        return none
    hours, places = np.unique(read.wall[~read.unreadable].astype("datetime64[h]"), return_inverse=True)
    days, of_day = np.unique(hours.astype("datetime64[D]"), return_inverse=True)
    number = (hours - days[of_day]).astype(np.int64)
    is_twice = np.logical_or.reduce([find_changes(days, zone=zone)[0][of_day] == number for zone in CLOCKS])
    of_text = np.zeros(len(texts), bool)
    of_text[~read.unreadable] = is_twice[places]
    codes = times.cat.codes.to_numpy()
    return np.asarray((codes >= 0) & of_text[codes])
