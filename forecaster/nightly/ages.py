"""How old the newest values of the series are, whatever their rows of the future say."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel

__all__ = ["Ages", "measure_ages"]


@dataclass(frozen=True)
class Ages:
    """How old the newest value of each series is that is not of the future, by the `number` of the series.

    number, back, seconds [series]: `back` steps from the end of the series, 1 for the last one. Where all values of a
    series are of the future, `seconds` are below 0, and it is the last one. `last` [series] are those of the last
    value of all, of the future or not. `clock` is the zone in which times without an offset count; None where each
    has an offset.
    """

    number: NDArray[np.int64]
    back: NDArray[np.int64]
    seconds: NDArray[np.float64]
    last: NDArray[np.float64]
    clock: str | None = None

    @property
    def newest(self) -> float:
        """The age of the newest value of all that is not of the future, in seconds; below 0 where all of them are."""
        past = self.seconds[self.seconds >= 0]
        return float(past.min() if len(past) else self.seconds.min())

    @property
    def reaches_ahead(self) -> bool:
        """Whether any value is of the future."""
        return bool((self.last < 0).any())


def measure_ages(panel: Panel, *, now: datetime, zone: str | None = None) -> Ages | None:
    """The ages of the series at the time `now`; None where steps are numbers, or no series has a value.

    A step counts from its timestamp: the day that was written as 2024-05-01 is one day old when that day ends. Times
    without an offset are in `zone`, or in UTC.
    """
    style = panel.time_style
    clock = None if style.has_offset or style.timezone is not None else zone or "UTC"
    index = end_of_history(panel)
    if panel.starts.dtype.kind != "M" or not len(index):
        return None
    last = _measure(panel, index.series, index.cutoffs - 1, now=now, clock=clock)
    steps, seconds = index.cutoffs - 1, last.copy()
    if (last < 0).any():
        known = np.flatnonzero(~np.isnan(panel.values))
        owner = np.searchsorted(index.series, np.searchsorted(panel.offsets, known, side="right") - 1)
        known, owner = known[last[owner] < 0], owner[last[owner] < 0]
        places = known - panel.offsets[index.series[owner]]
        age = _measure(panel, index.series[owner], places, now=now, clock=clock)
        has_come = age >= 0
        # the values of a series are in their order, and the last one that is assigned stays
        steps[owner[has_come]], seconds[owner[has_come]] = places[has_come], age[has_come]
    return Ages(index.series, index.cutoffs - steps, seconds, last, clock)


def _measure(
    panel: Panel, series: NDArray[np.int64], steps: NDArray[np.int64], *, now: datetime, clock: str | None
) -> NDArray[np.float64]:
    """How many seconds ago these `steps` of these `series` were; `clock` is the zone of times without an offset."""
    times = pd.DatetimeIndex(panel.calendar.advance(panel.starts[series], steps))
    zone = clock or (panel.time_style.timezone if panel.calendar.uses_wall_clock else None)
    if zone is not None:
        times = times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward")
        times = times.tz_convert("UTC").tz_localize(None)
    ages = (pd.Timestamp(now.astimezone(UTC).replace(tzinfo=None)) - times).total_seconds()
    return ages.to_numpy(np.float64)
