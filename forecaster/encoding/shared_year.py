"""What all series of a file do at the same time of each year, such as the weeks before Christmas.

One or two years of a single series hardly show what repeats and what was chance. All series together do, as their own
noise cancels out: group seasonal indices (Withycombe 1989, "Forecasting with combined seasonal indices", International
Journal of Forecasting 5), of days or weeks instead of months.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, find_median
from forecaster.cutoffs import WindowIndex
from forecaster.data.calendar import Calendar
from forecaster.data.open_week import DAY, WEEK
from forecaster.data.panel import Panel
from forecaster.model.shared_year_card import SharedYearCard
from forecaster.windows import Windows

__all__ = ["WEEKS", "SharedYear", "count_steps_of_week", "remove_year"]

WEEKS = 52
"""Weeks between a step and the same one a year earlier: the same day of the week."""
MEAN_TO_MEDIAN = 1.18
"""The mean of the size of normally distributed changes, in medians of it."""
RECENT_WEEKS, FEWEST_RECENT, MOST_OF_RECENT = 3, 8, 3.0
"""A series changes from week to week as over a year, but at most so many times as much as in the newest weeks."""


@dataclass(frozen=True, eq=False)
class SharedYear:
    """What is expected of all series at each step of the `calendar`, from `begin` on.

    values  [step]  in mean changes of a series from week to week; 0 where nothing is known
    week            steps of a week
    """

    calendar: Calendar
    begin: np.datetime64
    values: Array
    week: int

    @classmethod
    def from_card(cls, card: SharedYearCard, *, calendar: Calendar) -> "SharedYear":
        """That of a model card; raises ValueError where its steps are not those of the calendar."""
        if count_steps_of_week(calendar) != card.week:
            raise ValueError("'shared_year.week' is not that of the calendar")
        return cls(
            calendar,
            np.datetime64(datetime.fromisoformat(card.begin), "us"),
            card.share * np.array(card.values),
            card.week,
        )

    def find_places(self, panel: Panel, index: WindowIndex) -> NDArray[np.int64]:
        """The first step after each cutoff, counted from `begin`: [window]."""
        starts = panel.starts[index.series]
        return np.asarray(self.calendar.count_steps(np.full(starts.shape, self.begin), starts) + index.cutoffs)

    def ends_before(self, panel: Panel, index: WindowIndex, *, horizon: int) -> NDArray[np.bool_]:
        """Whether any of the `horizon` steps after each cutoff is later than all that is known: [window]."""
        return np.asarray(self.find_places(panel, index) + horizon > len(self.values))

    def expect(self, past: Array, *, places: NDArray[np.int64], horizon: int) -> Array:
        """What is expected on the steps of `past` [window, time] and the `horizon` after it, in data units."""
        steps = places[:, None] + np.arange(-past.shape[1], horizon)
        is_known = (steps >= 0) & (steps < len(self.values))
        found = np.where(is_known, self.values[np.where(is_known, steps, 0)], 0.0)
        changes = np.abs(past[:, self.week :] - past[:, : -self.week])
        # medians, as a single wrong value would make all of it too large
        year, recent = (
            MEAN_TO_MEDIAN * np.nan_to_num(find_median(changes[:, -steps:]))
            for steps in (WEEKS * self.week, max(RECENT_WEEKS * self.week, FEWEST_RECENT))
        )
        # what has died does not come back for Christmas
        return np.asarray(found * np.minimum(year, MOST_OF_RECENT * recent)[:, None])


def count_steps_of_week(calendar: Calendar) -> int | None:
    """The steps of a week, for calendars of weeks, days or open days; None for all others."""
    if calendar.unit == "business_day":
        return 5 if calendar.multiple == 1 else None
    if calendar.unit != "microsecond" or calendar.fiscal_year is not None or calendar.multiple not in (DAY, WEEK):
        return None
    if calendar.open_week is not None:
        return len(calendar.open_week.steps)
    return WEEK // calendar.multiple


def remove_year(
    windows: Windows, year: SharedYear | None, *, panel: Panel, index: WindowIndex, horizon: int
) -> tuple[Windows, Array]:
    """The windows of `index` without what is expected of all series, and that on the horizon: [window, horizon]."""
    if year is None:
        return windows, np.zeros((len(index), horizon))
    expected = year.expect(windows.past, places=year.find_places(panel, index), horizon=horizon)
    time = windows.past.shape[1]
    return replace(windows, past=windows.past - expected[:, :time]), expected[:, time:]
