"""Calibrate the intervals of a model that was not trained on the data, by earlier cutoffs of the same series."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex, roll_cutoffs
from forecaster.data.panel import Panel, choose_season, find_season, hash_names
from forecaster.encoding.running_totals import find_last_totals
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import calibrate, find_cycle
from forecaster.forecasting.calibration_by_kind import fit_by_kind
from forecaster.forecasting.correlation import MAX_CUTOFFS, choose_measured, measure_correlation
from forecaster.forecasting.earlier_pasts import EarlierPasts
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.mean import average_with_past, fit_mean_factor, integrate_quantiles, limit_to_past
from forecaster.windows import History, count_changes, cut_truth, describe_history

__all__ = [
    "calibrate_by_past",
    "choose_guides",
    "correct_mean_by_past",
    "count_cutoffs",
    "keep_for_calibration",
    "sample_windows",
]

EARLIER_WINDOWS = 4
MAX_WINDOWS = 500
MIN_SEASONS = 2
MIN_CHANGES = 4
"""Fewest changes in the past of a window that counts: what hardly ever moved says nothing of how far it will."""
REPEATED = 7_200_000_000
"""Microseconds that a local clock is set back by at the most, with a margin."""
MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples are spread evenly (Knuth, The Art of Computer Programming, section 6.4)."""


def calibrate_by_past(
    given: Panel | EarlierPasts, forecaster: Forecaster, *, ends: NDArray[np.int64] | None = None
) -> Forecaster:
    """`forecaster` with a calibration from its forecasts at earlier cutoffs, where the history is long enough.

    What `keep_for_calibration` kept of series gives the same as these. Steps from `ends` [series] on are not used
    (default: the whole history is). The forecasts are of the default horizon, not of the one requested later, so that
    the interval of a step does not depend on that. Each cutoff has at least two seasons before it, as errors after
    shorter pasts are not representative; nor are those after a past that changed fewer than four times, as of a series
    that has just begun after zeros. At most 500 windows are used.
    """
    panel = _find_panel(given, ends=ends)
    index = _find_earlier(panel, forecaster, ends=ends)
    if not len(index):
        return forecaster
    earlier = _Earlier.of(given, forecaster, index=index).keep_alike(panel, forecaster, ends=ends)
    if not len(earlier.y_true):
        return forecaster
    horizon, season = forecaster.horizon, find_season(panel, periods=forecaster.encoding.periods)
    correlation = measure_correlation(panel, horizon=horizon, season=season, ends=ends)
    found = fit_by_kind(earlier.forecast, earlier.y_true, cutoff_index=earlier.cutoff_index, correlation=correlation)
    cycle = find_cycle(panel.calendar, horizon=horizon, period=forecaster.encoding.periods[0])
    calibrated = replace(
        forecaster,
        calibration=replace(found.others, cycle=cycle),
        calibration_of_totals=None if found.totals is None else replace(found.totals, cycle=cycle),
    )
    quantiles = calibrate(earlier.forecast.quantiles, calibration=found.others)
    return replace(calibrated, mean_factor=earlier.fit_mean(quantiles, forecaster.levels))


def correct_mean_by_past(
    given: Panel | EarlierPasts, forecaster: Forecaster, *, ends: NDArray[np.int64] | None = None
) -> Forecaster:
    """`forecaster`, of a trained model, with its mean corrected as by `calibrate_by_past`; all else is as it was.

    A trained model has learned from these windows, so that it is corrected a little too weakly.
    """
    index = _find_earlier(_find_panel(given, ends=ends), forecaster, ends=ends)
    if not len(index):
        return forecaster
    earlier = _Earlier.of(given, forecaster, index=index)
    return replace(forecaster, mean_factor=earlier.fit_mean(earlier.forecast.quantiles, forecaster.levels))


def count_cutoffs(forecaster: Forecaster, *, longest: int) -> int:
    """The number of earlier cutoffs in data whose longest series has so many steps."""
    horizon, min_past = forecaster.horizon, _count_min_past(forecaster, longest=longest)
    return sum(longest - horizon * number >= min_past for number in range(1, EARLIER_WINDOWS + 1))


def choose_guides(panel: Panel, forecaster: Forecaster, *, longest: int) -> NDArray[np.int64]:
    """The series of a part of the data that `calibrate_by_past` may look at, of the whole: their numbers.

    `longest` is the number of steps of the longest series of the whole. The guides of all parts together give the
    calibration of the whole, as the longest series of each part is among them.
    """
    horizon, min_past = forecaster.horizon, _count_min_past(forecaster, longest=longest)
    index = roll_cutoffs(panel, horizon=horizon, windows=EARLIER_WINDOWS, step=horizon, min_past=min_past)
    # 0 for the oldest cutoff of the whole
    numbers = count_cutoffs(forecaster, longest=longest) - (panel.lengths[index.series] - index.cutoffs) // horizon
    sampled = index.series[np.argsort(_hash_windows(panel, index, numbers), kind="stable")[:MAX_WINDOWS]]
    return np.unique(np.concatenate([sampled, choose_measured(panel), [np.argmax(panel.lengths)]]))


def keep_for_calibration(panel: Panel, forecaster: Forecaster, *, longest: int) -> EarlierPasts:
    """What `calibrate_by_past` looks at of the series of `panel`, some of a whole whose longest has `longest` steps."""
    horizon, min_past = forecaster.horizon, _count_min_past(forecaster, longest=longest)
    encoding = forecaster.encoding
    seasons = max(MIN_SEASONS * encoding.periods[0], min_past)
    steps = max(
        max(encoding.past_length, seasons) + EARLIER_WINDOWS * horizon,
        # as much as the correlation is measured on
        seasons + MAX_CUTOFFS * horizon,
    )
    if panel.time_style.timezone is not None and not panel.calendar.uses_wall_clock:
        # the local clock may repeat as many
        steps += -(-REPEATED // panel.calendar.multiple)
    return EarlierPasts.of(panel, horizon=horizon, cutoffs=EARLIER_WINDOWS, steps=steps)


@dataclass(frozen=True)
class _Earlier:
    """Forecasts at earlier cutoffs, before any bound, and what came.

    y_true [window, horizon], cutoff_index [window]
    """

    forecast: Forecast
    y_true: NDArray[np.float64]
    cutoff_index: NDArray[np.int64]
    history: History

    @classmethod
    def of(cls, given: Panel | EarlierPasts, forecaster: Forecaster, *, index: WindowIndex) -> "_Earlier":
        """Forecast from at most 500 windows of `index`, of those that have changed often enough."""
        panel = given if isinstance(given, Panel) else given.panel
        sampled = sample_windows(panel, index, most=MAX_WINDOWS)
        history, changes = _describe(given, index[sampled])
        has_changed = changes >= MIN_CHANGES
        sampled, history = sampled[has_changed], history[has_changed]
        cutoff_index, index = index.cutoff_index[sampled], index[sampled]
        horizon, bounds = forecaster.horizon, Bounds(allow_negative=True)
        forecast = forecaster.forecast(panel, index=index, horizon=horizon, bounds=bounds, history=history)
        y_true = cut_truth(panel, index=index, horizon=horizon)
        return cls(forecast, y_true, cutoff_index, history)

    def keep_alike(self, panel: Panel, forecaster: Forecaster, *, ends: NDArray[np.int64] | None) -> "_Earlier":
        """Without windows that were no running totals yet, of series that are; others are of the kind of their series.

        Errors of totals are of another kind.
        """
        assert self.forecast.is_total is not None
        if not len(self.y_true) or forecaster.encoding.running_totals is False:
            return self
        series = np.unique(self.forecast.index.series)
        last = WindowIndex(series, (panel.lengths if ends is None else ends)[series])
        is_total = find_last_totals(panel, encoding=forecaster.encoding, index=last)
        kind = is_total[self.forecast.index.series]
        is_alike = self.forecast.is_total | ~kind
        return replace(self, forecast=replace(self.forecast, is_total=kind))._take(is_alike)

    def _take(self, chosen: NDArray[np.bool_]) -> "_Earlier":
        """Some of the windows."""
        forecast, (mean, weight) = self.forecast, (self.forecast.past_mean, self.forecast.past_weight)
        assert mean is not None
        assert weight is not None
        some = replace(
            forecast,
            index=forecast.index[chosen],
            quantiles=forecast.quantiles[chosen],
            past_mean=mean[chosen],
            past_weight=weight[chosen],
            is_total=None if forecast.is_total is None else forecast.is_total[chosen],
        )
        return _Earlier(some, self.y_true[chosen], self.cutoff_index[chosen], self.history[chosen])

    def fit_mean(self, quantiles: NDArray[np.float64], levels: tuple[float, ...]) -> float:
        """The factor for the mean of `quantiles`, from the series that were never negative; see `fit_mean_factor`.

        Running totals do not count, as a share of all that was ever added says nothing.
        """
        assert self.forecast.is_total is not None
        chosen = (self.history.lowest >= 0) & ~self.forecast.is_total
        history = self.history[chosen]
        bounded = limit_to_past(np.maximum(quantiles[chosen], 0.0), history, levels=levels)
        past_mean, past_weight = self.forecast.past_mean, self.forecast.past_weight
        assert past_mean is not None
        assert past_weight is not None
        mean = average_with_past(integrate_quantiles(bounded, levels=levels), past_mean[chosen], past_weight[chosen])
        return fit_mean_factor(
            mean, self.y_true[chosen], mean_seen=history.mean, cutoff_index=self.cutoff_index[chosen]
        )


def _find_panel(given: Panel | EarlierPasts, *, ends: NDArray[np.int64] | None) -> Panel:
    if isinstance(given, Panel):
        return given
    assert ends is None, "pasts are described up to the cutoffs before the ends of the series"
    return given.panel


def _describe(given: Panel | EarlierPasts, index: WindowIndex) -> tuple[History, NDArray[np.int64]]:
    """The statistics of the whole past of each window, and how often it changed."""
    if isinstance(given, EarlierPasts):
        return given.look_up(index)
    return describe_history(given, index), count_changes(given, index)


def _find_earlier(panel: Panel, forecaster: Forecaster, *, ends: NDArray[np.int64] | None) -> WindowIndex:
    """The earlier cutoffs of each series that has at least two seasons before them."""
    horizon, min_past = forecaster.horizon, _count_min_past(forecaster, longest=int(panel.lengths.max(initial=0)))
    return roll_cutoffs(panel, horizon=horizon, windows=EARLIER_WINDOWS, step=horizon, min_past=min_past, ends=ends)


def _count_min_past(forecaster: Forecaster, *, longest: int) -> int:
    season = choose_season(longest, periods=forecaster.encoding.periods)
    return max(MIN_SEASONS * season, forecaster.horizon, 3)


def _hash_windows(panel: Panel, index: WindowIndex, cutoff_index: NDArray[np.int64]) -> NDArray[np.uint64]:
    return (hash_names(panel)[index.series] + cutoff_index.astype(np.uint64)) * MIXER


def sample_windows(panel: Panel, index: WindowIndex, *, most: int) -> NDArray[np.int64]:
    """Positions of at `most` so many windows of `index`, sampled by a hash: the order of the series does not matter."""
    if len(index) <= most:
        return np.arange(len(index))
    keys = _hash_windows(panel, index, index.cutoff_index)
    return np.sort(np.argsort(keys, kind="stable")[:most])
