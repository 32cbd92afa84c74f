"""AutoETS, AutoARIMA and Theta from statsforecast as baselines; needs the extra `[baselines]`."""

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecaster.errors import ConfigurationError, UsageError
from forecaster.evaluation.baselines import forecast_seasonal_naive
from forecaster.machine import count_usable_cpus

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_statistical", "choose_statistical", "forecast_statistical", "frame_windows"]

STATISTICAL = ("AutoETS", "AutoARIMA", "Theta", "AutoTheta")
FEW = 20
"""Up to this many windows are faster in one process than the start of several."""
LONGEST_SEASON = 24
"""For longer seasons the state-space models ignore the season and take minutes per series; see statsforecast's docs."""


def choose_statistical(text: str) -> tuple[str, ...]:
    """The models in `text`, a comma-separated list; `all` means the first three.

    Raises UsageError for an unknown name, ConfigurationError when the extra is not installed.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if names == ("all",):
        names = STATISTICAL[:3]
    check_statistical(names)
    return names


def check_statistical(names: tuple[str, ...]) -> None:
    """Raise UsageError unless all of `names` are in STATISTICAL, ConfigurationError when the extra is not installed."""
    for name in names:
        if name not in STATISTICAL:
            raise UsageError(f"--baselines {name}: no such baseline. There are {', '.join(STATISTICAL)} and all.")
    if names and find_spec("statsforecast") is None:
        raise ConfigurationError(
            f"--baselines {','.join(names)}: needs the extra, installed with: pip install 'forecast-lstm[baselines]'."
        )


def frame_windows(past: NDArray[np.float64]) -> "pd.DataFrame":
    """The windows of `past` [window, time] as a table with the columns unique_id, ds and y, both counted from 0.

    Values missing in between are carried forward, windows without a value left out.
    """
    import pandas as pd  # noqa: PLC0415 - needed only for these models

    frames = [pd.DataFrame({"unique_id": [], "ds": [], "y": []})]
    for window, row in enumerate(past):
        observed = np.flatnonzero(~np.isnan(row))
        if len(observed):
            values = pd.Series(row[observed[0] :]).ffill().to_numpy()
            frames.append(pd.DataFrame({"unique_id": window, "ds": np.arange(len(values)), "y": values}))
    return pd.concat(frames[1:]) if frames[1:] else frames[0]


def forecast_statistical(
    past: NDArray[np.float64], *, names: tuple[str, ...], horizon: int, season: int, levels: tuple[float, ...]
) -> dict[str, NDArray[np.float64]]:
    """Quantiles by each model of `names`, [window, horizon, level]; NaN where a window has no value.

    `past` [window, time], framed as `frame_windows` does, since these models take no gaps. Windows too short
    for a model get the seasonal naive forecast.
    """
    from statsforecast import StatsForecast  # noqa: PLC0415
    from statsforecast import models as catalogue  # noqa: PLC0415

    table = frame_windows(past)
    if table.empty:
        return {name: np.full((len(past), horizon, len(levels)), np.nan) for name in names}
    # the models start from the last value, and forecast the missing steps between it and the cutoff as well
    missing = np.argmax(~np.isnan(past[:, ::-1]), axis=1)
    steps = table.groupby("unique_id")["ds"].transform("size") - missing[table["unique_id"].to_numpy(np.int64)]
    table = table[table["ds"] < steps]
    central: list[Any] = [
        round(100 * (high - low), 6) for low, high in zip(levels, levels[::-1], strict=True) if low < high
    ]
    models = [getattr(catalogue, name)(season_length=season if season <= LONGEST_SEASON else 1) for name in names]
    runner = StatsForecast(
        models=models,
        freq=1,
        n_jobs=count_usable_cpus() if len(past) > FEW else 1,
        fallback_model=catalogue.SeasonalNaive(season_length=season),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forecasts = runner.forecast(df=table, h=horizon + int(missing.max()), level=central)
    forecasted = np.unique(forecasts["unique_id"].to_numpy())
    wanted = missing[forecasted, None] + np.arange(horizon)
    found = {}
    for name in names:
        quantiles = np.full((len(past), horizon, len(levels)), np.nan)
        for position, level in enumerate(levels):
            column = name
            if level != 0.5:
                column = f"{name}-{'lo' if level < 0.5 else 'hi'}-{round(100 * abs(1 - 2 * level), 6)}"
            every = forecasts[column].to_numpy().reshape(len(forecasted), -1)
            quantiles[forecasted, :, position] = np.take_along_axis(every, wanted, axis=1)
        too_short = np.isnan(quantiles).any(axis=(1, 2))
        quantiles[too_short] = forecast_seasonal_naive(past[too_short], horizon=horizon, season=season, levels=levels)
        found[name] = _uncross(quantiles, middle=levels.index(0.5))
    return found


def _uncross(quantiles: NDArray[np.float64], *, middle: int) -> NDArray[np.float64]:
    """Sort crossed quantiles: ends of simulated intervals on the wrong side of the point forecast move to it."""
    below = np.minimum.accumulate(quantiles[:, :, middle::-1], axis=2)[:, :, ::-1]
    above = np.maximum.accumulate(quantiles[:, :, middle:], axis=2)
    return np.concatenate([below, above[:, :, 1:]], axis=2)
