"""Correlation of the errors at one cutoff, and the effective number of independent errors that it leaves."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import average
from forecaster.cutoffs import roll_cutoffs
from forecaster.data.panel import Panel, hash_names
from forecaster.windows import cut_truth, cut_windows

__all__ = ["MAX_CUTOFFS", "choose_measured", "correlate_within", "count_effective", "measure_correlation"]

MAX_CUTOFFS, MAX_SERIES = 16, 200
LARGEST_ERROR = 4.0
"""Errors are clipped at this many mean errors of their series, so that no broken value dominates a whole cutoff."""
USUAL_CORRELATION = 0.05
"""The mean over the files of `benchmarks/README.md`; it counts as one cutoff in addition to those measured."""


def measure_correlation(panel: Panel, *, horizon: int, season: int, ends: NDArray[np.int64] | None = None) -> float:
    """Mean correlation of absolute errors at the same cutoff, over all pairs of steps and series: 0 to 1.

    Measured on the seasonal naive forecast, which has errors at many cutoffs of any history; a model has them only
    where it was not trained. Steps from `ends` [series] on are not used (default: the whole history is). At most
    16 cutoffs of 200 series, sampled by a hash of their names, are used.
    """
    ends = panel.lengths if ends is None else ends
    is_sampled = np.zeros(len(panel), bool)
    is_sampled[choose_measured(panel)] = True
    index = roll_cutoffs(
        panel, horizon=horizon, windows=MAX_CUTOFFS, step=horizon, min_past=season, ends=np.where(is_sampled, ends, 0)
    )
    if not len(index):
        return USUAL_CORRELATION
    past = cut_windows(panel, index=index, past_length=season).past
    error = np.abs(cut_truth(panel, index=index, horizon=horizon) - past[:, np.arange(horizon) % season])
    _, series = np.unique(index.series, return_inverse=True)
    known = ~np.isnan(error)
    counts = np.bincount(series, known.sum(axis=1))
    scale = np.bincount(series, np.where(known, error, 0.0).sum(axis=1)) / np.maximum(counts, 1)
    size = np.minimum(error / np.where(scale > 0, scale, np.nan)[series, None], LARGEST_ERROR)
    size -= average(size.ravel(), axis=0)
    return correlate_within(size, index.cutoff_index)


def choose_measured(panel: Panel) -> NDArray[np.int64]:
    """The numbers of the series, at most 200, whose correlation is measured."""
    return np.argsort(hash_names(panel), kind="stable")[:MAX_SERIES]


def correlate_within(
    values: NDArray[np.float64], cutoff_index: NDArray[np.int64], *, usual: float = USUAL_CORRELATION
) -> float:
    """Mean correlation of pairs of `values` [window, time], of mean 0, at the same cutoff.

    `usual` counts as the correlation at one more cutoff; it is the result where none can be measured.
    """
    known = ~np.isnan(values)
    counts = np.bincount(cutoff_index, known.sum(axis=1))
    sums = np.bincount(cutoff_index, np.where(known, values, 0.0).sum(axis=1))
    cutoffs, squares = int((counts > 0).sum()), float((values[known] ** 2).sum())
    pairs = float((counts * (counts - 1)).sum())
    if cutoffs < 2 or pairs == 0 or squares == 0:
        return usual
    # the mean took one degree of freedom
    covariance = ((sums**2).sum() * cutoffs / (cutoffs - 1) - squares) / pairs
    measured = float(np.clip(covariance / (squares / counts.sum()), 0.0, 1.0))
    return ((cutoffs - 1) * measured + usual) / cutoffs


def count_effective(y_true: NDArray[np.float64], cutoff_index: NDArray[np.int64], *, correlation: float) -> float:
    """Effective number of independent errors at the known steps of `y_true` [window, time].

    Kish's design effect: n / (1 + (m − 1) ρ) for n steps, m of each cutoff, whose errors have the `correlation` ρ.
    """
    counts = np.bincount(cutoff_index, (~np.isnan(y_true)).sum(axis=1))
    total = float(counts.sum())
    per_cutoff = float((counts**2).sum()) / total if total else 1.0
    return total / (1 + (per_cutoff - 1) * correlation)
