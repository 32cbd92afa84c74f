"""Intervals for a model that has never seen the data: calibrated by the series' own earlier cutoffs."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel
from forecaster.forecasting.calibration import fit_calibration, trust_cutoffs
from forecaster.forecasting.predict import Bounds, Forecaster
from forecaster.windows import cut_windows, roll_cutoffs

__all__ = ["calibrate_by_past"]

EARLIER_WINDOWS = 4
MOST_WINDOWS = 500
LEAST_SEASONS = 2


def calibrate_by_past(
    panel: Panel, forecaster: Forecaster, *, horizon: int, ends: NDArray[np.int64] | None = None
) -> None:
    """Set `forecaster.calibration` by forecasts from earlier cutoffs, where the history allows any.

    Nothing from step `ends` [series] on is looked at (default: the whole history). Each cutoff has two
    seasons before it, as few forecasts without them are like those with; at most 500 are taken, at random.
    """
    least_past = max(LEAST_SEASONS * forecaster.encoding.periods[0], horizon, 3)
    places = roll_cutoffs(
        panel, horizon=horizon, windows=EARLIER_WINDOWS, step=horizon, least_past=least_past, ends=ends
    )
    if not len(places):
        return
    taken = np.sort(np.random.default_rng(0).permutation(len(places))[:MOST_WINDOWS])
    rounds, places = places.rounds[taken], places[taken]
    forecast = forecaster.forecast(panel, places=places, horizon=horizon, bounds=Bounds(allow_negative=True))
    y_true = cut_windows(panel, places=places, past_length=1, horizon=horizon).y_true
    forecaster.calibration = fit_calibration(
        forecast.quantiles, y_true, levels=forecaster.levels, trust=trust_cutoffs(rounds)
    )
