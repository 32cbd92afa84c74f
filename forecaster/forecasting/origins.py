"""From where each series is forecast: all for the same steps, or each from its own end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel
from forecaster.forecasting.end_options import EndOptions
from forecaster.windows import WindowIndex, end_of_history

__all__ = ["Origins", "find_longest_lead", "find_origins"]


MOST = 0.75
"""Fraction of the series."""


@dataclass(frozen=True)
class Origins:
    """The ends from which series are forecast.

    index         a window at the own end of each series that is forecast
    lead          [window] steps from that end to the step after which all are forecast; 0 for those that get there
    ended         [series] numbers of those that ended more than a horizon before
    beyond        [series] numbers of those that go on for more than a horizon after the others, from their own end
    is_scattered  whether the ends differ so much that each series is forecast from its own
    """

    index: WindowIndex
    lead: NDArray[np.int64]
    ended: NDArray[np.int64]
    beyond: NDArray[np.int64]
    is_scattered: bool

    @property
    def behind(self) -> NDArray[np.int64]:
        """Numbers of the series that are forecast over the steps that they lack."""
        return self.index.series[self.lead > 0]


def find_origins(panel: Panel, *, horizon: int, options: EndOptions) -> Origins:
    """Where series are forecast from, for `horizon` steps.

    Where more than half of the series end at the same step, and three of four within a horizon of it, all are forecast
    from the latest end that is at most a horizon after it. A larger group that ends earlier has hardly been given up.
    """
    index = end_of_history(panel)
    starts = panel.starts[index.series]
    ends = panel.calendar.advance(starts, index.cutoffs - 1)
    nothing = np.zeros(0, np.int64)
    own = Origins(index, np.zeros(len(index), np.int64), nothing, nothing, is_scattered=False)
    if options.origin == "own" or not len(index):
        return own
    lag = panel.calendar.count_steps(ends, np.broadcast_to(ends.max(), ends.shape))  # behind the latest end
    if not lag.any():
        return own
    if options.origin is None:
        lags, counts = np.unique(lag, return_counts=True)
        common = int(lags[np.argmax(counts)])
        is_near = np.abs(lag - common) <= horizon
        if 2 * counts.max() <= len(index) or float(is_near.mean()) < MOST:
            return Origins(index, own.lead, nothing, nothing, is_scattered=True)
        lag = lag - lag[lag >= common - horizon].min()
    has_ended = lag > horizon
    lead = np.where(has_ended, 0, np.maximum(lag, 0))
    kept = np.ones(len(index), bool) if options.ended == "forecast" else ~has_ended
    return Origins(index[kept], lead[kept], index.series[has_ended], index.series[lag < 0], is_scattered=False)


def find_longest_lead(panel: Panel, *, horizon: int, options: EndOptions | None) -> int:
    """The most steps that any series is forecast over before those that are asked for."""
    return int(find_origins(panel, horizon=horizon, options=options or EndOptions()).lead.max(initial=0))
