"""Many series of unequal length in flat arrays."""

import zlib
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import Calendar
from forecaster.errors import DataError, UsageError

__all__ = ["MIN_SECONDARY_CYCLES", "Panel", "TimeStyle", "find_periods", "find_season", "hash_names"]

MIN_SECONDARY_CYCLES = 1.2
"""How often a past has to show a period beside the main one, before it can be distinguished from a trend."""
MIN_CYCLES = 2
"""How often some series has to show a season that is not known from the calendar, or that scores divide by."""


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


def find_periods(panel: Panel, *, seasons: tuple[int, ...] = ()) -> tuple[int, ...]:
    """One or two seasonal periods in steps, the main one first; (1,) for none.

    The main one is what the calendar tells, however short the series: a month is one of twelve from the first on. One
    of `seasons` replaces it, and the calendar's longest stays beside it; two of them name both. A longer one is left
    out where no series is long enough to show it. Raises UsageError where no series shows one of `seasons` twice.
    """
    longest = int(panel.lengths.max(initial=0))
    for season in seasons:
        if season > 1 and longest < MIN_CYCLES * season:
            raise UsageError(
                f"--season {season}: it shows in two seasons, {MIN_CYCLES * season} steps, and the longest series has "
                f"{longest}. Give more history, or a shorter season; 1 for none."
            )
    main = seasons[0] if seasons else panel.calendar.periods[0]
    longer = [period for period in seasons[1:] or panel.calendar.periods if period > main > 1]
    return (main, *(period for period in longer[-1:] if longest >= MIN_SECONDARY_CYCLES * period))


def find_season(panel: Panel, *, periods: tuple[int, ...]) -> int:
    """The main one of `periods` where some series shows it twice, else 1: the season of scores and usual horizons."""
    return periods[0] if int(panel.lengths.max(initial=0)) >= MIN_CYCLES * periods[0] else 1


def hash_names(panel: Panel) -> NDArray[np.uint64]:
    """A number for each series that depends on its name alone, [series]: what samples are chosen by.

    So that they are the same in whatever order the series stand.
    """
    return np.array([zlib.crc32(panel.label(series).encode()) << 32 for series in range(len(panel))], np.uint64)
