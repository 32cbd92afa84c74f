"""What covariates are worth: the same windows are forecast again without all of them, and without each column."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.encoding.encoding import LONGEST_PAST
from forecaster.encoding.explained_zeros import survey_zeros
from forecaster.evaluation.backtest import MODEL_NAME, Backtest, ModelScores, Progress
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.self_calibration import sample_windows

__all__ = ["MOST_COLUMNS", "Sample", "Worth", "WorthOfColumns", "measure_worth"]

MOST_COLUMNS = 10
"""With more columns, the forecasts without each of them would take too long."""
MOST_STEPS, ENOUGH_WINDOWS = 100_000, 64
"""Steps of the windows that are forecast without columns, unless these are few windows; of more a sample is taken."""
FEWEST_PAIRS = 4
"""Series, or cutoffs, from which it is said whether a difference is more than chance."""
SMALLEST_HARM = 0.001
"""Fraction of the score; a smaller difference is not worth any action."""


@dataclass(frozen=True)
class Sample:
    """The windows that worth is measured on: all of a backtest, unless they have too many steps.

    positions  [window]  of those that are in the sample
    cutoff_index  [window]  the numbers of their cutoffs
    of_windows    how many windows there are
    """

    positions: NDArray[np.int64]
    cutoff_index: NDArray[np.int64]
    of_windows: int

    @classmethod
    def of(cls, panel: Panel, index: WindowIndex, *, horizon: int) -> "Sample":
        """Of the windows `index`, which are from `roll_cutoffs`."""
        steps = int((np.minimum(index.cutoffs, LONGEST_PAST) + horizon).sum())
        most = len(index) * MOST_STEPS // max(steps, 1)
        positions = sample_windows(panel, index, most=max(most, ENOUGH_WINDOWS))
        return cls(positions, index.cutoff_index[positions], len(index))


@dataclass(frozen=True)
class WorthOfColumns:
    """Scores of the same windows without some `columns`.

    change     by how much the metric is higher without them, so above 0 where they help; None where it is undefined
    error      the standard error of this difference, over series or cutoffs; None where these are too few
    does_harm  whether the score is better without them by more than one standard error
    """

    columns: tuple[str, ...]
    overall: dict[str, float | None]
    change: float | None = None
    error: float | None = None
    does_harm: bool = False


@dataclass(frozen=True)
class Worth:
    """What covariates are worth on the windows of a backtest.

    metric   MASE, or WQL where that is undefined
    windows, of_windows  how many windows it is measured on, of how many that were there
    overall  the scores with all of them
    without  the scores without any, then without each column, unless there are more than MOST_COLUMNS
    harmful  the columns without which, together, the score is best; None where none does harm
    past     which columns are known for the past only
    """

    metric: str
    columns: tuple[str, ...]
    overall: dict[str, float | None]
    without: tuple[WorthOfColumns, ...]
    harmful: WorthOfColumns | None
    windows: int
    of_windows: int
    past: tuple[str, ...] = ()

    @property
    def harmful_columns(self) -> tuple[str, ...]:
        """The names of the columns that do harm."""
        return () if self.harmful is None else self.harmful.columns

    @property
    def sample(self) -> str:
        """What was measured, in words, where it is a sample; else nothing."""
        if self.windows == self.of_windows:
            return ""
        return f"on a sample of {self.windows:,} of the {self.of_windows:,} windows"

    def name(self, one: WorthOfColumns) -> str:
        """What the forecasts of one of `without` used, in words."""
        return "none" if one.columns == self.columns else f"without {', '.join(one.columns)}"

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "metric": self.metric,
            "windows": self.windows,
            "of_windows": self.of_windows,
            "columns": list(self.columns),
            "with_all": self.overall,
            "without": [
                {"columns": list(one.columns), **one.overall, "change": one.change, "standard_error": one.error}
                for one in self.without
            ],
            "harmful": list(self.harmful_columns),
        }


def measure_worth(
    panel: Panel,
    found: Backtest,
    forecaster: Forecaster,
    *,
    sample: Sample,
    bounds: Bounds | None = None,
    on_progress: Progress = lambda *_: None,
) -> Worth:
    """Forecast the windows of `found`, a backtest of `panel` with its covariates, with fewer columns of them.

    `found` has the windows of the `sample` alone, and `forecaster` made its forecasts. Its calibration is not made anew
    without each column: that would take most of the time, and leaves medians, and so MASE, as they are. A column that
    explains zeros does no harm: few windows may have shown any.
    """
    covariates = panel.covariates
    assert covariates is not None
    columns = covariates.list_columns()
    every = found.scores[MODEL_NAME]
    groups = (found.index.series, sample.cutoff_index)
    metric = "MASE" if every.overall["MASE"] is not None else "WQL"
    scored: dict[frozenset[str], ModelScores] = {frozenset(): every}

    def score(left_out: tuple[str, ...]) -> ModelScores:
        key = frozenset(left_out)
        if key not in scored:
            # those without each column, and a few more where some do harm
            on_progress(len(scored) / (len(scored) + 2), f"without {', '.join(left_out)}")
            reduced = replace(panel, covariates=covariates.without(key))
            scored[key] = _score_again(reduced, found, forecaster, bounds=bounds)
        return scored[key]

    def compare(left_out: tuple[str, ...], *, beside: tuple[str, ...] = ()) -> WorthOfColumns:
        return _compare(left_out, score(left_out), score(beside), groups, metric=metric)

    single = [(column,) for column in columns] if len(columns) <= MOST_COLUMNS else []
    without = [compare(left_out) for left_out in dict.fromkeys([columns, *single])]
    harmful: tuple[str, ...] = ()
    needed = survey_zeros(panel, encoding=forecaster.encoding).columns
    left = [one for one in without if one.does_harm and len(one.columns) == 1 and one.columns[0] not in needed]
    # of two columns that say the same, each is needed once the other is left out
    while left:
        worst = min(left, key=lambda one: one.change or 0.0)
        harmful = tuple(column for column in columns if column in worst.columns)
        others = dict.fromkeys(name for one in left for name in one.columns if name not in harmful)
        left = [one for name in others if (one := compare((*harmful, name), beside=harmful)).does_harm]
    worst_together = compare(harmful) if harmful else None
    past = tuple(dict.fromkeys(np.array(covariates.columns, object)[~covariates.is_known]))
    windows = len(found.index)
    return Worth(metric, columns, every.overall, tuple(without), worst_together, windows, sample.of_windows, past)


def _score_again(panel: Panel, found: Backtest, forecaster: Forecaster, *, bounds: Bounds | None) -> ModelScores:
    """Scores of the forecasts of `panel` on the windows of `found`, and by the same quantiles of them."""
    forecast = forecaster.forecast(panel, index=found.index, horizon=found.y_true.shape[1], bounds=bounds)
    quantiles = np.where(found.is_missing, np.nan, forecast.quantiles)
    again = replace(found, forecast=forecast, quantiles={MODEL_NAME: quantiles})
    return again.scores[MODEL_NAME]


def _compare(
    columns: tuple[str, ...],
    without: ModelScores,
    beside: ModelScores,
    kinds: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    metric: str,
) -> WorthOfColumns:
    """How much higher the metric is `without` some columns than `beside` them, with its paired standard error.

    `kinds` are the series and the cutoff of each window.
    """
    one, other = without.overall[metric], beside.overall[metric]
    if one is None or other is None:
        return WorthOfColumns(columns, without.overall)
    difference = without.per_window[metric] - beside.per_window[metric]
    known = ~np.isnan(difference)
    # the windows of a series are alike, and so are those of a cutoff: the larger number of groups is counted
    groups = max(kinds, key=lambda every: len(np.unique(every[known])))
    counts = np.bincount(groups[known])
    means = np.bincount(groups[known], weights=difference[known])[counts > 0] / counts[counts > 0]
    if len(means) < FEWEST_PAIRS:
        return WorthOfColumns(columns, without.overall, one - other)
    error = float(means.std(ddof=1) / np.sqrt(len(means)))
    does_harm = one - other < -SMALLEST_HARM * other and float(means.mean()) < -error
    return WorthOfColumns(columns, without.overall, one - other, error, does_harm)
