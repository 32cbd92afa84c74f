"""How far the level of a series has shifted since the cycles that a regression has learned from."""

import numpy as np

from forecaster.arrays import Array, find_median

__all__ = ["measure_level_shift"]

NORMAL_DEVIATION = 1.4826
"""Standard deviation of a normal distribution, in median absolute deviations."""


def measure_level_shift(errors: Array, *, newest: int) -> Array:
    """How far the `newest` of the mean `errors` [batch, cycle] lie on one side, in usual errors: [batch].

    About 1 for errors that are independent of each other. The one that is furthest off does not count: a single odd day
    is no new level. 0 where no errors before the newest are known, or these are 0.
    """
    before, latest = errors[:, :-newest], np.nan_to_num(errors[:, -newest:])
    usual = np.nan_to_num(NORMAL_DEVIATION * find_median(np.abs(before)))
    furthest = np.take_along_axis(latest, np.abs(latest).argmax(axis=1)[:, None], axis=1)[:, 0]
    distance = np.abs(latest.sum(axis=1) - furthest) / np.sqrt(newest - 1)
    return np.where(usual > 0, distance / np.where(usual > 0, usual, 1.0), 0.0)
