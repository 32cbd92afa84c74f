"""Count each forecast and each value once, however often the same night was run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.nightly.past_forecasts import PastForecast

__all__ = ["Placed", "count_origins", "count_values", "place_newest"]


@dataclass(frozen=True)
class Placed:
    """The forecasts of a run that begin within the data, and that no newer run has made from the same step.

    numbers  [window]  which forecasts of the run those of `index` are
    first    [window]  the first step that counts, from 0 on: a newer run with a shorter horizon has made those before
    """

    past: PastForecast
    index: WindowIndex
    numbers: NDArray[np.int64]
    first: NDArray[np.int64]

    @property
    def quantiles(self) -> NDArray[np.float64]:
        """What was forecast [window, horizon, level], the steps that do not count too."""
        return self.past.quantiles[self.numbers]

    def keep_counted(self, y_true: NDArray[np.float64]) -> NDArray[np.float64]:
        """The true values [window, horizon], NaN at the steps that do not count."""
        return np.where(np.arange(y_true.shape[1]) >= self.first[:, None], y_true, np.nan)


def place_newest(panel: Panel, past: Sequence[PastForecast]) -> list[Placed]:
    """Where the forecasts of `past` runs, the oldest first, begin in `panel`.

    Of several that begin at the same step of a series, each step counts once, by the newest run that forecast it: a
    night that was run again has one forecast, not two, and an older run with a longer horizon adds its later steps.
    Those after the last step of their series are left out.
    """
    reached = np.zeros(len(panel.values), np.int64)  # how many steps from each on a newer run has forecast
    placed: list[Placed] = []
    for one in reversed(past):
        index, numbers = one.place(panel)
        is_within = index.cutoffs < panel.lengths[index.series]
        index, numbers = WindowIndex(index.series[is_within], index.cutoffs[is_within]), numbers[is_within]
        begins, horizon = panel.offsets[index.series] + index.cutoffs, one.quantiles.shape[1]
        first = reached[begins]
        is_new = first < horizon
        reached[begins[is_new]] = horizon
        index = WindowIndex(index.series[is_new], index.cutoffs[is_new])
        placed.append(Placed(one, index, numbers[is_new], first[is_new]))
    return placed[::-1]


def count_origins(panel: Panel, indices: Iterable[WindowIndex]) -> int:
    """How many nights the windows of some runs are of: those whose newest forecasts begin at the same time are one."""
    begins = (panel.calendar.advance(panel.starts[index.series], index.cutoffs).max() for index in indices)
    return len({begin.item() for begin in begins})


def count_values(panel: Panel, index: WindowIndex, y_true: NDArray[np.float64]) -> int:
    """How many different values, of a series at a time, are known in `y_true` [window, horizon]."""
    steps = (panel.offsets[index.series] + index.cutoffs)[:, None] + np.arange(y_true.shape[1])
    return len(np.unique(steps[~np.isnan(y_true)]))
