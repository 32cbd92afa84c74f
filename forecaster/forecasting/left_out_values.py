"""Find the values of covariates that encoding takes for typing errors and leaves out, so that users hear of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.bounding import leave_out_outliers
from forecaster.encoding.encoding import Encoding
from forecaster.windows import cut_windows

__all__ = ["LeftOut", "find_left_out"]

MOST_CELLS = 2_000_000
"""Steps times covariates of the windows that are looked at at once."""


@dataclass(frozen=True)
class LeftOut:
    """The `values` of a column that are left out of the past, at `steps` from the start of their `series`: [value]."""

    column: str
    series: NDArray[np.int64]
    steps: NDArray[np.int64]
    values: NDArray[np.float64]


def find_left_out(
    panel: Panel, index: WindowIndex, *, lead: NDArray[np.int64], horizon: int, encoding: Encoding
) -> Iterator[LeftOut]:
    """What is left out of each column in the forecasts after the cutoffs of `index`, every value once.

    `lead` [window] is how many steps after each cutoff are passed over.
    """
    covariates = panel.covariates
    if covariates is None or not len(covariates) or not len(index):
        return
    ahead = int(lead.max()) + horizon
    time = encoding.reach_into(int(index.cutoffs.max()))
    together = max(1, MOST_CELLS // ((time + ahead) * len(covariates)))
    found = [np.zeros((0, 3), np.int64)]
    for begin in range(0, len(index), together):
        own = index[begin : begin + together]
        windows = cut_windows(panel, index=own, past_length=time, horizon=ahead)
        assert windows.covariates is not None
        for shown, rows in encoding.split(windows.lengths):
            reach = min(shown.past_length, time)
            given = windows.covariates.values[rows, time - reach :]
            left = leave_out_outliers(given, time=reach)
            if left is given:
                continue
            row, step, feature = np.nonzero(np.isnan(left) & ~np.isnan(given))
            steps = own.cutoffs[rows[row]] - reach + step
            found.append(np.stack([feature, own.series[rows[row]], steps], axis=1))
    distinct = np.unique(np.concatenate(found), axis=0)
    columns = np.array(covariates.columns, object)[distinct[:, 0]]
    for column in dict.fromkeys(columns):
        feature, series, steps = distinct[columns == column].T
        values = covariates.values[covariates.offsets[series] + steps, feature]
        yield LeftOut(column, series, steps, values)
