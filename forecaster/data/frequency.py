"""Find the calendar of timestamps, or parse it from a pandas frequency alias."""

import re
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, FIXED_UNITS, Calendar, find_business_edge
from forecaster.data.fiscal_year import FISCAL_MONTHS, FiscalYear, fit_fiscal_years
from forecaster.data.open_week import WEEK, OpenWeek, find_open_week
from forecaster.errors import UsageError

__all__ = [
    "MONTH_ALIASES",
    "anchor_months",
    "count_fiscal",
    "infer_calendar",
    "is_regular",
    "leave_out_closed",
    "parse_frequency",
]

Times = NDArray[Any]

ALIASES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us"}
MONTH_UNITS = {"M": (1, True), "ME": (1, True), "MS": (1, False), "Q": (3, True), "QE": (3, True)}
MONTH_UNITS |= {"QS": (3, False), "A": (12, True), "Y": (12, True), "YE": (12, True)}
MONTH_UNITS |= {"YS": (12, False), "AS": (12, False)}
MONTH_ALIASES = {12: "YS", 6: "6MS", 3: "QS", 1: "MS"}
"""The usual aliases of so many months, named by the first of them."""
HALF_MONTHS = ("SM", "SME", "SMS")
BUSINESS_UNITS = {f"B{alias}" for alias in MONTH_UNITS}
FIRST_ROWS = 1_000
MOST_JITTER = 0.01
"""Distance from whole steps, as a share of a step, of times that are meant to be at whole ones."""
LEAST_FILLED = 0.25
"""Share of the weeks in which an open step has to be there, where these are finer than the most common ones."""


def parse_frequency(text: str) -> Calendar:
    """The calendar of a pandas alias such as `MS`, `W-SUN`, `15min` or the older `M`, `H`, `T`; or of `445`.

    Raises UsageError for anything else.
    """
    if text.strip() in FISCAL_MONTHS:
        return count_fiscal(FiscalYear(FISCAL_MONTHS[text.strip()], anchor=0))
    match = re.fullmatch(r"(\d{0,6})\s*([A-Za-z]+)(?:-[A-Z]{3})?", text.strip())
    multiple = int(match[1] or 1) if match else 0
    alias = match[2] if match else ""
    alias = ALIASES.get(alias, alias)
    if multiple > 0:
        if alias == "B":
            return Calendar("business_day", multiple)
        if alias in MONTH_UNITS or alias in BUSINESS_UNITS:
            months, month_end = MONTH_UNITS[alias.removeprefix("B")]
            return Calendar("month", months * multiple, month_end, on_business_day=alias in BUSINESS_UNITS)
        if alias in FIXED_UNITS:
            return Calendar("microsecond", FIXED_UNITS[alias] * multiple)
    if alias in HALF_MONTHS:
        raise UsageError(
            f"--freq {text}: half months cannot be steps. Use --freq MS --aggregate sum, or mean for levels and prices."
        )
    raise UsageError(
        f"--freq {text}: no such frequency. Use a pandas alias such as YS, QS, MS, W, D, B, h or 15min; "
        "or 445, 454 or 544 for months of whole weeks."
    )


def count_fiscal(year: FiscalYear) -> Calendar:
    """The calendar of the months or quarters of a fiscal year."""
    return Calendar("microsecond", 52 * WEEK // len(year.weeks), fiscal_year=year)


def infer_calendar(times: Times, *, is_first: NDArray[np.bool_]) -> Calendar | None:
    """The calendar whose step is the most common over all series, or None where no series has two timestamps.

    `times` [row] are sorted within each series; `is_first` [row] marks where a series begins.
    """
    steps = np.diff(times)[~is_first[1:]]
    # local times repeat when the clock is set back
    steps = steps[steps.astype(np.int64) > 0]
    if not len(steps):
        return None
    sizes, counts = np.unique(steps, return_counts=True)
    most_common = int(sizes[np.argmax(counts)].astype(np.int64))
    if times.dtype.kind == "i":
        return Calendar("integer", most_common)
    days = most_common / DAY
    months = round(days / 30.436875)
    # any number of months is within two days of its mean length, and within four between business days
    if months >= 1 and abs(days - months * 30.436875) <= 4.5 and (edge := _find_business_edge(times)) is not None:
        return Calendar("month", months, month_end=edge == "end", on_business_day=True)
    if months >= 1 and abs(days - months * 30.436875) <= 2.5 and _keeps_day_of_month(times, is_first=is_first):
        return Calendar("month", months, month_end=_is_month_end(times))
    years = fit_fiscal_years(times) if most_common >= 28 * DAY else []
    if years:
        return count_fiscal(years[0])
    # business days: some series continues after a weekend, and no row lies on one
    if (
        most_common == DAY
        and steps.max() > np.timedelta64(DAY, "us")
        and np.is_busday(times.astype("datetime64[D]")).all()
    ):
        return Calendar("business_day", 1)
    return Calendar("microsecond", most_common)


def leave_out_closed(
    found: Calendar, times: Times, *, is_first: NDArray[np.bool_], observed: NDArray[np.bool_], is_told: bool = False
) -> Calendar:
    """`found` without the days or hours at which no series ever has a value; `found` itself where that is not certain.

    `times` [row] are those that `found` was inferred from, `observed` [row] whether the row has a value. Less certainty
    will do where it `is_told` that there are such days or hours.
    """
    if found.unit in ("month", "integer"):
        return found
    steps = np.diff(times)[~is_first[1:]].astype(np.int64)
    # the clock was set back: these hours cannot be told apart on the wall clock
    if (steps <= 0).any():
        return found
    most_common = DAY if found.unit == "business_day" else found.multiple
    # clocks that run a little fast or slow leave most of their finest steps out, too
    if 0 < np.abs(steps - most_common * np.round(steps / most_common)).max() <= MOST_JITTER * most_common:
        return found
    # opening times are not always whole steps apart, as from Tuesday to Thursday to Tuesday
    shared = most_common if (steps % most_common == 0).all() else int(np.gcd.reduce(steps))
    for multiple in dict.fromkeys((most_common, shared)):
        # steps that are finer than nearly all are no accident only where they are so week after week
        least_filled = 0.0 if multiple == most_common else LEAST_FILLED
        opened = find_open_week(times[observed], multiple=multiple, is_told=is_told, least_filled=least_filled)
        if opened == OpenWeek(DAY, (0, 5)):
            return Calendar("business_day", 1)
        if opened is not None:
            return Calendar("microsecond", multiple, open_runs=opened.runs)
    return found


def is_regular(times: Times) -> bool:
    """Whether the distinct `times`, three or more, are the steps of one calendar without a gap."""
    distinct = np.unique(times)
    if len(distinct) < 3 or (distinct.dtype.kind == "M" and bool(np.isnat(distinct).any())):
        return False
    calendar = infer_calendar(distinct, is_first=np.arange(len(distinct)) == 0)
    return calendar is not None and bool((calendar.advance(distinct[:1], np.arange(len(distinct))) == distinct).all())


def anchor_months(calendar: Calendar, times: Times, *, is_first: NDArray[np.bool_]) -> tuple[Calendar, Times]:
    """A monthly calendar on the day of the month that `times` fall on.

    Where they fall on different days, `times` move to the first or the last day of the month, as in `calendar`.
    """
    edge = None if calendar.on_business_day else _find_business_edge(times)
    if edge is not None:
        return replace(calendar, month_end=edge == "end", on_business_day=True), times
    if calendar.on_business_day:
        days = find_business_edge(times.astype("datetime64[M]"), is_end=calendar.month_end)
        return calendar, days.astype(times.dtype)
    if _is_month_end(times):
        return replace(calendar, month_end=True), times
    if _keeps_day_of_month(times, is_first=is_first):
        return replace(calendar, month_end=False), times
    months = times.astype("datetime64[M]")
    days = (months + 1).astype("datetime64[D]") - 1 if calendar.month_end else months.astype("datetime64[D]")
    return calendar, days.astype(times.dtype)


def _is_month_end(times: Times) -> bool:
    # most times that are none show it in the first rows
    days_after = (part.astype("datetime64[D]") + 1 for part in (times[:FIRST_ROWS], times[FIRST_ROWS:]))
    return all(bool(np.all(days.astype("datetime64[M]") == days)) for days in days_after)


def _find_business_edge(times: Times) -> Literal["end", "start"] | None:
    """Whether all `times` are the last, or the first, business days of months, though not on the same day of each."""
    # most times are those of many rows
    days = np.asarray(pd.unique(times)).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    days_of_month = days - months.astype("datetime64[D]")
    if _is_month_end(days) or (days_of_month == days_of_month[0]).all():
        return None
    edges: tuple[Literal["end", "start"], ...] = ("end", "start")
    return next((edge for edge in edges if (find_business_edge(months, is_end=edge == "end") == days).all()), None)


def _keeps_day_of_month(times: Times, *, is_first: NDArray[np.bool_]) -> bool:
    """Whether most rows fall on the day of the month on which their series begins."""
    # most times are those of many rows
    codes, distinct = pd.factorize(times)
    days = np.asarray(distinct).astype("datetime64[D]")
    day_of_month = (days - days.astype("datetime64[M]")).astype(np.int64)[codes]
    first = day_of_month[is_first][np.cumsum(is_first) - 1]
    return _is_month_end(np.asarray(distinct)) or float(np.mean(day_of_month == first)) > 0.5
