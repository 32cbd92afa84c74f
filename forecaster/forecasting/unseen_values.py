"""Find values of covariates that the past has not shown, or in its newest steps alone: their effect is not known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.covariates import Covariates
from forecaster.encoding.covariate_basis import ROOM
from forecaster.forecasting.future import needed_steps

__all__ = ["Unseen", "find_unseen"]

NEWEST = 0.1
"""Share of the past that may be of a new level."""
FEWEST_BEFORE = 12
"""Values before a new level that it takes to tell."""


@dataclass(frozen=True)
class Unseen:
    """A covariate, and the series in which it has values that their pasts have not shown.

    With `is_constant` their pasts have a single value of it, with `is_blank` none, and the change has no effect. With
    `is_new` it came to a level in the newest steps that lies far from all before, as with a new unit. Else it lies so
    far outside of their range that it is taken for one nearer to it.
    """

    name: str
    series: NDArray[np.int64]
    is_constant: bool = False
    is_blank: bool = False
    is_new: bool = False


def find_unseen(
    covariates: Covariates, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int
) -> Iterator[Unseen]:
    """What is unseen of each covariate that is known ahead, in the forecasts after the cutoffs of `index`.

    New levels of all covariates come first.
    """
    if not len(index):
        return
    starts = covariates.offsets[index.series]
    for name, values in zip(covariates.names, covariates.values.T, strict=True):
        is_new = _come_to_new_level(values, starts, index.cutoffs)
        if is_new.any():
            yield Unseen(name, np.unique(index.series[is_new]), is_new=True)
    edges = np.stack([starts, starts + index.cutoffs], axis=1).ravel()
    series, steps = needed_steps(index, lead=lead, horizon=horizon)
    window = np.repeat(np.arange(len(index)), lead + horizon)
    ahead = covariates.take(series, steps)
    for number in np.flatnonzero(covariates.is_known):
        column = np.append(covariates.values[:, number], np.nan)
        lowest = np.minimum.reduceat(np.where(np.isnan(column), np.inf, column), edges)[::2]
        highest = np.maximum.reduceat(np.where(np.isnan(column), -np.inf, column), edges)[::2]
        is_constant, is_blank = lowest == highest, lowest > highest
        room = ROOM * np.where(is_constant | is_blank, 0.0, highest - lowest)
        below, above = (lowest - room)[window], (highest + room)[window]
        is_unseen = (ahead[:, number] < below) | (ahead[:, number] > above)
        for kind, is_kind in enumerate((is_blank, is_constant, ~is_blank & ~is_constant)):
            found = np.unique(series[is_unseen & is_kind[window]])
            if len(found):
                yield Unseen(covariates.names[number], found, is_constant=kind == 1, is_blank=kind == 0)


def _come_to_new_level(
    values: NDArray[np.float64], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pasts of `lengths`, from `starts` on, end at values further from all before than these are apart."""
    before = np.maximum((lengths * (1 - NEWEST)).astype(np.int64), 1)
    edges = np.stack([starts, starts + before], axis=1).ravel()
    filled = np.append(values, np.nan)
    lowest = np.minimum.reduceat(np.where(np.isnan(filled), np.inf, filled), edges)[::2]
    highest = np.maximum.reduceat(np.where(np.isnan(filled), -np.inf, filled), edges)[::2]
    last = values[np.minimum(starts + lengths, len(values)) - 1]
    # few pasts are looked at step by step; a column that had one value before is said to be constant
    is_far = (highest > lowest) & ~((last >= lowest) & (last <= highest)) & (lengths > FEWEST_BEFORE)
    found = np.zeros(len(lengths), bool)
    for place in np.flatnonzero(is_far):
        own = values[starts[place] : starts[place] + lengths[place]]
        known, count = own[~np.isnan(own)], int(np.count_nonzero(~np.isnan(own[before[place] :])))
        newest = known[len(known) - count :]
        is_outside = (newest < lowest[place]) | (newest > highest[place])
        run = int(np.logical_and.accumulate(is_outside[::-1]).sum())
        rest = known[: len(known) - run]
        if not run or len(rest) < FEWEST_BEFORE or len(np.unique(rest)) < 3:
            continue
        span = rest.max() - rest.min()
        found[place] = bool((known[-run:] > rest.max() + span).all() or (known[-run:] < rest.min() - span).all())
    return found
