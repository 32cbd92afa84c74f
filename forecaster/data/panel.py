"""Many series of unequal length in flat arrays."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import Calendar
from forecaster.errors import DataError, UsageError

__all__ = ["Panel", "TimeStyle", "find_periods"]


@dataclass(frozen=True)
class TimeStyle:
    """How the file writes its timestamps, so that forecasts are written the same way.

    `format` is a strftime pattern, or None for whole numbers; %-d leaves leading zeros out, %3f is
    milliseconds, %:z an offset such as +01:00. `timezone` is None for wall-clock time.
    """

    format: str | None = "%Y-%m-%d"
    timezone: str | None = None

    @property
    def has_offset(self) -> bool:
        """Whether each timestamp tells its UTC offset in figures."""
        return self.format is not None and self.format.endswith(("%z", "%:z"))


@dataclass(frozen=True)
class Panel:
    """N series on one calendar.

    values   [step]      float64, NaN where nothing was observed; all series one after the other
    offsets  [series+1]  int64, series i is `values[offsets[i]:offsets[i + 1]]`, possibly empty
    starts   [series]    the timestamp of each series' first step (NaT where it is empty)
    ids      [series]    the values of the id columns, one tuple per series
    """

    values: NDArray[np.float64]
    offsets: NDArray[np.int64]
    starts: NDArray[Any]
    ids: list[tuple[str, ...]]
    calendar: Calendar
    id_columns: tuple[str, ...] = ("series",)
    time_column: str = "timestamp"
    time_style: TimeStyle = field(default_factory=TimeStyle)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of each series, [series]."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.ids)

    def label(self, series: int) -> str:
        """The name of one series, as a person would read it."""
        return ", ".join(self.ids[series]) or "the only series"

    def find(self, label: str) -> int:
        """The number of the series called `label`. Raises UsageError with the names that are most like it."""
        labels = [self.label(series) for series in range(len(self))]
        if label in labels:
            return labels.index(label)
        near = get_close_matches(label, labels, n=3, cutoff=0.0)
        raise UsageError(f"--series {label}: there is none such. The nearest are {', '.join(map(repr, near))}.")

    def first(self) -> int:
        """The number of the first series that has any value. Raises DataError where none has."""
        for series in range(len(self)):
            if not np.isnan(self.values[self.offsets[series] : self.offsets[series + 1]]).all():
                return series
        raise DataError("No series has a value: there is nothing to look at.")

    def timestamps_of(self, series: int, *, back: int, ahead: int) -> NDArray[Any]:
        """Timestamps of the last `back` steps of one series and of the `ahead` that follow: [back + ahead]."""
        steps = self.lengths[series] + np.arange(-back, ahead)
        return np.asarray(self.calendar.advance(self.starts[series : series + 1, None], steps[None])[0])


def find_periods(panel: Panel, *, season: int | None = None) -> tuple[int, ...]:
    """Seasonal periods in steps that some series shows at least twice, the main one first; (1,) for none.

    `season` overrides the main period that the calendar tells. Raises UsageError where no series shows that twice.
    """
    candidates = panel.calendar.periods if season is None else (season,)
    longest = int(panel.lengths.max(initial=0))
    if season is not None and season > 1 and longest < 2 * season:
        raise UsageError(
            f"--season {season}: it shows in two seasons, {2 * season} steps, and the longest series has {longest}. "
            "Give more history, or a shorter season; 1 for none."
        )
    return tuple(period for period in candidates if 2 * period <= longest and period > 1) or (1,)
