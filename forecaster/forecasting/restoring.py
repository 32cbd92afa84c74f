"""From the network's quantiles to calibrated ones in data units."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.encoding.encoded import Encoded
from forecaster.forecasting.adding_up import add_up
from forecaster.forecasting.calibration import Calibration, calibrate
from forecaster.forecasting.zeros import estimate_zeros
from forecaster.windows import History

__all__ = ["Calibrated", "Uncalibrated", "describe_open"]

CERTAIN = 0.9
"""Share of zeros at the phase of a step, as the past is weighted, from which on nothing is added at it."""


@dataclass(frozen=True)
class Calibrated:
    """What the network forecasts, with calibrated intervals.

    quantiles [window, horizon, level], in data units before any bound
    own_season [window]  that the forecast follows, see `Encoded.followed_season`
    is_total [window]    flags running totals
    """

    quantiles: Array
    own_season: NDArray[np.int64]
    is_total: NDArray[np.bool_]


@dataclass(frozen=True)
class Uncalibrated:
    """Quantiles `scaled` [window, horizon, level], in noise scales above the level, as in `encoded`.

    `level` and `noise_scale` [window] are those of `encoded`, or of the whole history where it has none; `periods` are
    the seasons.
    """

    scaled: Array
    encoded: Encoded
    level: Array
    noise_scale: Array
    levels: tuple[float, ...]
    periods: tuple[int, ...]

    def restore(self, calibration: Calibration | None = None, *, of_totals: Calibration | None = None) -> Array:
        """Quantiles in data units, calibrated if there is a `calibration`; that `of_totals` is the same if not given.

        It is of the totals, as increments tell little of how alike their errors are.
        """
        if calibration is None:
            restored = self._restore(self.scaled)
        else:
            restored = self._restore(calibrate(self.scaled, calibration=calibration))
        totals = self.encoded.totals
        rows = np.flatnonzero(totals.is_total)
        if not len(rows):
            return restored
        uncalibrated = restored if calibration is None else self._restore(self.scaled)
        start, increments = totals.start[rows], uncalibrated[rows]
        # a meter that stands still at night: what is added then is exactly zero
        zeros = estimate_zeros(totals.past, totals.lengths, periods=self.periods, horizon=increments.shape[1])
        increments[zeros.probability >= CERTAIN] = 0.0
        added = add_up(increments, start=start, levels=self.levels)
        own = of_totals or calibration
        if own is not None:
            wider = calibrate(added, calibration=own)
            added = np.maximum.accumulate(np.maximum(wider, start[:, None, None]), axis=1)
        restored[rows] = added
        return restored

    def _restore(self, scaled: Array) -> Array:
        return self.encoded.restore(scaled, level=self.level, noise_scale=self.noise_scale)


def describe_open(history: History, *, given: Array, left: Array) -> History:
    """`history` with the mean change of what is `left` of the `given` past, [window, time], where less of it is."""
    changes = average(np.abs(np.diff(left, axis=1)), axis=1)
    is_less = (np.isnan(left) & ~np.isnan(given)).any(axis=1)
    return replace(history, mean_change=np.where(is_less, np.nan_to_num(changes), history.mean_change))
