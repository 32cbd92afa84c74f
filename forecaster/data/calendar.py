"""Calendars: the regular grid of timestamps.

Timestamps are `datetime64[us]`, or `int64` where the file numbers its steps. Calendars
of a day and longer, and those with closed phases, work on wall-clock time, so that a daylight-saving day of 23 or 25
hours is one step; the others work on UTC.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecaster.data.fiscal_year import FiscalYear
from forecaster.data.open_week import DAY, WEEK, OpenWeek
from forecaster.errors import UsageError
from forecaster.settings import MAX_PERIOD

__all__ = ["DAY", "FIXED_UNITS", "HOUR", "LARGEST_INTEGER", "MINUTE", "Calendar", "find_business_edge"]

Times = NDArray[Any]
Unit = Literal["microsecond", "business_day", "month", "integer"]

LARGEST_INTEGER = 1 << 62
SECOND = 1_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
FIXED_UNITS = {"W": WEEK, "D": DAY, "h": HOUR, "min": MINUTE, "s": SECOND, "ms": 1000, "us": 1}
NAMES = {
    ("month", 12): "yearly",
    ("month", 3): "quarterly",
    ("month", 1): "monthly",
    ("microsecond", 52 * WEEK): "years of 52 weeks",
    ("microsecond", 13 * WEEK): "quarters of 13 weeks",
    ("microsecond", WEEK): "weekly",
    ("microsecond", DAY): "daily",
    ("microsecond", HOUR): "hourly",
    ("business_day", 1): "business-daily",
}


@dataclass(frozen=True)
class Calendar:
    """Steps of `multiple` units; `month_end` puts monthly steps on the last day of the month, `on_business_day` on its
    last, or first, day from Monday to Friday.

    `open_runs` are those of an `OpenWeek`, for steps that skip closed days or hours; empty where nothing is closed.
    With a `fiscal_year` the steps are its months, quarters or years; `multiple` is the mean length without a 53rd week.
    """

    unit: Unit
    multiple: int
    month_end: bool = False
    open_runs: tuple[int, ...] = ()
    fiscal_year: FiscalYear | None = None
    on_business_day: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.multiple <= LARGEST_INTEGER:
            raise ValueError(f"'calendar.multiple' is not from 1 to {LARGEST_INTEGER}")
        if self.open_runs and self.open_week is None:
            raise ValueError("'calendar.open_runs' are not the runs of open steps of a week")

    @property
    def open_week(self) -> OpenWeek | None:
        """The open steps of a week, None where nothing is closed or only the weekends of business days are."""
        is_sound = self.unit == "microsecond" and OpenWeek.is_sound(self.multiple, self.open_runs)
        return OpenWeek(self.multiple, self.open_runs) if is_sound else None

    @property
    def special(self) -> OpenWeek | FiscalYear | None:
        """What places the steps where they have no fixed distance."""
        return self.fiscal_year or self.open_week

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
        if self.on_business_day:
            edge = "last" if self.month_end else "first"
            return f"{replace(self, on_business_day=False).name} (on the {edge} business day)"
        if (self.unit, self.multiple) in NAMES:
            return NAMES[self.unit, self.multiple]
        if self.unit == "microsecond":
            return f"every {self.alias if self.alias[0].isdigit() else '1' + self.alias}"
        return "numbered steps" if self.unit == "integer" else f"every {self.multiple} {self.unit}s"

    @property
    def uses_wall_clock(self) -> bool:
        """Whether steps follow the local clock: those of a day or longer, and those that skip closed phases."""
        is_long = self.unit in ("month", "business_day") or (self.unit == "microsecond" and self.multiple % DAY == 0)
        return is_long or self.special is not None

    @property
    def periods(self) -> tuple[int, ...]:
        """Lengths of the seasons in steps, the main one first; (1,) where none is known."""
        if self.unit == "business_day":
            return (5,)
        if self.unit == "month":
            return (12 // self.multiple,) if 12 % self.multiple == 0 else (1,)
        if self.unit == "integer":
            return (1,)
        if self.special is not None:
            return self.special.periods
        if self.multiple in (WEEK, 13 * WEEK):
            return (52 * WEEK // self.multiple,)
        if self.multiple == DAY:
            return (7, 365)
        cycles = (MINUTE, HOUR) if self.multiple < MINUTE else (DAY, WEEK)
        found = tuple(cycle // self.multiple for cycle in cycles if cycle % self.multiple == 0)
        return tuple(period for period in found if 1 < period <= MAX_PERIOD) or (1,)

    def advance(self, starts: Times, steps: NDArray[np.int64]) -> Times:
        """The timestamps that lie `steps` steps after `starts`; both arguments broadcast."""
        if self.unit == "integer":
            if int(np.abs(steps).max(initial=0)) * self.multiple > LARGEST_INTEGER:
                raise UsageError("--horizon reaches beyond the largest number of a step. Give a shorter one.")
            return np.asarray(starts + steps * self.multiple)
        if self.special is not None:
            return self.special.advance(starts, steps)
        if self.unit == "microsecond":
            return np.asarray(starts + (steps * self.multiple).astype("timedelta64[us]"))
        days = starts.astype("datetime64[D]")
        time_of_day = starts - days
        if self.unit == "business_day":
            return np.asarray(np.busday_offset(days, steps * self.multiple, roll="forward") + time_of_day)
        months = days.astype("datetime64[M]") + (steps * self.multiple).astype("timedelta64[M]")
        if self.on_business_day:
            return np.asarray(find_business_edge(months, is_end=self.month_end) + time_of_day)
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
        if self.special is not None:
            return self.special.count_steps(starts, timestamps)
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


def find_business_edge(months: Times, *, is_end: bool) -> Times:
    """The last, or the first, day from Monday to Friday of each of `months` (datetime64[M])."""
    begin = (months + 1 if is_end else months).astype("datetime64[D]")
    return np.asarray(np.busday_offset(begin, -1 if is_end else 0, roll="forward"))
