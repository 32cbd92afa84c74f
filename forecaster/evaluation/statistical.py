"""AutoETS, AutoARIMA, Theta, Croston and others from statsforecast as baselines; needs the extra `[baselines]`."""

import warnings
from collections.abc import Iterator
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

SEASONAL = ("AutoETS", "AutoARIMA", "Theta", "AutoTheta")
INTERMITTENT: dict[str, tuple[str, dict[str, Any]]] = {
    "Croston": ("CrostonClassic", {}),
    "SBA": ("CrostonSBA", {}),
    "TSB": ("TSB", {"alpha_d": 0.2, "alpha_p": 0.2}),
    "ADIDA": ("ADIDA", {}),
    "IMAPA": ("IMAPA", {}),
}
"""For intermittent demand: the class of each in statsforecast, with the rates that Nixtla's examples give TSB."""
STATISTICAL = (*SEASONAL, *INTERMITTENT)
CONFORMAL_WINDOWS = 5
"""Earlier windows whose errors are the intervals of models that have none of their own; fewer in short pasts."""
FEW = 20
"""Up to this many windows are faster in one process than the start of several."""
LONGEST_SEASON = 24
"""For longer seasons the state-space models ignore the season and take minutes per series; see statsforecast's docs."""


def choose_statistical(text: str) -> tuple[str, ...]:
    """The models in `text`, a comma-separated list; `all` means all there are.

    Raises UsageError for an unknown name, ConfigurationError when the extra is not installed.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if names == ("all",):
        names = STATISTICAL
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
    for a model get the seasonal naive forecast. Models for intermittent demand have no intervals of their own: theirs
    are conformal, from the errors of earlier windows, where the past is long enough for two of them.
    """
    table = frame_windows(past)
    # the models start from the last value, and forecast the missing steps between it and the cutoff as well
    missing = np.argmax(~np.isnan(past[:, ::-1]), axis=1)
    steps = table.groupby("unique_id")["ds"].transform("size") - missing[table["unique_id"].to_numpy(np.int64)]
    table = table[table["ds"] < steps]
    found = {name: np.full((len(past), horizon, len(levels)), np.nan) for name in names}
    if table.empty:
        return found
    wanted = missing[:, None] + np.arange(horizon)
    ahead = horizon + int(missing.max())
    for name, quantiles in found.items():
        for windows, part in _group_windows(table, horizon=ahead) if name in INTERMITTENT else [(0, table)]:
            every = _run(name, part, windows=windows, horizon=ahead, season=season, levels=levels)
            rows = np.unique(part["unique_id"].to_numpy())
            quantiles[rows] = np.take_along_axis(every, wanted[rows, :, None], axis=1)
        found[name] = _uncross(quantiles, middle=levels.index(0.5))
        too_short = np.isnan(quantiles).any(axis=(1, 2))
        found[name][too_short] = forecast_seasonal_naive(past[too_short], horizon=horizon, season=season, levels=levels)
    return found


def _group_windows(table: "pd.DataFrame", *, horizon: int) -> "Iterator[tuple[int, pd.DataFrame]]":
    """`table` by the number of earlier windows of `horizon` steps that conformal intervals can be measured on."""
    lengths = table.groupby("unique_id")["ds"].transform("size")
    counts = np.minimum((lengths - 1) // horizon, CONFORMAL_WINDOWS)
    for count, part in table.groupby(counts):
        yield int(str(count)), part


def _run(
    name: str, table: "pd.DataFrame", *, windows: int, horizon: int, season: int, levels: tuple[float, ...]
) -> NDArray[np.float64]:
    """Quantiles of each series in `table`, in order: [series, horizon, level].

    Those of models without intervals are conformal, from `windows` earlier ones; with fewer than two, all quantiles are
    the forecast itself.
    """
    from statsforecast import StatsForecast  # noqa: PLC0415
    from statsforecast import models as catalogue  # noqa: PLC0415
    from statsforecast.utils import ConformalIntervals  # noqa: PLC0415

    central: list[Any] = [
        round(100 * (high - low), 6) for low, high in zip(levels, levels[::-1], strict=True) if low < high
    ]
    if name in INTERMITTENT:
        kind, rates = INTERMITTENT[name]
        central = central if windows >= 2 else []
        intervals = ConformalIntervals(n_windows=windows, h=horizon) if central else None
        model = getattr(catalogue, kind)(alias=name, prediction_intervals=intervals, **rates)
    else:
        model = getattr(catalogue, name)(season_length=season if season <= LONGEST_SEASON else 1)
    series = table["unique_id"].nunique()
    runner = StatsForecast(
        models=[model],
        freq=1,
        n_jobs=count_usable_cpus() if series > FEW else 1,
        fallback_model=catalogue.SeasonalNaive(season_length=season),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forecasts = runner.forecast(df=table, h=horizon, level=central or None)
    columns = []
    for level in levels:
        end = (
            f"-{'lo' if level < 0.5 else 'hi'}-{round(100 * abs(1 - 2 * level), 6)}" if central and level != 0.5 else ""
        )
        columns.append(forecasts[f"{name}{end}"].to_numpy().reshape(series, horizon))
    return np.stack(columns, axis=2)


def _uncross(quantiles: NDArray[np.float64], *, middle: int) -> NDArray[np.float64]:
    """Sort crossed quantiles: ends of simulated intervals on the wrong side of the point forecast move to it."""
    below = np.minimum.accumulate(quantiles[:, :, middle::-1], axis=2)[:, :, ::-1]
    above = np.maximum.accumulate(quantiles[:, :, middle:], axis=2)
    return np.concatenate([below, above[:, :, 1:]], axis=2)
