"""Calibrate the intervals of a model that was not trained on the data, by earlier cutoffs of the same series."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel, find_season, hash_names
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import fit_to_cutoffs
from forecaster.forecasting.correlation import measure_correlation
from forecaster.forecasting.forecaster import Forecaster
from forecaster.windows import WindowIndex, cut_truth, roll_cutoffs

__all__ = ["calibrate_by_past"]

EARLIER_WINDOWS = 4
MAX_WINDOWS = 500
MIN_SEASONS = 2
MIXER = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples are spread evenly (Knuth, The Art of Computer Programming, section 6.4)."""


def calibrate_by_past(panel: Panel, forecaster: Forecaster, *, ends: NDArray[np.int64] | None = None) -> Forecaster:
    """`forecaster` with a calibration from its forecasts at earlier cutoffs, where the history is long enough.

    Steps from `ends` [series] on are not used (default: the whole history is). The forecasts are of the default
    horizon, not of the one requested later, so that the interval of a step does not depend on that. Each cutoff has at
    least two seasons before it, as errors after shorter pasts are not representative. At most 500 windows are used.
    """
    horizon = forecaster.horizon
    season = find_season(panel, periods=forecaster.encoding.periods)
    min_past = max(MIN_SEASONS * season, horizon, 3)
    index = roll_cutoffs(panel, horizon=horizon, windows=EARLIER_WINDOWS, step=horizon, min_past=min_past, ends=ends)
    if not len(index):
        return forecaster
    sampled = _sample(panel, index)
    cutoff_index, index = index.cutoff_index[sampled], index[sampled]
    forecast = forecaster.forecast(panel, index=index, horizon=horizon, bounds=Bounds(allow_negative=True))
    y_true = cut_truth(panel, index=index, horizon=horizon)
    calibration = fit_to_cutoffs(
        forecast.quantiles,
        y_true,
        levels=forecaster.levels,
        cutoff_index=cutoff_index,
        correlation=measure_correlation(panel, horizon=horizon, season=season, ends=ends),
        is_fair=True,
    )
    return replace(forecaster, calibration=calibration)


def _sample(panel: Panel, index: WindowIndex) -> NDArray[np.int64]:
    """Positions of at most 500 windows of `index`, sampled by a hash: the order of the series does not matter."""
    if len(index) <= MAX_WINDOWS:
        return np.arange(len(index))
    keys = (hash_names(panel)[index.series] + index.cutoff_index.astype(np.uint64)) * MIXER
    return np.sort(np.argsort(keys, kind="stable")[:MAX_WINDOWS])
