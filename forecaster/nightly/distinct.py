"""Count each forecast and each value once, however often the same night was run."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel
from forecaster.nightly.past_forecasts import PastForecast
from forecaster.windows import WindowIndex

__all__ = ["count_origins", "count_values", "place_newest"]

Placed = tuple[PastForecast, WindowIndex, NDArray[np.int64]]


def place_newest(panel: Panel, past: Sequence[PastForecast]) -> list[Placed]:
    """Where the forecasts of `past` runs, the oldest first, begin in `panel`, with the numbers of these.

    Of several that begin at the same step of a series, only that of the newest run is there: a night that was run again
    has one forecast, not two. Those after the last step of their series are left out.
    """
    taken = np.zeros(0, np.int64)
    placed: list[Placed] = []
    for one in reversed(past):
        index, numbers = one.place(panel)
        steps = panel.offsets[index.series] + index.cutoffs  # of all steps of all series, one after the other
        is_new = (index.cutoffs < panel.lengths[index.series]) & ~np.isin(steps, taken)
        taken = np.union1d(taken, steps[is_new])
        placed.append((one, WindowIndex(index.series[is_new], index.cutoffs[is_new]), numbers[is_new]))
    return placed[::-1]


def count_origins(panel: Panel, indices: Iterable[WindowIndex]) -> int:
    """How many nights the windows of some runs are of: those whose newest forecasts begin at the same time are one."""
    begins = (panel.calendar.advance(panel.starts[index.series], index.cutoffs).max() for index in indices)
    return len({begin.item() for begin in begins})


def count_values(panel: Panel, index: WindowIndex, y_true: NDArray[np.float64]) -> int:
    """How many different values, of a series at a time, are known in `y_true` [window, horizon]."""
    steps = (panel.offsets[index.series] + index.cutoffs)[:, None] + np.arange(y_true.shape[1])
    return len(np.unique(steps[~np.isnan(y_true)]))
