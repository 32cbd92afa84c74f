"""Weeks of health services (MMWR weeks), which begin on Sunday: the first of a year has 4 days or more of it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["number_health_weeks", "write_health_weeks"]

MIDDLE = pd.Timedelta(days=3)
"""The Wednesday of a week is in the year that the week is of."""


def write_health_weeks(years: "pd.Series[str]", weeks: "pd.Series[str]") -> "pd.Series[str]":
    """The first days of weeks as text, NaN where a part is missing, and a text that is no time where there is none."""
    numbers = pd.to_numeric(weeks, errors="coerce")
    fourth = pd.to_datetime(years + "-01-04", format="%Y-%m-%d", errors="coerce")
    first = fourth - pd.to_timedelta((fourth.dt.weekday + 1) % 7, unit="D")
    days = first + pd.to_timedelta(7 * (numbers - 1), unit="D")
    is_week = (days + MIDDLE).dt.strftime("%Y") == years
    shown = days.dt.strftime("%Y-%m-%d").where(is_week, years + "-W" + weeks + " (no week)")
    return shown.where(years.notna() & weeks.notna())


def number_health_weeks(days: pd.DatetimeIndex) -> tuple[NDArray[Any], NDArray[Any]]:
    """The years and the numbers of weeks by their first days."""
    middles = days + MIDDLE
    return np.asarray(middles.year), np.asarray((middles.dayofyear - 1) // 7 + 1)
