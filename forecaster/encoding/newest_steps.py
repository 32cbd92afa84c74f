"""Effects as the newest steps show them: what was learned from a whole past is learned on with less and less of it.

What a covariate does changes: a wind park is built, customers get used to a promotion. A regression on the whole past
has the mean of all that, and one on a short past knows too little. So the regression on the newest eighth begins with
the coefficients of the whole, and that on the newest sixteenth with those of the eighth: each is shrunk towards the one
before, by as much as predicts best the blocks of its own steps that it has not seen.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.block_ridge import TENTHS, Fitted, Season, fit_by_blocks, happened_once, number_blocks
from forecaster.encoding.free_series import FreeSeries, find_season

__all__ = ["learn_on"]

PARTS = (1 / 4, 1 / 8, 1 / 16)
"""The newest parts of a past, of which the shortest that are long enough are learned from, one after the other."""
USED = 2
MIN_STEPS, STEPS_PER_FEATURE = 200, 5
"""Fewest steps of such a part, in all and for each feature."""
PENALTIES = np.array([3e-2, 0.3, 3.0, 3000.0])
"""Penalties that are tried, relative to the mean variance of the features: the largest changes nothing."""


def learn_on(fitted: Fitted, features: Array, free: FreeSeries, lengths: NDArray[np.int64]) -> Fitted:
    """The regression `fitted` to `features` [batch, time, feature] of whole pasts, learned on with their newest steps.

    Features that changed only once within such a part keep the coefficients that they have.
    """
    coefficients = fitted.coefficients.copy()
    count = (features != 0).any(axis=1).sum(axis=1)
    needed = np.maximum(STEPS_PER_FEATURE * count, MIN_STEPS)
    newest = np.array([part * lengths for part in PARTS], dtype=np.int64)
    is_long = (newest >= needed) & (count > 0)  # [part, batch]
    is_used = is_long & (np.cumsum(is_long[::-1], axis=0)[::-1] <= USED)
    for steps, is_learned in zip(newest, is_used, strict=True):
        rows = np.flatnonzero(is_learned)
        if len(rows):
            coefficients[rows] = _learn_newest(
                coefficients[rows], features[rows], free.targets[rows], steps[rows], period=free.season.period
            )
    return replace(fitted, coefficients=coefficients)


def _learn_newest(
    coefficients: Array, features: Array, targets: Array, newest: NDArray[np.int64], *, period: int
) -> Array:
    """The `coefficients` [batch, feature, target], learned on with the `newest` [batch] steps."""
    time = int(newest.max())
    is_new = (np.arange(time, 0, -1) <= newest[:, None])[:, :, None]
    own, wanted = features[:, -time:] * is_new, targets[:, -time:] * is_new
    # what all cycles have of the season of older steps is no event
    tenths = number_blocks(newest, time=time, blocks=TENTHS)
    is_single = happened_once(own, tenths) | happened_once(
        own - find_season(own, is_new[:, :, 0], period=period), tenths
    )
    wanted = wanted - (own * is_single[:, None]) @ coefficients
    own = own * ~is_single[:, None]
    # the season has been removed with that of the whole past, in which a block has next to no part
    season = Season(1, np.zeros(own.shape[:2]), (own**2).sum(axis=1))
    blocks = number_blocks(newest, time=time)
    return fit_by_blocks(own, wanted, blocks, season, prior=coefficients, penalties=PENALTIES).coefficients
