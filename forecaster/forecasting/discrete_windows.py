"""Exact zeros and whole numbers in quantiles that were forecast without them, as those of held-out windows are."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.forecasting.local_clock import follow_local_clock
from forecaster.forecasting.repeated_values import estimate_repeats, keep_repeats
from forecaster.forecasting.zeros import estimate_zeros, make_discrete
from forecaster.windows import describe_history, iterate_windows

__all__ = ["make_windows_discrete"]

BATCH_STEPS = 1_000_000
"""Maximum steps of past and horizon in one batch, which limits the memory."""


def make_windows_discrete(
    quantiles: NDArray[np.float64],
    *,
    panel: Panel,
    index: WindowIndex,
    encoding: Encoding,
    levels: tuple[float, ...],
) -> NDArray[np.float64]:
    """`quantiles` [window, horizon, level] after the cutoffs of `index`, as `Forecaster.forecast` would write them.

    That is before bounds: with a point mass at zero where the past of a window is intermittent, and whole numbers where
    it is of small counts.
    """
    horizon = np.broadcast_to(np.arange(quantiles.shape[1]), quantiles.shape[:2])
    local, local_index, wanted = follow_local_clock(panel, index, wanted=horizon)
    past_length = encoding.reach_into(int(local_index.cutoffs.max(initial=0)))
    ahead = int(wanted.max(initial=0)) + 1
    lowest = describe_history(panel, index).lowest
    result = quantiles.copy()
    for chosen, windows in iterate_windows(
        local,
        index=local_index,
        past_length=past_length,
        batch_size=max(1, BATCH_STEPS // (past_length + ahead)),
        horizon=ahead,
    ):
        windows = leave_out_explained_zeros(windows, encoding=encoding, horizon=ahead)
        past = np.where(lowest[chosen, None] >= 0, windows.past, np.nan)
        zeros = estimate_zeros(past, windows.lengths, periods=encoding.periods, horizon=ahead)
        zeros = replace(
            zeros,
            probability=np.take_along_axis(zeros.probability, wanted[chosen], axis=1),
            mean=np.take_along_axis(zeros.mean, wanted[chosen], axis=1),
        )
        repeats = estimate_repeats(windows, periods=encoding.periods, horizon=ahead)
        probability = np.take_along_axis(repeats.probability, wanted[chosen], axis=1)
        kept = keep_repeats(quantiles[chosen], replace(repeats, probability=probability), levels=levels)
        result[chosen] = make_discrete(kept, past, zeros, levels=levels).quantiles
        if windows.is_zero is not None:
            is_zero = np.take_along_axis(windows.is_zero, wanted[chosen], axis=1)
            result[chosen] = np.where(is_zero[:, :, None], 0.0, result[chosen])
    return result
