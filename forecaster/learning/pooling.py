"""Learn the effects of covariates that all series have in common, and how what describes a series changes them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, find_median
from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.attribute_codes import find_codes
from forecaster.encoding.bounding import find_outliers, leave_out_outliers
from forecaster.encoding.covariate_basis import KINDS, KINDS_OF_SHORT, MANY_SEASONS
from forecaster.encoding.effects import MIN_STEPS
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.encoding.free_series import FreeSeries, free_series
from forecaster.encoding.pooled_effects import MAX_POOLED, ByAttribute, PooledEffects
from forecaster.encoding.running_totals import take_increments
from forecaster.windows import Windows, cut_windows

__all__ = ["MIN_SERIES", "pool_effects"]

MIN_SERIES = 5
"""Fewest series that can have something in common."""
MAX_SERIES, MAX_ELEMENTS = 2000, 40_000_000
"""Series that are looked at, and elements of their sums of squares: fewer series show the same."""
BATCH_ELEMENTS = 2_000_000
"""Elements of an array of covariates, which limits the memory."""
PENALTY = 1e-3
"""Penalty of the common coefficients, relative to the mean variance of the features of all series."""
ATTRIBUTE_PENALTY = 1.0
"""The same for what an attribute changes, relative to the mean variance of the features of one series."""
FOLDS = 5
MIN_GAIN = 0.002
"""Least share of the variance of other series that an attribute must explain, to be used."""


@dataclass(frozen=True)
class _Sums:
    """Sums over the steps of each series, of the values in its deviations, and of their logarithms.

    squares   [series, label, label]   of the features, see `Basis` for labels
    products  [series, label, target]
    total     [series, target]
    weights   [series, target]         smaller for a series that varies more than the others and would hide them
    """

    labels: NDArray[np.int64]
    squares: Array
    products: Array
    total: Array
    weights: Array

    def rest(self, coefficients: Array) -> Array:
        """The products with what `coefficients` [series, label, target] leave unexplained."""
        return np.asarray(self.products - self.squares @ coefficients)

    def solve(self, rest: Array, *, shares: Array, penalty: float) -> Array:
        """Coefficients [label, target] of all series, each counted by its share, which explain a `rest`."""
        solved = []
        for target in range(2):
            weights = self.weights[:, target]
            squares = np.tensordot(weights * shares**2, self.squares, axes=1)
            ridge = penalty * np.eye(len(self.labels))
            solved.append(np.linalg.solve(squares + ridge, (weights * shares) @ rest[:, :, target]))
        return np.stack(solved, axis=1)

    @property
    def mean_variance(self) -> float:
        """The mean sum of squares over the series and features."""
        return float(np.diagonal(self.squares, axis1=1, axis2=2).mean())


def pool_effects(panel: Panel, *, encoding: Encoding, held_out: int = 0) -> PooledEffects | None:
    """The effects that the series of `panel` have in common, without their last `held_out` steps.

    None where there are too few series, no covariate that is known ahead, or too many.
    """
    covariates = panel.covariates
    names = [] if covariates is None else np.array(covariates.names)[covariates.is_known].tolist()
    index = _choose_series(panel.lengths - held_out, count=len(names), period=encoding.periods[0])
    if not 0 < len(names) <= MAX_POOLED or len(index) < MIN_SERIES:
        return None
    none = np.zeros((KINDS, len(names), 2))
    found = _find_units(panel, index, encoding=encoding)
    units = found.units
    assert covariates is not None
    words = {
        column: covariates.wordings[column].texts
        for column in np.array(covariates.columns)[covariates.is_known].tolist()
        if covariates.is_category(column)
    }
    pooled = PooledEffects(
        tuple(names),
        units,
        found.lowest,
        found.highest,
        none,
        is_factor=True,
        categories=words,
        least=found.least,
        most=found.most,
    )
    if not units.any():
        return None
    sums, is_positive = _sum_up(panel, index, encoding=encoding, pooled=pooled)
    common = sums.solve(sums.products, shares=np.ones(len(index)), penalty=PENALTY * len(index) * sums.mean_variance)
    own = np.repeat(common[None], len(index), axis=0)
    described = None if panel.attributes is None else panel.attributes.take(index.series)
    target = int(is_positive.mean() > 0.5)
    changes = []
    for one in () if described is None else find_codes(described):
        assert described is not None
        weights = one.weigh(described)
        if _explains_others(sums, own, weights, target=target):
            change = _fit_change(sums, own, weights)
            own = own + np.tensordot(weights, change, axes=1)
            by_category = [_spread(each, sums.labels, count=len(names)) for each in change]
            changes.append(ByAttribute(**vars(one), coefficients=np.stack(by_category)))
    return replace(
        pooled,
        coefficients=_spread(common, sums.labels, count=len(names)),
        attributes=tuple(changes),
        is_factor=bool(target),
    )


def _choose_series(ends: NDArray[np.int64], *, count: int, period: int) -> WindowIndex:
    """The ends of the series that are long enough; some of them where there are very many."""
    series = np.flatnonzero(ends >= MIN_STEPS)
    has_many = period > 1 and int(ends.max(initial=0)) >= MANY_SEASONS * period
    labels = max(1, (KINDS if has_many else KINDS_OF_SHORT) * count)
    most = min(MAX_SERIES, max(MIN_SERIES, MAX_ELEMENTS // labels**2))
    if len(series) > most:
        series = series[np.linspace(0, len(series) - 1, most).astype(np.int64)]
    return WindowIndex(series, ends[series])


def _iterate(panel: Panel, index: WindowIndex, *, encoding: Encoding) -> Iterator[Windows]:
    """Windows of the past alone, in batches whose arrays are not too large."""
    assert panel.covariates is not None
    past_length = encoding.reach_into(int(index.cutoffs.max()))
    size = max(1, BATCH_ELEMENTS // (past_length * 3 * len(panel.covariates)))
    for begin in range(0, len(index), size):
        windows = cut_windows(panel, index=index[begin : begin + size], past_length=past_length)
        yield take_increments(windows, encoding=encoding)[0]


def _take_known(windows: Windows) -> Array:
    """The covariates that are known ahead, NaN before the series began."""
    assert windows.covariates is not None
    values = windows.covariates.values[:, :, windows.covariates.is_known]
    inside = np.arange(values.shape[1], 0, -1) <= windows.lengths[:, None]
    return leave_out_outliers(np.where(inside[:, :, None], values, np.nan), time=values.shape[1])


@dataclass(frozen=True)
class _Units:
    """The usual deviation of each covariate from the mean of a series, and the range of all, in these `units`.

    `least` and `most` are the range of the values themselves.
    """

    units: Array
    lowest: Array
    highest: Array
    least: Array
    most: Array


def _find_units(panel: Panel, index: WindowIndex, *, encoding: Encoding) -> _Units:
    squares, counts, lows, highs, least, most = [], [], [], [], [], []
    for windows in _iterate(panel, index, encoding=encoding):
        values = _take_known(windows)
        away = values - average(values, axis=1)[:, None]
        squares.append(np.nansum(away**2, axis=(0, 1)))
        counts.append((~np.isnan(away)).sum(axis=(0, 1)))
        lows.append(np.nan_to_num(away).min(axis=(0, 1)))
        highs.append(np.nan_to_num(away).max(axis=(0, 1)))
        least.append(np.fmin.reduce(values, axis=(0, 1)))
        most.append(np.fmax.reduce(values, axis=(0, 1)))
    units = np.sqrt(np.sum(squares, axis=0) / np.maximum(np.sum(counts, axis=0), 1))
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    size = np.where(units > 0, units, 1.0)
    extremes = (np.nan_to_num(np.fmin.reduce(least)), np.nan_to_num(np.fmax.reduce(most)))
    return _Units(units, low / size, high / size, *extremes)


def _sum_up(
    panel: Panel, index: WindowIndex, *, encoding: Encoding, pooled: PooledEffects
) -> tuple[_Sums, NDArray[np.bool_]]:
    """The sums of all series, and which of them are positive throughout."""
    parts = [
        _sum_batch(leave_out_explained_zeros(windows, encoding=encoding, horizon=0), encoding=encoding, pooled=pooled)
        for windows in _iterate(panel, index, encoding=encoding)
    ]
    labels = np.unique(np.concatenate([part.labels for part, _ in parts]))
    wide = []
    for part, _ in parts:
        place = np.searchsorted(labels, part.labels)
        squares = np.zeros((len(part.total), len(labels), len(labels)))
        squares[:, place[:, None], place[None]] = part.squares
        products = np.zeros((len(part.total), len(labels), 2))
        products[:, place] = part.products
        wide.append((squares, products, part.total, part.weights))
    squares, products, total, variance = (np.concatenate(arrays) for arrays in zip(*wide, strict=True))
    is_positive = np.concatenate([free.is_positive for _, free in parts])
    counts = np.stack([np.ones(len(total), bool), is_positive], axis=1)  # only positive series have logarithms
    usual = np.nan_to_num(find_median(np.where(counts, variance, np.nan).T))
    # what varies three times as much as usual counts a half
    weights = counts * np.where(usual > 0, 2 * usual / np.where(usual > 0, usual + variance, 1.0), 1.0)
    return _Sums(labels, squares, products, total, weights), is_positive


def _sum_batch(windows: Windows, *, encoding: Encoding, pooled: PooledEffects) -> tuple[_Sums, FreeSeries]:
    """The sums of a batch of series; its weights are the variances, still."""
    time = windows.past.shape[1]
    inside = np.arange(time, 0, -1) <= windows.lengths[:, None]
    past = np.where(find_outliers(windows.past) | ~inside, np.nan, windows.past)
    values = _take_known(windows)
    unused = np.zeros(values.shape)
    scaled = pooled.scale(values, unused, names=pooled.names, lengths=windows.lengths, time=time)
    free = free_series(past, windows.lengths, scaled, periods=encoding.periods)
    size = np.where(free.deviation > 0, free.deviation, 1.0)
    targets = free.targets / np.stack([size, np.ones(len(size))], axis=1)[:, None]
    turned = free.features.transpose(0, 2, 1)
    total = (targets**2).sum(axis=1)
    variance = total / np.maximum(free.is_known.sum(axis=1), 1)[:, None]
    return _Sums(free.basis.labels, turned @ free.features, turned @ targets, total, variance), free


def _fit_change(sums: _Sums, own: Array, weights: Array) -> Array:
    """By how much an attribute changes the coefficients `own`, [category, label, target]; see `ByAttribute.weigh`."""
    rest, penalty = sums.rest(own), ATTRIBUTE_PENALTY * sums.mean_variance
    return np.stack([sums.solve(rest, shares=shares, penalty=penalty) for shares in weights.T])


def _explains_others(sums: _Sums, own: Array, weights: Array, *, target: int) -> bool:
    """Whether what an attribute changes in some series explains other series better."""
    fold = np.random.default_rng(0).permutation(len(own)) % FOLDS
    gained = 0.0
    for number in range(FOLDS):
        change = _fit_change(sums, own, weights * (fold != number)[:, None])
        left_out = fold == number
        added = np.tensordot(weights[left_out], change[:, :, target], axes=1)  # [series, label]
        rest = sums.rest(own)[left_out, :, target]
        explained = (sums.squares[left_out] @ added[:, :, None])[:, :, 0]
        gained += float((sums.weights[left_out, target, None] * added * (2 * rest - explained)).sum())
    return gained > MIN_GAIN * float((sums.weights * sums.total)[:, target].sum())


def _spread(coefficients: Array, labels: NDArray[np.int64], *, count: int) -> Array:
    """Coefficients [label, target] as [kind, covariate, target], 0 where no series has the feature."""
    every = np.zeros((KINDS * count, 2))
    every[labels] = coefficients
    return every.reshape(KINDS, count, 2)
