"""From where each series is forecast: all for the same steps, or each from its own end."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.panel import Panel
from forecaster.forecasting.end_options import EndOptions

__all__ = ["CommonEnd", "Origins", "find_common_end", "find_longest_lead", "find_origins"]


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


@dataclass(frozen=True)
class CommonEnd:
    """Where series end together, decided by all of them: `steps` before the `latest` end of any.

    `latest` is None where each series is forecast from its own end, as all end together or they are scattered.
    """

    latest: Any = None
    steps: int = 0
    is_scattered: bool = False


def find_common_end(panel: Panel, *, horizon: int, options: EndOptions) -> CommonEnd:
    """The end from which the series are forecast for `horizon` steps.

    Where more than half of the series end at the same step, and three of four within a horizon of it, all are forecast
    from the latest end that is at most a horizon after it. A larger group that ends earlier has hardly been given up.
    """
    ends = _list_ends(panel, end_of_history(panel))
    if options.origin == "own" or not len(ends):
        return CommonEnd()
    latest = ends.max()
    lag = panel.calendar.count_steps(ends, np.broadcast_to(latest, ends.shape))
    if not lag.any():
        return CommonEnd()
    if options.origin == "latest":
        return CommonEnd(latest)
    lags, counts = np.unique(lag, return_counts=True)
    common = int(lags[np.argmax(counts)])
    is_near = np.abs(lag - common) <= horizon
    if 2 * counts.max() <= len(ends) or float(is_near.mean()) < MOST:
        return CommonEnd(is_scattered=True)
    return CommonEnd(latest, int(lag[lag >= common - horizon].min()))


def find_origins(panel: Panel, *, horizon: int, options: EndOptions, common_end: CommonEnd | None = None) -> Origins:
    """Where series are forecast from, for `horizon` steps; `common_end` where others have decided it, too."""
    index = end_of_history(panel)
    common_end = common_end or find_common_end(panel, horizon=horizon, options=options)
    nothing = np.zeros(0, np.int64)
    if common_end.latest is None:
        return Origins(index, np.zeros(len(index), np.int64), nothing, nothing, common_end.is_scattered)
    ends = _list_ends(panel, index)
    lag = panel.calendar.count_steps(ends, np.broadcast_to(common_end.latest, ends.shape)) - common_end.steps
    has_ended = lag > horizon
    lead = np.where(has_ended, 0, np.maximum(lag, 0))
    kept = np.ones(len(index), bool) if options.ended == "forecast" else ~has_ended
    return Origins(index[kept], lead[kept], index.series[has_ended], index.series[lag < 0], is_scattered=False)


def _list_ends(panel: Panel, index: WindowIndex) -> NDArray[Any]:
    """The last time of each series of `index`."""
    return panel.calendar.advance(panel.starts[index.series], index.cutoffs - 1)


def find_longest_lead(panel: Panel, *, horizon: int, options: EndOptions | None) -> int:
    """The most steps that any series is forecast over before those that are asked for."""
    return int(find_origins(panel, horizon=horizon, options=options or EndOptions()).lead.max(initial=0))
