"""The mean of a forecast distribution from its quantiles, and its correction by earlier cutoffs.

The mean is the integral of the quantile function over all levels from 0 to 1. Between two known levels the function is
taken as linear in the normal score of the level, which is exact for a normal distribution; beyond the outermost levels
the excess has an exponential distribution, with the scale of the two outermost quantiles (Pickands 1975, of the domain
to which normal, exponential, gamma and lognormal tails belong). The integral of both is a weighted sum of the
quantiles, as in the rules of Pearson & Tukey (1965) and Keefer & Bodily (1983), whose weights are for fewer levels.
"""

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.windows import History

__all__ = [
    "MIN_OBSERVED",
    "average_with_past",
    "correct_mean",
    "fit_mean_factor",
    "integrate_quantiles",
    "limit_to_past",
]

MIN_CUTOFFS = 3
LARGEST = 0.15
"""Largest logarithm of a factor: where totals were off by more, the series changed, which says nothing of a bias."""
MIN_OBSERVED = 12
"""Fewest values that show how far a series ranges."""
LOWEST, HIGHEST = 0.1, 0.9
"""Levels of the quantiles beyond which a correction does not move a mean."""
DOUBT = 2.0
"""A correction smaller than the root of this in standard errors does not count; `benchmarks/README.md` has others."""


def integrate_quantiles(quantiles: Array, *, levels: tuple[float, ...]) -> Array:
    """The mean of each distribution with these `quantiles` [..., level]; the median where there are no others."""
    mean = quantiles @ _weigh_levels(levels)
    return np.where(np.isnan(mean), quantiles[..., levels.index(0.5)], mean)


def limit_to_past(quantiles: Array, history: History, *, levels: tuple[float, ...]) -> Array:
    """`quantiles` [window, horizon, level], none further from the median or the past than the past ranged in all.

    What is further out is too uncertain to count in a mean: a burst that ended years ago, or one spike in ten, would
    raise it above anything that was ever seen on average.
    """
    median = quantiles[:, :, levels.index(0.5), None]
    is_limited = (history.observed >= MIN_OBSERVED) & (history.highest > history.lowest)
    width = np.where(is_limited, history.highest, np.inf) - np.where(is_limited, history.lowest, -np.inf)
    lowest = np.minimum(history.lowest[:, None, None], median - width[:, None, None])
    highest = np.maximum(history.highest[:, None, None], median + width[:, None, None])
    return np.asarray(np.clip(quantiles, lowest, highest))


def average_with_past(mean: Array, past_mean: Array, weight: Array) -> Array:
    """`mean` [window, horizon], with its total moved towards that of `past_mean` by a `weight` [window].

    The network's upper quantiles of intermittent series tend to be too high; the mean of their past is not.
    """
    totals, wanted = mean.sum(axis=1), past_mean.sum(axis=1)
    ratio = np.where(totals > 0, wanted / np.where(totals > 0, totals, 1.0), 1.0)
    return np.asarray(mean * np.where(weight > 0, 1 - weight + weight * ratio, 1.0)[:, None])


def correct_mean(mean: Array, quantiles: Array, *, factor: float, levels: tuple[float, ...]) -> Array:
    """`mean` [window, horizon] times `factor`, as far as `quantiles` [window, horizon, level] allow.

    The factor is that of all series of a file: one that is forecast with hardly any error needs none.
    """
    if LOWEST not in levels or HIGHEST not in levels:
        return mean * factor
    ends = (quantiles[:, :, levels.index(level)] for level in (LOWEST, HIGHEST))
    # fmin and fmax ignore the quantiles of series that have none
    lowest, highest = (pick(mean, end) for pick, end in zip((np.fmin, np.fmax), ends, strict=True))
    return np.asarray(np.clip(mean * factor, lowest, highest))


def fit_mean_factor(
    mean: Array, y_true: Array, *, cutoff_index: NDArray[np.int64], mean_seen: Array | None = None
) -> float:
    """By which factor `mean` [window, horizon] was too low in total at earlier cutoffs, `cutoff_index` [window].

    The mean r over the cutoffs of log(Σ y / Σ mean), shrunk by how well it is known: times 1 − 2 s² / r², with the
    standard error s (as James & Stein 1961 shrink, a little more, as cutoffs are few and near each other). It is
    limited, unless the totals were always near those of the mean of the whole past, `mean_seen` [window]: such series
    did not change. 1 where fewer than three cutoffs have any value.
    """
    known = ~np.isnan(y_true) & ~np.isnan(mean)
    past = np.zeros_like(mean) if mean_seen is None else np.broadcast_to(mean_seen[:, None], mean.shape)
    totals = np.array(
        [
            np.bincount(cutoff_index, np.where(known, every, 0.0).sum(axis=1), minlength=1)
            for every in (y_true, mean, past)
        ]
    )
    totals = totals[:, (totals[:2] > 0).all(axis=0)]
    if totals.shape[1] < MIN_CUTOFFS:
        return 1.0
    ratios = np.log(totals[0] / totals[1])
    found, variance = float(ratios.mean()), float(ratios.var(ddof=1)) / len(ratios)
    share = max(0.0, 1 - DOUBT * variance / found**2) if found else 0.0
    has_changed = (np.abs(totals[0] - totals[2]) > LARGEST * totals[2]).any()
    return float(np.exp(np.clip(share * found, -LARGEST, LARGEST) if has_changed else share * found))


@cache
def _weigh_levels(levels: tuple[float, ...]) -> Array:
    """The weight of the quantile of each level in the mean; their sum is 1."""
    known = np.asarray(levels)
    scores = np.array([NormalDist().inv_cdf(level) for level in levels])
    density = np.exp(-(scores**2) / 2) / np.sqrt(2 * np.pi)
    width = np.diff(known)
    # the integral of (score - lower score) between two levels, as that of a score is minus its density
    rise = (density[:-1] - density[1:] - scores[:-1] * width) / np.diff(scores)
    weights = np.append(width - rise, 0.0) + np.append(0.0, rise)
    for outermost, next_one in ((0, 1), (-1, -2)):
        tail, wider = (min(known[place], 1 - known[place]) for place in (outermost, next_one))
        excess = tail / np.log(wider / tail)
        weights[outermost] += tail + excess
        weights[next_one] -= excess
    return np.asarray(weights)
