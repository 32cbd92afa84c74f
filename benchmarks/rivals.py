"""neuralforecast's LSTM and NHITS with their defaults, on the windows that `forecast evaluate` scores.

By default they learn a point forecast for 1,000 steps, so there are no intervals to score. Parameters without a
default are set as in neuralforecast's examples: an input of two horizons, short series padded at the start.
"""

import logging
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.series import Suite
from forecaster.cutoffs import roll_cutoffs
from forecaster.data.reading import read_panel
from forecaster.evaluation.metrics import measure_overall, measure_windows, seasonal_error
from forecaster.evaluation.statistical import frame_windows
from forecaster.windows import cut_truth, cut_windows

MEDIAN = (0.5,)


def measure_rivals(suite: Suite, *, whole: Path, names: list[str], seed: int) -> dict[str, Any]:
    """Scores on the last horizon of each series in `whole`, and seconds to train and to predict, by name."""
    panel, _ = read_panel(str(whole))
    index = roll_cutoffs(panel, horizon=suite.horizon, windows=1, step=suite.horizon)
    windows = cut_windows(panel, index=index, past_length=int(index.cutoffs.max()))
    y_true = cut_truth(panel, index=index, horizon=suite.horizon)
    absolute, squared = seasonal_error(windows.past, season=suite.season)
    found: dict[str, Any] = {"scores": {}, "seconds": {}}
    for name in names:
        forecast, seconds = forecast_neural(windows.past, name=name, horizon=suite.horizon, seed=seed)
        quantiles = forecast[:, :, None]
        per_window = measure_windows(y_true, quantiles, levels=MEDIAN, absolute_scale=absolute, squared_scale=squared)
        overall = measure_overall(y_true, quantiles, levels=MEDIAN, per_window=per_window)
        found["scores"][name] = {**overall, "WQL": None, "coverage": {}}
        found["seconds"][name] = seconds
    return found


def forecast_neural(
    past: NDArray[np.float64], *, name: str, horizon: int, seed: int
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Point forecasts [window, horizon] from `past` [window, time], and the seconds they took."""
    from neuralforecast import NeuralForecast, models

    quiet = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
    model = getattr(models, name)(
        h=horizon, input_size=2 * horizon, start_padding_enabled=True, random_seed=seed, **quiet
    )
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner = NeuralForecast(models=[model], freq=1)
        started = time.perf_counter()
        runner.fit(df=frame_windows(past))
        trained = time.perf_counter()
        table = runner.predict()
        done = time.perf_counter()
    forecast = np.full((len(past), horizon), np.nan)
    forecast[np.unique(table["unique_id"].to_numpy())] = table[name].to_numpy().reshape(-1, horizon)
    return forecast, {"train": round(trained - started, 1), "predict": round(done - trained, 2)}
