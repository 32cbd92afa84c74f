"""Calendars: the regular grid of timestamps, inferred from them or parsed from a pandas frequency alias.

Timestamps are `datetime64[us]`, or `int64` where the file numbers its steps. Calendars
of a day and longer, and those with closed phases, work on wall-clock time, so that a daylight-saving day of 23 or 25
hours is one step; the others work on UTC.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecaster.data.fiscal_year import FISCAL_MONTHS, FiscalYear, fit_fiscal_years
from forecaster.data.open_week import OpenWeek, find_open_week
from forecaster.errors import UsageError

__all__ = [
    "Calendar",
    "anchor_months",
    "count_fiscal",
    "infer_calendar",
    "is_regular",
    "leave_out_closed",
    "parse_frequency",
]

Times = NDArray[Any]
Unit = Literal["microsecond", "business_day", "month", "integer"]

LARGEST_INTEGER = 1 << 62
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
FIXED_UNITS = {"W": 7 * DAY, "D": DAY, "h": HOUR, "min": MINUTE, "s": SECOND, "ms": 1000, "us": 1}
ALIASES = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us"}
MONTH_UNITS = {"M": (1, True), "ME": (1, True), "MS": (1, False), "Q": (3, True), "QE": (3, True)}
MONTH_UNITS |= {"QS": (3, False), "A": (12, True), "Y": (12, True), "YE": (12, True)}
MONTH_UNITS |= {"YS": (12, False), "AS": (12, False)}
NAMES = {
    ("month", 12): "yearly",
    ("month", 3): "quarterly",
    ("month", 1): "monthly",
    ("microsecond", 91 * DAY): "quarters of 13 weeks",
    ("microsecond", 7 * DAY): "weekly",
    ("microsecond", DAY): "daily",
    ("microsecond", HOUR): "hourly",
    ("business_day", 1): "business-daily",
}


@dataclass(frozen=True)
class Calendar:
    """Steps of `multiple` units; `month_end` puts monthly steps on the last day of the month.

    `open_runs` are those of an `OpenWeek`, for steps that skip closed days or hours; empty where nothing is closed.
    With a `fiscal_year` the steps are its months or quarters, and `multiple` is their mean length without 53rd weeks.
    """

    unit: Unit
    multiple: int
    month_end: bool = False
    open_runs: tuple[int, ...] = ()
    fiscal_year: FiscalYear | None = None

    def __post_init__(self) -> None:
        if self.open_runs and self.open_week is None:
            raise ValueError("'calendar.open_runs' are not the runs of open steps of a week")

    @property
    def open_week(self) -> OpenWeek | None:
        """The open steps of a week, None where nothing is closed or only the weekends of business days are."""
        is_sound = self.unit == "microsecond" and OpenWeek.is_sound(self.multiple, self.open_runs)
        return OpenWeek(self.multiple, self.open_runs) if is_sound else None

    @property
    def has_closed_steps(self) -> bool:
        """Whether the steps skip days or hours, such as weekends."""
        return self.unit == "business_day" or self.open_week is not None

    @property
    def alias(self) -> str:
        """The alias of steps of fixed length, such as D or 15min, without closed phases."""
        alias, size = next((a, s) for a, s in FIXED_UNITS.items() if self.multiple % s == 0)
        return alias if self.multiple == size else f"{self.multiple // size}{alias}"

    @property
    def name(self) -> str:
        """The frequency in words, such as 'monthly' or 'every 15min'."""
        if self.open_week is not None:
            return f"{replace(self, open_runs=()).name} ({self.open_week.describe_open()})"
        if self.fiscal_year is not None:
            return self.fiscal_year.name
        if (self.unit, self.multiple) in NAMES:
            return NAMES[self.unit, self.multiple]
        if self.unit == "microsecond":
            return f"every {self.alias if self.alias[0].isdigit() else '1' + self.alias}"
        return "numbered steps" if self.unit == "integer" else f"every {self.multiple} {self.unit}s"

    @property
    def uses_wall_clock(self) -> bool:
        """Whether steps follow the local clock: those of a day or longer, and those that skip closed phases."""
        is_long = self.unit in ("month", "business_day") or (self.unit == "microsecond" and self.multiple % DAY == 0)
        return is_long or bool(self.open_runs) or self.fiscal_year is not None

    @property
    def periods(self) -> tuple[int, ...]:
        """Lengths of the seasons in steps, the main one first; (1,) where none is known."""
        if self.unit == "business_day":
            return (5,)
        if self.unit == "month":
            return (12 // self.multiple,) if 12 % self.multiple == 0 else (1,)
        if self.unit == "integer":
            return (1,)
        if self.open_week is not None:
            return self.open_week.periods
        if self.fiscal_year is not None:
            return (len(self.fiscal_year.weeks),)
        if self.multiple in (7 * DAY, 91 * DAY):
            return (364 * DAY // self.multiple,)
        if self.multiple == DAY:
            return (7, 365)
        cycles = (MINUTE, HOUR) if self.multiple < MINUTE else (DAY, 7 * DAY)
        found = tuple(cycle // self.multiple for cycle in cycles if cycle % self.multiple == 0)
        return tuple(period for period in found if period > 1) or (1,)

    def advance(self, starts: Times, steps: NDArray[np.int64]) -> Times:
        """The timestamps that lie `steps` steps after `starts`; both arguments broadcast."""
        if self.unit == "integer":
            if int(np.abs(steps).max(initial=0)) * self.multiple > LARGEST_INTEGER:
                raise UsageError("--horizon reaches beyond the largest number of a step. Give a shorter one.")
            return np.asarray(starts + steps * self.multiple)
        if self.open_week is not None:
            return self.open_week.advance(starts, steps)
        if self.fiscal_year is not None:
            return self.fiscal_year.advance(starts, steps)
        if self.unit == "microsecond":
            return np.asarray(starts + (steps * self.multiple).astype("timedelta64[us]"))
        days = starts.astype("datetime64[D]")
        time_of_day = starts - days
        if self.unit == "business_day":
            return np.asarray(np.busday_offset(days, steps * self.multiple, roll="forward") + time_of_day)
        months = days.astype("datetime64[M]") + (steps * self.multiple).astype("timedelta64[M]")
        last_day = (months + 1).astype("datetime64[D]") - 1
        if self.month_end:
            return np.asarray(last_day + time_of_day)
        day_of_month = days - days.astype("datetime64[M]")
        return np.asarray(np.minimum(months.astype("datetime64[D]") + day_of_month, last_day) + time_of_day)

    def count_steps(self, starts: Times, timestamps: Times) -> NDArray[np.int64]:
        """Whole steps from `starts` to `timestamps`, rounded down where they do not lie on the grid.

        0 where the start is NaT.
        """
        if self.unit == "integer":
            return np.asarray((timestamps - starts) // self.multiple, np.int64)
        is_unknown = np.isnat(starts)
        if is_unknown.any():
            starts = np.where(is_unknown, timestamps, starts)
        if self.open_week is not None:
            return self.open_week.count_steps(starts, timestamps)
        if self.fiscal_year is not None:
            return self.fiscal_year.count_steps(starts, timestamps)
        if self.unit == "microsecond":
            return np.asarray((timestamps - starts) // np.timedelta64(self.multiple, "us"), np.int64)
        first, now = starts.astype("datetime64[D]"), timestamps.astype("datetime64[D]")
        if self.unit == "business_day":
            return np.asarray(np.busday_count(first, now) // self.multiple, np.int64)
        months = now.astype("datetime64[M]").astype(np.int64) - first.astype("datetime64[M]").astype(np.int64)
        return np.asarray(months // self.multiple, np.int64)

    def is_open(self, times: Times) -> NDArray[np.bool_]:
        """Which of `times` do not lie in a closed phase."""
        if self.unit == "business_day":
            return np.asarray(np.is_busday(times.astype("datetime64[D]")))
        return np.ones(times.shape, bool) if self.open_week is None else self.open_week.is_open(times)


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
        if alias in MONTH_UNITS:
            months, month_end = MONTH_UNITS[alias]
            return Calendar("month", months * multiple, month_end)
        if alias in FIXED_UNITS:
            return Calendar("microsecond", FIXED_UNITS[alias] * multiple)
    raise UsageError(
        f"--freq {text}: no such frequency. Use a pandas alias such as YS, QS, MS, W, D, B, h or 15min; "
        "or 445, 454 or 544 for months of whole weeks."
    )


def count_fiscal(year: FiscalYear) -> Calendar:
    """The calendar of the months or quarters of a fiscal year."""
    return Calendar("microsecond", 364 * DAY // len(year.weeks), fiscal_year=year)


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
    # any number of months is within two days of its mean length
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
    found: Calendar, times: Times, *, is_first: NDArray[np.bool_], observed: NDArray[np.bool_]
) -> Calendar:
    """`found` without the days or hours at which no series ever has a value; `found` itself where that is not certain.

    `times` [row] are those that `found` was inferred from, `observed` [row] whether the row has a value.
    """
    if found.unit in ("month", "integer"):
        return found
    steps = np.diff(times)[~is_first[1:]].astype(np.int64)
    # the clock was set back: these hours cannot be told apart on the wall clock
    if (steps <= 0).any():
        return found
    most_common = DAY if found.unit == "business_day" else found.multiple
    # opening times are not always whole steps apart, as from Tuesday to Thursday to Tuesday
    shared = most_common if (steps % most_common == 0).all() else int(np.gcd.reduce(steps))
    for multiple in dict.fromkeys((most_common, shared)):
        opened = find_open_week(times[observed], multiple=multiple)
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
    if _is_month_end(times):
        return replace(calendar, month_end=True), times
    if _keeps_day_of_month(times, is_first=is_first):
        return replace(calendar, month_end=False), times
    months = times.astype("datetime64[M]")
    days = (months + 1).astype("datetime64[D]") - 1 if calendar.month_end else months.astype("datetime64[D]")
    return calendar, days.astype(times.dtype)


def _is_month_end(times: Times) -> bool:
    days = times.astype("datetime64[D]")
    return bool(np.all((days + 1).astype("datetime64[M]").astype("datetime64[D]") == days + 1))


def _keeps_day_of_month(times: Times, *, is_first: NDArray[np.bool_]) -> bool:
    """Whether most rows fall on the day of the month on which their series begins."""
    days = times.astype("datetime64[D]")
    day_of_month = (days - days.astype("datetime64[M]")).astype(np.int64)
    first = day_of_month[is_first][np.cumsum(is_first) - 1]
    return _is_month_end(times) or float(np.mean(day_of_month == first)) > 0.5
