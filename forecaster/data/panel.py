"""The Panel: many series of unequal length in flat arrays, and the seasonal periods that they are long enough for."""

import zlib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import find_offsets
from forecaster.data.attributes import Attributes
from forecaster.data.calendar import Calendar
from forecaster.data.covariates import Covariates
from forecaster.data.number_style import NumberStyle
from forecaster.errors import DataError, UsageError

__all__ = [
    "MIN_SECONDARY_CYCLES",
    "Panel",
    "TimeStyle",
    "choose_season",
    "find_periods",
    "find_season",
    "hash_names",
    "is_too_long",
    "join_ids",
]

MIN_SECONDARY_CYCLES = 1.2
"""Cycles of a secondary period that a past must span, before the period can be distinguished from a trend."""
MIN_CYCLES = 2
"""Cycles that some series must span of a season that does not come from the calendar, or that scales scores."""
LONGEST_UNSEEN = 1440
"""Longest season of a calendar, a day of minutes, that helps or does no harm where the past does not hold it twice.

With one of 6,000 or more the network takes small changes of a short past for large ones over the season.
"""


DECIMAL_YEAR = "decimal-year"
"""The format of months in fractions of years, such as 1949.0833."""


@dataclass(frozen=True)
class TimeStyle:
    """How the file writes its timestamps, so that forecasts are written the same way.

    `format` is a strftime pattern, or None for whole numbers; %-d leaves leading zeros out, %3f is
    milliseconds, %:z an offset such as +01:00. `epoch-s` (also `-ms`, `-us`, `-ns`), `excel` and `decimal-year` are
    numbers, with the fewest and the most `decimals`. `timezone` is None for wall-clock time. `month_names` are the
    names that %b stands for, where those are not the English ones, and `half_days` the two words that %p stands for,
    unless these are AM and PM; `weekday_names` are those that %a stands for, from Monday on.
    """

    format: str | None = "%Y-%m-%d"
    timezone: str | None = None
    month_names: tuple[str, ...] = ()
    decimals: tuple[int, int] = (0, 0)
    half_days: tuple[str, ...] = ()
    weekday_names: tuple[str, ...] = ()

    @property
    def has_offset(self) -> bool:
        """Whether each timestamp is written with its UTC offset."""
        return self.is_epoch or (self.format is not None and self.format.endswith(("%z", "%Z", "%:z", "%:::z")))

    @property
    def is_epoch(self) -> bool:
        """Whether times are numbers of seconds, or of parts of them, since 1970 in UTC."""
        return self.format is not None and self.format.startswith("epoch-")

    @property
    def is_number(self) -> bool:
        """Whether times are numbers that stand for moments."""
        return self.is_epoch or self.format in ("excel", DECIMAL_YEAR)


@dataclass(frozen=True)
class Panel:
    """N series on one calendar.

    values   [step]      float64, NaN where nothing was observed; all series one after the other
    offsets  [series+1]  int64, series i is `values[offsets[i]:offsets[i + 1]]`, possibly empty
    starts   [series]    the timestamp of each series' first step (NaT where it is empty)
    ids      [series]    the values of the id columns, one tuple per series

    `writes_closed` is whether forecasts are written for the closed phases of the calendar too, as zeros;
    `running_totals` whether series that never fall are totals, such as meter readings, None where it was not said.
    """

    values: NDArray[np.float64]
    offsets: NDArray[np.int64]
    starts: NDArray[Any]
    ids: list[tuple[str, ...]]
    calendar: Calendar
    id_columns: tuple[str, ...] = ("series",)
    time_column: str = "timestamp"
    time_style: TimeStyle = field(default_factory=TimeStyle)
    writes_closed: bool = False
    running_totals: bool | None = None
    number_style: NumberStyle = field(default_factory=NumberStyle)
    covariates: Covariates | None = None
    attributes: Attributes | None = None

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Steps of each series, [series]."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.ids)

    def label(self, series: int) -> str:
        """The name of one series, as a person would read it."""
        return join_ids(self.ids[series]) or "the only series"

    def take(self, series: NDArray[np.int64]) -> "Panel":
        """The panel with these series only, in their order."""
        lengths = self.lengths[series]
        offsets = find_offsets(lengths)
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[series] - offsets[:-1], lengths)
        ids = [self.ids[number] for number in series.tolist()]
        return replace(
            self,
            values=self.values[places],
            offsets=offsets,
            starts=self.starts[series],
            ids=ids,
            covariates=None if self.covariates is None else self.covariates.take_series(series),
            attributes=None if self.attributes is None else self.attributes.take(series),
        )

    def find(self, label: str) -> int:
        """The index of the series called `label`. Raises UsageError with the most similar names."""
        labels = [self.label(series) for series in range(len(self))]
        if label in labels:
            return labels.index(label)
        near = get_close_matches(label, labels, n=3, cutoff=0.0)
        raise UsageError(f"--series {label}: no such series. The nearest are {', '.join(map(repr, near))}.")

    def find_observed(self, label: str) -> int:
        """The index of the series called `label`. Raises UsageError as `find`, DataError where it has no value."""
        series = self.find(label)
        if np.isnan(self.values[self.offsets[series] : self.offsets[series + 1]]).all():
            raise DataError(f"Series {label} has no value: there is nothing to look at. Name another one.")
        return series

    def first(self) -> int:
        """The index of the first series that has any value. Raises DataError where none has."""
        for series in range(len(self)):
            if not np.isnan(self.values[self.offsets[series] : self.offsets[series + 1]]).all():
                return series
        raise DataError("No series has a value: there is nothing to look at.")

    def timestamps_of(self, series: int, *, back: int, ahead: int) -> NDArray[Any]:
        """Timestamps of the last `back` steps of one series and of the `ahead` that follow: [back + ahead]."""
        steps = self.lengths[series] + np.arange(-back, ahead)
        return np.asarray(self.calendar.advance(self.starts[series : series + 1, None], steps[None])[0])


def join_ids(ids: tuple[str, ...]) -> str:
    """The name of the series with these ids; no other ids of as many columns have the same one.

    Of several ids, those that hold a comma or a quotation mark are written as in CSV.
    """
    if len(ids) < 2:
        return "".join(ids)
    quoted = ('"' + one.replace('"', '""') + '"' if "," in one or '"' in one else one for one in ids)
    return ", ".join(quoted)


def find_periods(panel: Panel, *, seasons: tuple[int, ...] = ()) -> tuple[int, ...]:
    """One or two seasonal periods in steps, the main one first; (1,) for none.

    The main one is that of the calendar, however short the series: 12 for months, from the first month on. Only one
    longer than LONGEST_UNSEEN is left out where no series spans it twice, such as a minute of milliseconds. A single
    value in `seasons` replaces it, and the calendar's longest stays as the secondary one; two values set both. The
    secondary one is left out where all series are too short for it. Raises UsageError where no series spans two
    cycles of each of `seasons`.
    """
    longest = int(panel.lengths.max(initial=0))
    for season in seasons:
        if season > 1 and longest < MIN_CYCLES * season:
            raise UsageError(
                f"--season {season}: two seasons are needed, {MIN_CYCLES * season} steps, and the longest series has "
                f"{longest}. Give more history, or a shorter season; 1 for none."
            )
    main = seasons[0] if seasons else panel.calendar.periods[0]
    main = 1 if is_too_long(main, np.int64(longest)) else main
    secondary = [period for period in seasons[1:] or panel.calendar.periods if period > main > 1]
    return (main, *(period for period in secondary[-1:] if longest >= MIN_SECONDARY_CYCLES * period))


def is_too_long(period: int, steps: NDArray[np.int64] | np.int64) -> NDArray[np.bool_]:
    """Whether pasts of so many `steps` do not hold a `period` twice that is too long to be assumed unseen."""
    return np.asarray((steps < MIN_CYCLES * period) & (period > LONGEST_UNSEEN))


def find_season(panel: Panel, *, periods: tuple[int, ...]) -> int:
    """The main one of `periods` where some series spans it twice, else 1: the season of scores and default horizons."""
    return choose_season(int(panel.lengths.max(initial=0)), periods=periods)


def choose_season(longest: int, *, periods: tuple[int, ...]) -> int:
    """The same where the longest series has `longest` steps."""
    return periods[0] if longest >= MIN_CYCLES * periods[0] else 1


def hash_names(panel: Panel) -> NDArray[np.uint64]:
    """A hash of each series' name, [series]: samples chosen by it do not depend on the order of the series."""
    return np.array([zlib.crc32(panel.label(series).encode()) << 32 for series in range(len(panel))], np.uint64)
