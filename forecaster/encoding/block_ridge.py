"""Ridge regression by the penalty that predicts best the blocks of the past that it has not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["MIN_SHARE", "TENTHS", "Fitted", "Season", "fit_by_blocks", "happened_once", "number_blocks"]

BLOCKS = 5
TENTHS = 2 * BLOCKS
PENALTIES = np.array([3e-4, 3e-3, 3e-2, 0.3])
"""Penalties that are tried, relative to the mean variance of the features."""
PRIOR_PENALTIES = np.append(PENALTIES, [3.0, 30.0, 3000.0])
"""The same where coefficients are shrunk towards those of other series: the largest leaves these as they are."""
MIN_SHARE = 0.01
"""A smaller share is rounding."""
PRIOR_STEPS = 4.0
"""How sure a prior is: as if so many steps, with errors of the usual size, had confirmed its effect in full.

A past that says little for it or against it leaves it as it is."""
MIN_VARIATION = 0.1
"""A feature of which less than this fraction is left without the season, or outside of any fifth of the past, has no
effect: it is a season, or changed only once, and the level and the season that are removed are not exact near the
ends."""


def number_blocks(lengths: NDArray[np.int64], *, time: int, blocks: int = BLOCKS) -> NDArray[np.int64]:
    """The block of each step [batch, time], all of about the same length; -1 before the series begins."""
    within = np.arange(time) - (time - lengths[:, None])
    return np.where(within >= 0, within * blocks // np.maximum(lengths[:, None], 1), -1)


def happened_once(features: Array, tenths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether nearly all that a feature [batch, time, feature] varies is within two neighbouring tenths of the past.

    [batch, feature]; `tenths` [batch, time] as `number_blocks` numbers them. Through the season of other blocks, which
    it is part of, a single event would seem to predict them.
    """
    is_in = (tenths[:, None] == np.arange(TENTHS)[:, None]).astype(np.float64)  # [batch, tenth, time]
    sums = is_in @ features**2
    pairs = (sums[:, 1:] + sums[:, :-1]).max(axis=1)
    return np.asarray(pairs > (1 - MIN_VARIATION) * sums.sum(axis=1))


@dataclass(frozen=True)
class Fitted:
    """Coefficients [batch, feature, target], shrunk by the factor that is best for each target, what is predicted for
    steps of blocks that were left out [batch, time, target], that factor, and the share that this explains.
    """

    coefficients: Array
    left_out: Array
    share: Array
    shrinkage: Array


@dataclass(frozen=True)
class Season:
    """The season that was removed from features and targets: the mean of each of `period` phases.

    counts  [batch, time]     1 where a step has a value; 0 also for all steps of a row that still has its season
    sizes   [batch, feature]  the sums of squares of the features with their season
    """

    period: int
    counts: Array
    sizes: Array


@dataclass(frozen=True)
class _Products:
    """Sums of the products of each feature with all features and targets, [batch, feature, feature + target].

    own     of the steps of a block, without the season of all others
    others  of all other steps, without their own season
    """

    own: Array
    others: Array

    def of_own(self, coefficients: Array) -> tuple[Array, Array]:
        """The products of what `coefficients` [batch, feature, target] predict of a block with the targets, and with
        itself, [batch, target] each.
        """
        count = coefficients.shape[1]
        with_target = (coefficients * self.own[:, :, count:]).sum(axis=1)
        return with_target, (coefficients * (self.own[:, :, :count] @ coefficients)).sum(axis=1)


def fit_by_blocks(
    features: Array,
    targets: Array,
    blocks: NDArray[np.int64],
    season: Season,
    *,
    prior: Array | None = None,
    penalties: Array | None = None,
) -> Fitted:
    """Ridge regression of `targets` on `features` [batch, time, .], by the penalty that predicts other blocks best.

    A block that is left out is compared with the season of the others, in which it has no part. Coefficients are shrunk
    towards those of the `prior` [batch, feature, target], or towards 0. A prior that blocks neither confirm nor refute
    is kept, and so are its coefficients of features that do not vary in the past. `penalties` are those that are tried,
    from the smallest to the largest.
    """
    count = features.shape[2]
    total = (targets**2).sum(axis=1)  # [batch, target]
    every, products = _multiply(features, targets, blocks, season)
    if penalties is None:
        penalties = PENALTIES if prior is None else PRIOR_PENALTIES
    begin = np.zeros((len(features), count, targets.shape[2])) if prior is None else prior
    variances = np.diagonal(every[:, :, :count], axis1=1, axis2=2)
    mean_variance = (variances.sum(axis=1) / np.maximum((variances > 0).sum(axis=1), 1))[:, None, None]
    mean_variance = np.where(mean_variance > 0, mean_variance, 1.0)
    identity = np.eye(count)
    solved = []  # by penalty: coefficients without each block
    gains, explained = [], []
    for penalty in penalties:
        ridge = penalty * mean_variance * identity
        without = [begin + _solve_rest(one.others, begin, ridge) for one in products]
        fits = [one.of_own(coefficients) for one, coefficients in zip(products, without, strict=True)]
        gains.append(np.sum([gain for gain, _ in fits], axis=0))
        explained.append(np.sum([size for _, size in fits], axis=0))
        solved.append(without)
    gained, used = np.stack(gains), np.stack(explained)  # [penalty, batch, target]
    best = np.argmax(2 * gained - used, axis=0)  # [batch, target]: smallest squared error
    pick = best, np.arange(len(features))[:, None], np.arange(targets.shape[2])[None]
    chosen, size = gained[pick], used[pick]
    share = np.where(total > 0, (2 * chosen - size) / np.where(total > 0, total, 1.0), 0.0)
    is_worth_it = (share > MIN_SHARE) & (size > 0)
    shrinkage = np.where(is_worth_it, np.clip(chosen / np.where(size > 0, size, 1.0), 0.0, 1.0), 0.0)
    if prior is not None:
        best = np.where(is_worth_it, best, len(penalties) - 1)
        chosen, size = (np.where(is_worth_it, one, of_all[-1]) for one, of_all in ((chosen, gained), (size, used)))
        steps = np.maximum((blocks >= 0).sum(axis=1), 1)[:, None]
        sureness = PRIOR_STEPS * np.maximum(total - 2 * chosen + size, 0.0) / steps
        whole = sureness + size
        shrinkage = np.where(whole > 0, np.clip((chosen + sureness) / np.where(whole > 0, whole, 1.0), 0.0, 1.0), 1.0)
    left_out = np.zeros(targets.shape)
    for number in range(BLOCKS):
        by_penalty = np.stack([without[number] for without in solved])  # [penalty, batch, feature, target]
        one = np.take_along_axis(by_penalty, best[None, :, None, :], axis=0)[0]
        around = _find_steps(blocks, number)
        left_out[:, around] += (features[:, around] @ (one * shrinkage[:, None])) * (blocks[:, around] == number)[
            ..., None
        ]
    ridges = penalties[best][:, None, None, :] * identity[None, :, :, None] * mean_variance[..., None]
    final = begin + np.stack(
        [
            _solve_rest(every[:, :, [*range(count), count + target]], begin[:, :, target, None], ridges[..., target])[
                ..., 0
            ]
            for target in range(targets.shape[2])
        ],
        axis=2,
    )
    is_learned = np.diagonal(every[:, :, :count], axis1=1, axis2=2) > 0
    final *= np.where(is_learned[:, :, None], shrinkage[:, None], 1.0)
    return Fitted(final, left_out, np.clip(share, 0.0, 1.0), shrinkage)


def _multiply(
    features: Array, targets: Array, blocks: NDArray[np.int64], season: Season
) -> tuple[Array, list[_Products]]:
    """The products of all steps, and those of each block and of the others.

    The values of a phase sum up to 0. So the mean of the other blocks, by which all of them are too high without the
    season of the block, is the sum of the block, divided by how many the others are, with the other sign.
    """
    period, count = season.period, features.shape[2]
    squares, sums, counts = [], [], []
    for number in range(BLOCKS):
        steps = _find_steps(blocks, number)
        around = slice(steps.start // period * period, steps.stop)  # whole seasons
        is_own = (blocks[:, around] == number)[:, :, None]
        own = np.concatenate([features[:, around], targets[:, around]], axis=2) * is_own
        squares.append(own[:, :, :count].transpose(0, 2, 1) @ own)
        sums.append(_add_up_phases(own, period=period))
        counts.append(_add_up_phases(season.counts[:, around, None] * is_own, period=period))
    every, steps_of_phase = np.sum(squares, axis=0), np.sum(counts, axis=0)
    products = []
    for square, total, own_count in zip(squares, sums, counts, strict=True):
        other_count = steps_of_phase - own_count
        lacked = np.where(other_count > 0, total / np.maximum(other_count, 1), 0.0)  # what the mean of the others lacks
        turned = lacked[:, :, :count].transpose(0, 2, 1)
        own = square + turned @ (lacked * (2 * other_count + own_count))
        others = every - square - turned @ (lacked * other_count)
        products.append(_Products(own, _forget(others, sizes=season.sizes)))
    return _forget(every, sizes=season.sizes), products


def _find_steps(blocks: NDArray[np.int64], number: int) -> slice:
    """From the first to the last step of a block in any row; pasts of fewer steps than blocks lack some of these."""
    steps = np.flatnonzero((blocks == number).any(axis=0))
    return slice(int(steps[0]), int(steps[-1]) + 1) if len(steps) else slice(0, 0)


def _forget(products: Array, *, sizes: Array) -> Array:
    """`products` [batch, feature, feature + target] without features that hardly vary, compared with their `sizes`."""
    count = sizes.shape[1]
    is_learned = np.diagonal(products[:, :, :count], axis1=1, axis2=2) > MIN_VARIATION * sizes
    left = products * is_learned[:, :, None]
    left[:, :, :count] *= is_learned[:, None]
    return left


def _add_up_phases(values: Array, *, period: int) -> Array:
    """Sums of `values` [batch, time, column] over the steps of each phase: [batch, period, column]."""
    padded = np.pad(values, ((0, 0), (0, -values.shape[1] % period), (0, 0)))
    return np.asarray(padded.reshape(len(values), -1, period, values.shape[2]).sum(axis=1))


def _solve_rest(products: Array, begin: Array, ridge: Array) -> Array:
    """What is to be added to the coefficients `begin` [batch, feature, target], by the `products` of all of them."""
    count = begin.shape[1]
    squares = products[:, :, :count]
    rest = products[:, :, count:] - squares @ begin if begin.any() else products[:, :, count:]
    return np.asarray(np.linalg.solve(squares + ridge, rest))
