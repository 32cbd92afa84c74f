"""Find values of covariates on the steps to forecast that the past has not shown, so that their effect is not known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.covariates import Covariates
from forecaster.encoding.covariate_basis import ROOM
from forecaster.forecasting.future import needed_steps

__all__ = ["Unseen", "find_unseen"]


@dataclass(frozen=True)
class Unseen:
    """A covariate, and the series in which it has values that their pasts have not shown.

    With `is_constant` their pasts have a single value of it, with `is_blank` none, and the change has no effect. Else
    it lies so far outside of their range that it is taken for one nearer to it.
    """

    name: str
    series: NDArray[np.int64]
    is_constant: bool
    is_blank: bool = False


def find_unseen(
    covariates: Covariates, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int
) -> Iterator[Unseen]:
    """What is unseen of each covariate that is known ahead, in the forecasts after the cutoffs of `index`."""
    if not len(index):
        return
    starts = covariates.offsets[index.series]
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
