"""Settings of the encoding: how many steps back it reads, and which seasonal periods it uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import MIN_SECONDARY_CYCLES, is_too_long
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.encoding.regression import count_cycles
from forecaster.encoding.seasonality import (
    ALL_CYCLES,
    SECONDARY_CYCLES,
    count_shrunken_cycles,
    count_week,
    find_secondary_lag,
)
from forecaster.encoding.shared_year import SharedYear

__all__ = ["LONGEST_PAST", "Encoding"]

LONGEST_PAST = 8192

STEPS_WITHOUT_SEASON = 364
"""Steps of past from which effects of covariates are learned where there is no season."""


@dataclass(frozen=True)
class Encoding:
    """How windows are encoded: steps of context, and one or two periods, (1,) for no season.

    The main period comes first. The secondary one, and a very long main one, are left out where a window's own past is
    too short, see `split`.
    `channels` and `candidates` are those that the network has learned with: older models have fewer. `pooled` are the
    effects of covariates that a training found in all series together, `shared_year` is what all of them do at the same
    time of each year: whoever cuts windows takes it off, see `remove_year`. `zero_at` are values of covariates by name
    at which they are zero, see `survey_zeros`.
    `has_roots`, `has_climatology` and `has_days` say whether roots are taken of very skewed pasts, and forecasts
    averaged with what was usual before, or with second ones of days; `has_own_seasons` whether pasts that repeat after
    other steps than the `periods` are encoded with these, `has_smooth_growth` whether forecasts of smooth pasts are
    averaged with what their changes tell, `has_steady_cycles` those of cycles that hardly change with the last
    one, `has_waves` those of sums of waves with these: models that were trained without are used without.
    `running_totals` says of which pasts the increments are encoded: None for those that are found to be totals, True
    for all that never fall, False for none. `is_own_season` says that the `periods` are none of the calendar, but those
    after which a past repeats.
    """

    context_length: int
    periods: tuple[int, ...]
    channels: tuple[str, ...] = CHANNELS
    candidates: tuple[str, ...] = CANDIDATES
    pooled: PooledEffects | None = None
    shared_year: SharedYear | None = None
    zero_at: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    has_roots: bool = True
    has_climatology: bool = True
    has_days: bool = True
    has_own_seasons: bool = True
    has_smooth_growth: bool = True
    has_steady_cycles: bool = True
    has_waves: bool = True
    running_totals: bool | None = None
    is_own_season: bool = False

    @property
    def has_regression(self) -> bool:
        """Whether the network receives the regression of each past on its own cycles."""
        return "regression" in self.candidates

    def split(self, lengths: NDArray[np.int64]) -> list[tuple["Encoding", NDArray[np.int64]]]:
        """The encodings of windows with `lengths` [window] steps of past, each with the row numbers that it is for."""
        main, none = replace(self, periods=self.periods[:1]), replace(self, periods=(1,))
        shows_main = ~is_too_long(self.periods[0], lengths)
        shows_all = lengths >= MIN_SECONDARY_CYCLES * self.periods[-1] if len(self.periods) > 1 else lengths < 0
        groups = [
            (self, np.flatnonzero(shows_main & shows_all)),
            (main, np.flatnonzero(shows_main & ~shows_all)),
            (none, np.flatnonzero(~shows_main)),
        ]
        return [(encoding, rows) for encoding, rows in groups if len(rows)]

    def repeat_after(self, season: int) -> "Encoding":
        """The same with another main season, that of a past, such as days of 17 hours; weeks become seven of these."""
        week = count_week(self.periods)
        return replace(self, periods=(season, week * season) if week > 1 else (season,), is_own_season=True)

    @property
    def past_length(self) -> int:
        """Maximum number of steps of past that the encoding reads."""
        if not self.has_regression:
            return self.recent_length
        steps = count_cycles(self.periods[0]) * self.periods[0] if self.periods[0] > 1 else STEPS_WITHOUT_SEASON
        return max(self.recent_length, steps)

    @property
    def recent_length(self) -> int:
        """Maximum number of steps of past that all but the regression read."""
        reach = [self._min_past]
        main_cycles = max(ALL_CYCLES, count_shrunken_cycles(self.periods[0]))
        for period, cycles in zip(self.periods, (main_cycles, SECONDARY_CYCLES), strict=False):
            reach += [min(cycles, max(LONGEST_PAST // period, 1)) * period if period > 1 else 0]
        return max(reach)

    def reach_into(self, longest: int) -> int:
        """Steps of past to cut from series of at most `longest` steps."""
        return min(self.past_length, max(self._min_past, longest))

    @property
    def _min_past(self) -> int:
        """Minimum number of steps, observed or not, that `encode` needs."""
        reach = [self.context_length + 1]
        for period in self.periods:
            lag = max(period, find_secondary_lag((self.periods[0], period)))
            reach += [-(-self.context_length // lag) * lag + lag]
        return max(reach)
