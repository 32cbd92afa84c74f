"""Add up the quantiles of increments to those of a running total.

Errors of different steps are alike in part: what will be added is misjudged for all of them, and each is noise by
itself. So a quantile of the total is further from the median than noise alone says, the root of the sum of squares, and
nearer than the sum of all. Where there is more room above the median than below, the sum of many steps has less of that
the more they are, and its median comes nearer to the sum of their means, by the central limit theorem. Measured in
`benchmarks/`.
"""

from functools import cache
from statistics import NormalDist

import numpy as np

from forecaster.arrays import Array
from forecaster.forecasting.mean import integrate_quantiles

__all__ = ["add_up"]

ALIKE = 0.4
"""Correlation of the errors of two steps: it is .2 to .7 for years to hours of real series."""


def add_up(increments: Array, *, start: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of totals, [window, horizon, level], from those of `increments`, in data units.

    `start` [window] are the totals at the cutoffs. Totals never fall, nor does any quantile of them.
    """
    increments = np.maximum(increments, 0.0)
    median = increments[:, :, levels.index(0.5)]
    ahead = np.arange(1, increments.shape[1] + 1)
    above = np.cumsum(integrate_quantiles(increments, levels=levels) - median, axis=1)
    centre = np.cumsum(median, axis=1) + (1 - ALIKE) * (1 - 1 / ahead) * above
    distances, scores = increments - median[:, :, None], _find_scores(levels)
    lower, upper = distances[:, :, 0] / scores[0], distances[:, :, -1] / scores[-1]
    variance = np.cumsum((lower**2 + upper**2) / 2, axis=1)[:, :, None] * scores**2
    # of a single step it is the distance itself, and of many steps it is as far to both sides
    skewed = (1 / ahead)[:, None]
    alone = skewed * np.cumsum(distances**2, axis=1) + (1 - skewed) * variance
    whole = np.cumsum(np.abs(distances), axis=1)
    together = (skewed * whole + (1 - skewed) * (whole + whole[:, :, ::-1]) / 2) ** 2
    width = np.sqrt(ALIKE * together + (1 - ALIKE) * alone)
    added = centre[:, :, None] + np.sign(scores) * width
    return np.asarray(start[:, None, None] + np.maximum.accumulate(np.maximum(added, 0.0), axis=1))


@cache
def _find_scores(levels: tuple[float, ...]) -> Array:
    """The normal scores of `levels`."""
    return np.array([NormalDist().inv_cdf(level) for level in levels])
