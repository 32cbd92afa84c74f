"""How far forecasts are from those of the last good run: what `--max-change` limits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel
from forecaster.forecasting.forecast import Forecast
from forecaster.nightly.past_forecasts import PastForecast

__all__ = ["Changes", "has_common", "measure_changes"]

MIDDLE, INNER, OUTER = 0.5, (0.2, 0.8), (0.1, 0.9)
"""The levels of the forecast, of its 60% interval, and of its 80% interval."""
OF_LARGEST = 0.1
"""What the means of rare demand are compared with at least, in parts of the largest value of the past: one more sale as
large as that one moved them by up to a twentieth of it, in 10,000 nights of simulated demand."""


@dataclass(frozen=True)
class Changes:
    """How much the forecast of each series changed, by the `windows` of the forecast that have steps in common.

    `sizes` [window] are in parts of the last forecast; infinite where that was zero, with no doubt about it.
    """

    windows: NDArray[np.int64]
    sizes: NDArray[np.float64]


def has_common(panel: Panel, forecast: Forecast, *, before: PastForecast) -> bool:
    """Whether both runs have a forecast of any step of any series."""
    return len(measure_changes(panel, forecast, before=before).windows) > 0


def measure_changes(panel: Panel, forecast: Forecast, *, before: PastForecast) -> Changes:
    """The mean distance of the medians on the steps that both runs have, in parts of the mean size of those `before`.

    Where the 60% interval of a step before holds zero, as for rare demand or values around zero, its median says
    little about what is usual: half of its 80% interval counts as the size of that step, if it is larger. All sizes
    are those of the last run, as the data of this one, of the past too, may be what is wrong.
    """
    index, placed = before.place(panel)
    old = dict(zip(index.series.tolist(), range(len(index)), strict=True))
    chosen = np.array([old.get(int(number), -1) for number in forecast.index.series], np.int64)
    both = np.flatnonzero(chosen >= 0)
    begins = forecast.first_steps[both] - index.cutoffs[chosen[both]]  # steps that the old forecast began earlier
    horizon, length = forecast.quantiles.shape[1], before.quantiles.shape[1]
    steps, numbers = begins[:, None] + np.arange(horizon), placed[chosen[both]]
    places = np.clip(steps, 0, length - 1)
    earlier = np.take_along_axis(before.quantiles[numbers], places[:, :, None], axis=1)
    past, now = earlier[:, :, before.levels.index(MIDDLE)], forecast.median[both]
    known = (steps >= 0) & (steps < length) & ~np.isnan(past) & ~np.isnan(now)
    moved, size = (
        np.where(known, one, 0.0).sum(axis=1)
        for one in (np.abs(now - past), _measure_sizes(earlier, levels=before.levels))
    )
    if before.mean is not None and before.largest is not None:
        means = (np.take_along_axis(before.mean[numbers], places, axis=1), forecast.mean[both])
        past_total, total = (np.where(known, mean, 0.0).sum(axis=1) for mean in means)
        least = OF_LARGEST * before.largest[numbers] * known.sum(axis=1)
        # the first sale ever has nothing to be compared with
        stays_zero = ~(known & ((past != 0) | (now != 0))).any(axis=1) & (least > 0)
        moved = np.where(stays_zero, np.abs(total - past_total), moved)
        size = np.where(stays_zero, np.maximum(np.abs(past_total), least), size)
    sizes = np.where(moved > 0, np.divide(moved, size, out=np.full_like(moved, np.inf), where=size > 0), 0.0)
    has_common = known.any(axis=1)
    return Changes(both[has_common], sizes[has_common])


def _measure_sizes(quantiles: NDArray[np.float64], *, levels: tuple[float, ...]) -> NDArray[np.float64]:
    """What a change of the median at each step [window, step] is compared with."""
    size = np.abs(quantiles[:, :, levels.index(MIDDLE)])
    if not {*INNER, *OUTER} <= set(levels):
        return size
    (low, high), (lowest, highest) = (
        [quantiles[:, :, levels.index(level)] for level in interval] for interval in (INNER, OUTER)
    )
    holds_zero = (low <= 0) & (high >= 0)  # False where there is no interval
    return np.where(holds_zero, np.maximum(size, (highest - lowest) / 2), size)
