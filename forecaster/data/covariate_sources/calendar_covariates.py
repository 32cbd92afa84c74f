"""What dates tell, as covariates: trading days and lengths of months, days of the month, turns of the year."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, Calendar
from forecaster.data.covariate_sources.step_days import ONE_DAY, find_days, require_days
from forecaster.data.covariates import CALENDAR, Covariates
from forecaster.data.open_week import DAYS
from forecaster.data.panel import Panel
from forecaster.data.read_options import ALL_KINDS, CALENDAR_KINDS
from forecaster.errors import UsageError

__all__ = ["add_calendar", "choose_kinds"]

SHORTEST_MONTH = 28
WAVES = 3
"""Sine and cosine pairs that describe the day of the month."""
MONTH = np.timedelta64(1, "M")
Days = NDArray[Any]
Numbers = NDArray[np.float64]


def choose_kinds(given: tuple[str, ...], *, calendar: Calendar) -> tuple[str, ...]:
    """The kinds of `given` for steps of this calendar, each once; `all` stands for those that say something of them.

    Raises UsageError for a kind that says nothing of such steps.
    """
    fitting = tuple(kind for kind in CALENDAR_KINDS if (kind in LONG_KINDS) == _is_long(calendar))
    for kind in given:
        if kind not in (*fitting, ALL_KINDS):
            raise UsageError(
                f"--calendar {kind}: it says nothing of steps that are {calendar.name}. Give {', '.join(fitting)}, or "
                f"{ALL_KINDS}."
            )
    return fitting if ALL_KINDS in given else tuple(dict.fromkeys(given))


def add_calendar(panel: Panel, kinds: tuple[str, ...], *, ahead: int, names_last_day: bool = False) -> Covariates:
    """The covariates of `kinds` in each step of each series, and in `ahead` steps after its end; see `find_days`.

    Raises UsageError where the days of the steps are not known.
    """
    require_days(panel, flag="--calendar")
    steps = find_days(panel, ahead=ahead, names_last_day=names_last_day)
    begin, end = steps.first.min(), steps.last.max() + ONE_DAY
    days = np.arange(begin, end)
    by_name: dict[str, Numbers] = {}
    columns: list[str] = []
    for kind in kinds:
        described = DESCRIPTIONS[kind](days)
        by_name |= {f"{CALENDAR} {name}": values for name, values in described.items()}
        columns += [f"{CALENDAR} {kind}"] * len(described)
    first, behind = ((moments - begin).astype(np.int64) for moments in (steps.first, steps.last + ONE_DAY))
    counted = {}
    for name, values in by_name.items():
        sums = np.concatenate([[0.0], np.cumsum(values)])
        counted[name] = sums[behind] - sums[first]
    return steps.as_covariates(counted, columns=tuple(columns))


def _is_long(calendar: Calendar) -> bool:
    """Whether steps are months or longer."""
    if calendar.unit == "month" or calendar.fiscal_year is not None:
        return True
    return calendar.unit == "microsecond" and calendar.multiple >= SHORTEST_MONTH * DAY


def _name_weekdays(days: Days) -> dict[str, Numbers]:
    weekdays = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 is a Thursday
    return {name: (weekdays == number).astype(np.float64) for number, name in enumerate(DAYS)}


def _find_working_days(days: Days) -> dict[str, Numbers]:
    return {"working days": np.is_busday(days).astype(np.float64)}


def _count_days(days: Days) -> dict[str, Numbers]:
    return {"number of days": np.ones(len(days))}


def _locate_in_month(days: Days) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The day of the month, from 0 on, and the number of its days."""
    month = days.astype("datetime64[M]")
    begins, ends = (each.astype("datetime64[D]") for each in (month, month + MONTH))
    return (days - begins).astype(np.int64), (ends - begins).astype(np.int64)


def _turn_with_month(days: Days) -> dict[str, Numbers]:
    day, length = _locate_in_month(days)
    angle = 2 * np.pi * day / length
    return {
        f"day of month, {name} {order}": wave(order * angle)
        for order in range(1, WAVES + 1)
        for name, wave in (("cosine", np.cos), ("sine", np.sin))
    }


def _find_edges(days: Days) -> dict[str, Numbers]:
    day, length = _locate_in_month(days)
    month = days.astype("datetime64[M]")
    begins, ends = (each.astype("datetime64[D]") for each in (month, month + MONTH))
    found = {
        "first day of month": day == 0,
        "last day of month": day == length - 1,
        "first working day of month": days == np.busday_offset(begins, 0, roll="forward"),
        "last working day of month": days == np.busday_offset(ends, -1, roll="forward"),
    }
    return {name: is_edge.astype(np.float64) for name, is_edge in found.items()}


def _number_weeks(days: Days) -> dict[str, Numbers]:
    day, _ = _locate_in_month(days)
    return {f"week {week + 1} of month": (day // 7 == week).astype(np.float64) for week in range(5)}


def _find_year_turn(days: Days) -> dict[str, Numbers]:
    """Parts of the days from 17 December to 6 January."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_year = 100 * month + _locate_in_month(days)[0] + 1
    parts = {
        "17 to 23 December": (1217, 1223),
        "24 to 26 December": (1224, 1226),
        "27 to 31 December": (1227, 1231),
        "1 January": (101, 101),
        "2 to 6 January": (102, 106),
    }
    return {name: ((of_year >= first) & (of_year <= last)).astype(np.float64) for name, (first, last) in parts.items()}


DESCRIPTIONS: dict[str, Callable[[Days], dict[str, Numbers]]] = {
    "trading-days": _name_weekdays,
    "working-days": _find_working_days,
    "month-length": _count_days,
    "month-days": _turn_with_month,
    "month-edges": _find_edges,
    "month-weeks": _number_weeks,
    "year-turn": _find_year_turn,
}
"""What each kind says of days [day], by name; of a step it says the sum over its days."""
LONG_KINDS = ("trading-days", "working-days", "month-length")
