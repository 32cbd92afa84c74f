"""Split a panel into training windows and held-out windows."""

from dataclasses import dataclass, replace

import numpy as np

from forecaster.cutoffs import WindowIndex, end_of_history, index_training_windows, roll_cutoffs
from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.bounding import leave_out_wait
from forecaster.encoding.daylight import find_usual
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.last_year import forecast_days
from forecaster.encoding.own_season import find_window_seasons
from forecaster.encoding.roots import take_roots
from forecaster.encoding.running_totals import take_increments
from forecaster.encoding.smooth_growth import forecast_smooth
from forecaster.encoding.steady_cycles import forecast_steady
from forecaster.encoding.wave_forecasts import forecast_waves
from forecaster.errors import DataError
from forecaster.learning.plan import TrainingPlan
from forecaster.settings import default_context_length, default_horizon
from forecaster.windows import Windows, iterate_windows

__all__ = ["LearningData", "divide"]

MIN_PAST = 3
"""Minimum number of steps before the cutoff of a training window."""
ENOUGH_HELD_OUT = 64
MIN_CUTOFFS, MAX_HELD_OUT_WINDOWS = 4, 16
"""Errors at the same cutoff are alike, so that several are needed however many series there are."""
RECENT_HORIZONS, RECENT_STEPS = 20, 200
SURVEYED_TOGETHER = 64


@dataclass(frozen=True)
class LearningData:
    """A panel with its training windows and held-out windows.

    training        the windows to sample from
    held_out        the windows to choose the weights by; empty where the number of training steps is fixed
    held_out_steps  steps at the end of each series whose values are hidden from training windows
    """

    panel: Panel
    encoding: Encoding
    horizon: int
    training: WindowIndex
    held_out: WindowIndex
    held_out_steps: int

    @property
    def horizons(self) -> float:
        """Length of the median series in horizons, without empty series."""
        lengths = self.panel.lengths
        return float(np.median(lengths[lengths > 0])) / self.horizon

    @property
    def held_out_windows(self) -> int:
        """How many windows of each series are held out, where it is long enough."""
        return self.held_out_steps // self.horizon

    def include_held_out(self) -> "LearningData":
        """The same panel with nothing held out."""
        training = _index_recent(self.panel, horizon=self.horizon, held_out=0)
        return replace(self, training=training, held_out=WindowIndex.none(), held_out_steps=0)


def divide(panel: Panel, *, plan: TrainingPlan) -> LearningData:
    """Hold out the last windows of each series; the windows before them are for training.

    Raises DataError when there is too little to learn from.
    """
    periods = find_periods(panel, seasons=plan.seasons)
    horizon = plan.horizon or default_horizon(find_season(panel, periods=periods))
    longest = int(panel.lengths.max(initial=0))
    context_length = min(plan.context_length or default_context_length(periods[0]), max(longest, 2))
    encoding = Encoding(context_length, periods, has_own_seasons=not plan.seasons, running_totals=panel.running_totals)
    windows = plan.settings.held_out_windows or _choose_held_out(panel, horizon=horizon)
    held_out = roll_cutoffs(panel, horizon=horizon, windows=windows, step=horizon, min_past=MIN_PAST)
    training = _index_recent(panel, horizon=horizon, held_out=windows * horizon)
    if not len(training) or not len(held_out):
        raise DataError(
            f"Too little to learn from: the longest series has {longest} steps, but {MIN_PAST + 1 + windows * horizon} "
            f"are needed: {MIN_PAST} to look back on, one to learn and {windows * horizon} held out. "
            "Give more history, or a shorter --horizon."
        )
    return LearningData(panel, _keep_used(encoding, panel), horizon, training, held_out, windows * horizon)


def _keep_used(encoding: Encoding, panel: Panel) -> Encoding:
    """`encoding` without what no series of `panel` has at its end, of what may be left out.

    So that a model that never needs them can be read by a program that does not know them.
    """
    used, is_total = np.zeros(7, bool), False
    length = encoding.reach_into(int(panel.lengths.max(initial=0)))
    ends = end_of_history(panel)
    for _, given in iterate_windows(panel, index=ends, past_length=length, batch_size=SURVEYED_TOGETHER):
        windows, totals = take_increments(given, encoding=encoding)
        is_total |= bool(totals.is_total.any())
        seasons = find_window_seasons(leave_out_wait(windows, period=encoding.periods[0]), encoding=encoding)
        for season in np.unique(seasons):
            own = encoding.repeat_after(int(season)) if season else encoding
            some = windows.take(np.flatnonzero(seasons == season), reach=own.reach_into(0))
            used |= (*_find_used(some, periods=own.periods, is_own=own.is_own_season), bool(season))
    roots, climatology, days, smooth, steady, waves, own_seasons = used.tolist()
    return replace(
        encoding,
        has_roots=roots,
        has_climatology=climatology,
        has_days=days,
        has_own_seasons=own_seasons,
        has_smooth_growth=smooth,
        has_steady_cycles=steady,
        has_waves=waves,
        running_totals=encoding.running_totals if is_total else False,
    )


def _find_used(
    windows: Windows, *, periods: tuple[int, ...], is_own: bool
) -> tuple[bool, bool, bool, bool, bool, bool]:
    """Whether any of `windows` has roots, a climatology, second forecasts of days, smooth growth, steady cycles, waves.

    `is_own` says that `periods` are none of the calendar.
    """
    rooted, roots = take_roots(windows, periods=periods)
    past, lengths, others = rooted.past, rooted.lengths, np.full(len(rooted.past), np.inf)
    return (
        bool((roots.degree > 1).any()),
        bool(find_usual(past, periods=periods, horizon=1, levels=(0.5,)).weight.any()),
        bool(forecast_days(past, lengths, periods=periods, horizon=1).weight.any()),
        bool(forecast_smooth(past, lengths, periods=periods, horizon=1).weight.any()),
        bool(forecast_steady(past, lengths, periods=periods, horizon=1, others=others).weight.any()),
        windows.covariates is None
        and bool(forecast_waves(past, lengths, periods=periods, horizon=1, others=others, is_own=is_own).weight.any()),
    )


def _index_recent(panel: Panel, *, horizon: int, held_out: int) -> WindowIndex:
    recent = max(RECENT_HORIZONS * horizon, RECENT_STEPS)
    return index_training_windows(panel, held_out=held_out, min_past=MIN_PAST, recent=recent)


def _choose_held_out(panel: Panel, *, horizon: int) -> int:
    """Number of windows to hold out of each series: several where the median series is long enough, more of few series.

    They are at most a quarter of the history.
    """
    by_count = max(-(-ENOUGH_HELD_OUT // max(int((panel.lengths > horizon).sum()), 1)), MIN_CUTOFFS)
    by_length = int(np.median(panel.lengths[panel.lengths > 0])) // (4 * horizon) if panel.lengths.any() else 1
    return max(1, min(by_count, by_length, MAX_HELD_OUT_WINDOWS))
