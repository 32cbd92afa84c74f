"""Hours, or half-hours, that are counted through each day, as markets of energy do, more and fewer as clocks change."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.times.clocks import CLOCKS, find_changes
from forecaster.data.times.dates import parse_times
from forecaster.errors import DataError, UsageError

__all__ = ["CountedHours", "count_hours"]

WHOLE_DAY, LONG_DAY, SHORT_DAY = 24, 25, 23
LONDON = ("Europe/London",)
"""The only clock by which half-hours are counted."""


@dataclass(frozen=True)
class CountedHours:
    """The hours of the clock, `shown` [row], of hours that were counted in `zone`, and the first `day` that shows it.

    `is_second` where the hour after the 24 others of a day is the second of those that the clock showed twice. With
    `in_halves` they are half-hours.
    """

    shown: NDArray[np.float64]
    zone: str
    day: str
    is_second: bool
    in_halves: bool = False

    def describe(self) -> str:
        """One line on what was done."""
        if self.is_second:
            how = "the 25th hour is the second of those that the clock showed twice"
        elif self.in_halves:
            how = "half-hours are counted through, 50 where the clocks are set back and 46 where they are set forward"
        else:
            how = "hours are counted through, 25 where the clocks are set back and 23 where they are set forward"
        return f"{self.day} is a day on which clocks change, as in {self.zone}: {how}"

    def write(self, hours: "pd.Series[str]") -> "pd.Series[str]":
        """The hours of the clock as texts; what is no number stays as it is in `hours`."""
        shown = pd.Series(self.shown, hours.index)
        return hours.mask(shown.notna(), shown.map("{:g}".format))


def count_hours(
    days: "pd.Series[str]", hours: "pd.Series[float]", *, first: int, in_halves: bool = False
) -> CountedHours | None:
    """The hours of the clock of rows on `days`, whose `hours` count from `first` on; None where no day differs from it.

    Such days have a 25th hour, or 23 without the last, and the clocks of a zone change on them. With `in_halves` they
    are half-hours, and twice as many.
    """
    each = 2 if in_halves else 1
    whole_day, long_day, short_day = each * WHOLE_DAY, each * LONG_DAY, each * SHORT_DAY
    codes, names = pd.factorize(days)
    given = hours.to_numpy().astype(np.float64)
    numbers = given - first
    is_hour = (codes >= 0) & (numbers >= 0) & (numbers < long_day) & (numbers % 1 == 0)
    has_row = np.zeros((len(names), long_day), bool)
    has_row[codes[is_hour], numbers[is_hour].astype(np.int64)] = True
    is_long = has_row[:, whole_day:].any(axis=1)
    is_short = has_row[:, :short_day].all(axis=1) & ~has_row[:, short_day:].any(axis=1)
    if not (is_long | is_short).any():
        return None
    try:
        times = parse_times(pd.Series(names, dtype=str), name="")
    except (DataError, UsageError):
        return None
    if times.unreadable.any() or times.wall.dtype.kind != "M":
        return None
    dates = times.wall.astype("datetime64[D]")
    # a day that lacks its last hour is none where the data begin or end, or have gaps, beside it
    whole = dates[has_row[:, :whole_day].all(axis=1)]
    is_certain = is_short & np.isin(dates - 1, whole) & np.isin(dates + 1, whole)
    changes = {zone: find_changes(dates, zone=zone) for zone in (LONDON if in_halves else CLOCKS)}
    fitting = {
        zone: int((is_long & (back >= 0)).sum() + (is_certain & (forward >= 0)).sum())
        for zone, (back, forward) in changes.items()
    }
    zone = max(fitting, key=lambda one: fitting[one])
    back, forward = changes[zone]
    # hour 24 of others that are numbered from 0 is the midnight at their end
    if not fitting[zone] or (first == 0 and (is_long & (back < 0)).any()):
        return None
    is_long &= back >= 0
    is_forward = np.flatnonzero(forward >= 0)
    lacks_skipped = (~has_row[is_forward, each * forward[is_forward]] & has_row[is_forward, whole_day - 1]).any()
    long, has_short = np.flatnonzero(is_long), bool((is_certain & (forward >= 0)).any())
    is_second = not has_short and bool(lacks_skipped or _stands_second(codes, numbers, back, places=long))
    if is_second and in_halves:
        return None
    # where one day is known to be counted so, another is as well, though the data may end with it
    short = np.flatnonzero(is_short & (forward >= 0) & (not is_second))
    day = str(names[min((*long, *short), key=lambda place: dates[place])])
    shown = given.copy()
    for place in long:
        of_day = codes == place
        if is_second:
            shown[of_day & (numbers == WHOLE_DAY)] = back[place] + first
        else:
            shown[of_day & (numbers >= each * (back[place] + 1))] -= each
    for place in short:
        shown[(codes == place) & (numbers >= each * forward[place])] += each
    return CountedHours(shown, zone, day, is_second, in_halves)


def _stands_second(
    codes: NDArray[np.int64], numbers: NDArray[np.float64], back: NDArray[np.int64], *, places: NDArray[np.int64]
) -> bool:
    """Whether the 25th hour stands between the hour that is shown twice and the next one, on each of the days."""
    for place in places:
        of_day = numbers[codes == place]
        order = of_day[np.append(True, np.diff(of_day) != 0)]
        before, after = np.append(np.nan, order[:-1]), np.append(order[1:], np.nan)
        beside = np.sort([before, after], axis=0)[:, order == WHOLE_DAY]
        if not (beside == [[back[place]], [back[place] + 1]]).all():
            return False
    return len(places) > 0
