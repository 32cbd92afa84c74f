"""Calibrate running totals apart from other series: their errors add up, and are of another kind."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.forecasting.calibration import Calibration, calibrate_across, fit_to_cutoffs
from forecaster.forecasting.forecast import Forecast

__all__ = ["ByKind", "calibrate_across_by_kind", "fit_by_kind"]


@dataclass(frozen=True)
class ByKind:
    """The calibration of all series, or, where only some are totals, of all `others`, and that of the `totals`."""

    others: Calibration
    totals: Calibration | None


def fit_by_kind(
    forecast: Forecast, y_true: Array, *, cutoff_index: NDArray[np.int64], correlation: float, is_fair: bool = True
) -> ByKind:
    """See `fit_to_cutoffs`; `forecast` is that of the windows, not calibrated, and `y_true` what came."""

    def fit(chosen: Any) -> Calibration:
        return fit_to_cutoffs(
            forecast.quantiles[chosen],
            y_true[chosen],
            levels=forecast.levels,
            cutoff_index=cutoff_index[chosen],
            correlation=correlation,
            is_fair=is_fair,
        )

    is_total = _find_totals(forecast)
    if is_total is None:
        return ByKind(fit(slice(None)), None)
    return ByKind(fit(~is_total), fit(is_total))


def calibrate_across_by_kind(
    forecast: Forecast, y_true: Array, *, cutoff_index: NDArray[np.int64], correlation: float, is_fair: bool
) -> Array | None:
    """See `calibrate_across`; None where a kind has windows of one cutoff only."""
    is_total = _find_totals(forecast)
    kinds = [np.ones(len(y_true), bool)] if is_total is None else [is_total, ~is_total]
    crossed = np.empty_like(forecast.quantiles)
    for chosen in kinds:
        own = calibrate_across(
            forecast.quantiles[chosen],
            y_true[chosen],
            levels=forecast.levels,
            cutoff_index=cutoff_index[chosen],
            correlation=correlation,
            is_fair=is_fair,
        )
        if own is None:
            return None
        crossed[chosen] = own
    return crossed


def _find_totals(forecast: Forecast) -> NDArray[np.bool_] | None:
    """Which windows are running totals; None where all are, or none is."""
    is_total = forecast.is_total
    return None if is_total is None or is_total.all() or not is_total.any() else is_total
