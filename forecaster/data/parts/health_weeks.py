"""Weeks of health services (MMWR weeks), which begin on Sunday: the first of a year has 4 days or more of it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["find_health_year", "number_health_weeks", "write_health_weeks"]

MIDDLE = pd.Timedelta(days=3)
"""The fourth day of a week is in the year that the week is of."""
SUNDAY, MONDAY = 6, 0
USUAL_WEEKS = 52


def find_health_year(years: "pd.Series[str]", weeks: "pd.Series[str]") -> int | None:
    """The first year of which the numbers show that weeks are those of health services, and no ISO weeks; else None.

    Numbered so, all weeks from the first to the last are there, in years of 52 weeks, too, but as ISO weeks one would
    be missing, or is none: the week 53 of that year.
    """
    pairs = pd.DataFrame({"year": pd.to_numeric(years, errors="coerce"), "week": pd.to_numeric(weeks, errors="coerce")})
    pairs = pairs.dropna().drop_duplicates().sort_values(["year", "week"])
    if not len(pairs) or not bool((pairs % 1 == 0).all(axis=None)):
        return None
    health, iso = (_find_days(pairs["year"], pairs["week"], first=first) for first in (SUNDAY, MONDAY))
    ends = pairs["year"].diff().iloc[1:].to_numpy() > 0
    has_usual_year = bool((pairs["week"].iloc[:-1].to_numpy()[ends] == USUAL_WEEKS).any())
    if not (has_usual_year and _go_on(health).all()) or (goes_on := _go_on(iso)).all():
        return None
    return int(pairs["year"].iloc[int(np.argmin(goes_on))])


def write_health_weeks(years: "pd.Series[str]", weeks: "pd.Series[str]") -> "pd.Series[str]":
    """The first days of weeks as text, NaN where a part is missing, and a text that is no time where there is none."""
    days = _find_days(pd.to_numeric(years, errors="coerce"), pd.to_numeric(weeks, errors="coerce"), first=SUNDAY)
    shown = days.dt.strftime("%Y-%m-%d").where(days.notna(), years + "-W" + weeks + " (no week)")
    return shown.where(years.notna() & weeks.notna())


def number_health_weeks(days: pd.DatetimeIndex) -> tuple[NDArray[Any], NDArray[Any]]:
    """The years and the numbers of weeks by their first days."""
    middles = days + MIDDLE
    return np.asarray(middles.year), np.asarray((middles.dayofyear - 1) // 7 + 1)


def _find_days(years: "pd.Series[float]", weeks: "pd.Series[float]", *, first: int) -> "pd.Series[pd.Timestamp]":
    """The first days of weeks that begin with the weekday `first`, NaT where a year has no such week."""
    texts = years.map("{:.0f}-01-04".format, na_action="ignore")
    fourth = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
    begins = fourth - pd.to_timedelta((fourth.dt.weekday - first) % 7, unit="D")
    days = begins + pd.to_timedelta(7 * (weeks - 1), unit="D")
    return days.where((days + MIDDLE).dt.year == years)


def _go_on(days: "pd.Series[pd.Timestamp]") -> NDArray[np.bool_]:
    """Whether the next week follows each but the last one."""
    return np.asarray(np.diff(days.to_numpy()) == np.timedelta64(7, "D"))
