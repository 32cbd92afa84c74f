"""Forecast metrics (MASE, RMSSE, sMAPE, WAPE, WQL, bias, coverage) on plain arrays; NaN where undefined.

Definitions are those of fev and GluonTS. `y_true` is [window, horizon] with NaN where unknown; such steps
are ignored.
"""

import numpy as np

from forecaster.arrays import Array, average

__all__ = [
    "WQL_LEVELS",
    "measure_coverage",
    "measure_overall",
    "measure_point",
    "measure_windows",
    "seasonal_error",
]

WQL_LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The deciles, as in published results of WQL."""


def seasonal_error(past: Array, *, season: int) -> tuple[Array, Array]:
    """Mean absolute and mean squared error of the seasonal naive forecast within `past` [window, time].

    The denominators of MASE (Hyndman & Koehler 2006) and, after the root, of RMSSE (M5, Makridakis et
    al. 2022). NaN where the past holds no pair of steps a season apart, or never changes.
    """
    difference = past[:, season:] - past[:, :-season] if past.shape[1] > season else np.full((len(past), 1), np.nan)
    absolute, squared = average(np.abs(difference), axis=-1), average(difference**2, axis=-1)
    return np.where(absolute > 0, absolute, np.nan), np.where(squared > 0, squared, np.nan)


def measure_windows(
    y_true: Array, quantiles: Array, *, levels: tuple[float, ...], absolute_scale: Array, squared_scale: Array
) -> dict[str, Array]:
    """Scores of each window, [window]: MASE, RMSSE, sMAPE (0 to 200%), WAPE, WQL and bias.

    `quantiles` [window, horizon, level], NaN where there is none. WQL is the mean over the deciles of
    2 Σ pinball / Σ|y| (Park et al. 2022, as in GluonTS); bias is Σ(forecast − y) / Σ|y|, above 0 when forecasts are
    too high.
    """
    median = quantiles[:, :, levels.index(0.5)]
    error = median - y_true
    size = _sum(np.abs(y_true))
    size = np.where(size > 0, size, np.nan)
    both = np.abs(median) + np.abs(y_true)
    # forecasting 0 where 0 is observed is no error
    percentage = np.where(
        both > 0, 200 * np.abs(error) / np.where(both > 0, both, 1), np.where(np.isnan(both), np.nan, 0.0)
    )
    return {
        "MASE": average(np.abs(error), axis=-1) / absolute_scale,
        "RMSSE": np.sqrt(average(error**2, axis=-1) / squared_scale),
        "sMAPE": average(percentage, axis=-1),
        "WAPE": _sum(np.abs(error)) / size,
        "WQL": _sum(_pinball_loss(y_true, quantiles, levels=levels)) / size,
        "bias": _sum(error) / size,
    }


def measure_overall(
    y_true: Array, quantiles: Array, *, levels: tuple[float, ...], per_window: dict[str, Array]
) -> dict[str, float | None]:
    """One score for all windows: the mean for MASE, RMSSE and sMAPE; ratio of sums for WAPE, WQL and bias.

    None where it is undefined for all windows; windows without a score are left out of the mean.
    """
    median = quantiles[:, :, levels.index(0.5)]
    pinball = _pinball_loss(y_true, quantiles, levels=levels)
    sums = {"WAPE": np.abs(median - y_true), "WQL": pinball, "bias": median - y_true}
    overall = {name: float(average(per_window[name], axis=0)) for name in ("MASE", "RMSSE", "sMAPE")}
    for name, terms in sums.items():
        # a step counts where both the truth and the forecast are known
        size = float(np.abs(y_true[~np.isnan(terms)]).sum())
        overall[name] = float(np.nansum(terms)) / size if size > 0 else float("nan")
    return {name: value if np.isfinite(value) else None for name, value in overall.items()}


def measure_point(y_true: Array, forecast: Array) -> tuple[float | None, float | None]:
    """Bias, Σ(forecast − y) / Σ|y|, and root mean squared error, in units of the data; None where undefined."""
    error = forecast - y_true
    known = ~np.isnan(error)
    if not known.any():
        return None, None
    size = float(np.abs(y_true[known]).sum())
    return float(error[known].sum()) / size if size > 0 else None, float(np.sqrt((error[known] ** 2).mean()))


def measure_coverage(y_true: Array, quantiles: Array, *, levels: tuple[float, ...]) -> dict[float, float | None]:
    """Fraction of true values within each central interval, by nominal coverage; None without any true value."""
    coverage: dict[float, float | None] = {}
    for low in range(len(levels) // 2):
        below, above = quantiles[:, :, low], quantiles[:, :, len(levels) - 1 - low]
        known = ~np.isnan(y_true) & ~np.isnan(below) & ~np.isnan(above)
        nominal = round(levels[len(levels) - 1 - low] - levels[low], 9)
        inside = (y_true >= below) & (y_true <= above)
        coverage[nominal] = float(inside[known].mean()) if known.any() else None
    return coverage


def _pinball_loss(y_true: Array, quantiles: Array, *, levels: tuple[float, ...]) -> Array:
    """Twice the pinball loss of each step, its mean over the deciles that are known: [window, horizon].

    NaN where only one is: a median alone is no distribution.
    """
    chosen = [position for position, level in enumerate(levels) if level in WQL_LEVELS]
    error = y_true[:, :, None] - quantiles[:, :, chosen]
    deciles = np.asarray(levels)[chosen]
    losses = np.maximum(deciles * error, (deciles - 1) * error)
    mean = np.asarray(losses.mean(axis=2))
    some = np.isnan(mean)
    if some.any():
        known = (~np.isnan(losses[some])).sum(axis=1)
        mean[some] = np.where(known > 1, average(losses[some], axis=1), np.nan)
    return 2 * mean


def _sum(values: Array) -> Array:
    """Sum of the known values over the last axis; NaN where there are none."""
    known = ~np.isnan(values)
    return np.asarray(np.where(known.any(axis=-1), np.where(known, values, 0.0).sum(axis=-1), np.nan))
