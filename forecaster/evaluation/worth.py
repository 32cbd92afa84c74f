"""What covariates are worth: the same windows are forecast again without all of them, and without each column."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.explained_zeros import survey_zeros
from forecaster.evaluation.backtest import MODEL_NAME, Backtest, ModelScores, Progress
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecaster import Forecaster

__all__ = ["MOST_COLUMNS", "Worth", "WorthOfColumns", "measure_worth"]

MOST_COLUMNS = 10
"""With more columns, the forecasts without each of them would take too long."""
FEWEST_PAIRS = 4
"""Series, or cutoffs, from which it is said whether a difference is more than chance."""
SMALLEST_HARM = 0.001
"""Fraction of the score; a smaller difference is not worth any action."""


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
    overall  the scores with all of them
    without  the scores without any, then without each column, unless there are more than MOST_COLUMNS
    harmful  the columns without which, together, the score is best; None where none does harm
    """

    metric: str
    columns: tuple[str, ...]
    overall: dict[str, float | None]
    without: tuple[WorthOfColumns, ...]
    harmful: WorthOfColumns | None

    @property
    def harmful_columns(self) -> tuple[str, ...]:
        """The names of the columns that do harm."""
        return () if self.harmful is None else self.harmful.columns

    def name(self, one: WorthOfColumns) -> str:
        """What the forecasts of one of `without` used, in words."""
        return "none" if one.columns == self.columns else f"without {', '.join(one.columns)}"

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "metric": self.metric,
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
    prepare: Callable[[Panel], Forecaster],
    *,
    encoding: Encoding,
    bounds: Bounds | None = None,
    on_progress: Progress = lambda *_: None,
) -> Worth:
    """Forecast the windows of `found`, a backtest of `panel` with its covariates, with fewer columns of them.

    `prepare` gives the Forecaster for a panel with fewer covariates, `encoding` is that of the one with all. A column
    that explains zeros does no harm: few windows may have shown any.
    """
    covariates = panel.covariates
    assert covariates is not None
    columns = covariates.list_columns()
    every = found.scores[MODEL_NAME]
    metric = "MASE" if every.overall["MASE"] is not None else "WQL"
    scored: dict[frozenset[str], ModelScores] = {frozenset(): every}

    def score(left_out: tuple[str, ...]) -> ModelScores:
        key = frozenset(left_out)
        if key not in scored:
            # those without each column, and a few more where some do harm
            on_progress(len(scored) / (len(scored) + 2), f"without {', '.join(left_out)}")
            reduced = replace(panel, covariates=covariates.without(key))
            scored[key] = _score_again(reduced, found, prepare(reduced), bounds=bounds)
        return scored[key]

    def compare(left_out: tuple[str, ...], *, beside: tuple[str, ...] = ()) -> WorthOfColumns:
        return _compare(left_out, score(left_out), score(beside), found, metric=metric)

    single = [(column,) for column in columns] if len(columns) <= MOST_COLUMNS else []
    without = [compare(left_out) for left_out in dict.fromkeys([columns, *single])]
    harmful: tuple[str, ...] = ()
    needed = survey_zeros(panel, encoding=encoding).columns
    left = [one for one in without if one.does_harm and len(one.columns) == 1 and one.columns[0] not in needed]
    # of two columns that say the same, each is needed once the other is left out
    while left:
        worst = min(left, key=lambda one: one.change or 0.0)
        harmful = tuple(column for column in columns if column in worst.columns)
        others = dict.fromkeys(name for one in left for name in one.columns if name not in harmful)
        left = [one for name in others if (one := compare((*harmful, name), beside=harmful)).does_harm]
    return Worth(metric, columns, every.overall, tuple(without), compare(harmful) if harmful else None)


def _score_again(panel: Panel, found: Backtest, forecaster: Forecaster, *, bounds: Bounds | None) -> ModelScores:
    """Scores of the forecasts of `panel` on the windows of `found`, and on the same steps of them."""
    forecast = forecaster.forecast(panel, index=found.index, horizon=found.y_true.shape[1], bounds=bounds)
    is_missing = np.logical_or.reduce([np.isnan(every).any(axis=2) for every in found.quantiles.values()])
    y_true = np.where(is_missing, np.nan, found.y_true)
    again = replace(found, forecast=forecast, y_true=y_true, quantiles={MODEL_NAME: forecast.quantiles})
    return again.scores[MODEL_NAME]


def _compare(
    columns: tuple[str, ...], without: ModelScores, beside: ModelScores, found: Backtest, *, metric: str
) -> WorthOfColumns:
    """How much higher the metric is `without` some columns than `beside` them, with its paired standard error."""
    one, other = without.overall[metric], beside.overall[metric]
    if one is None or other is None:
        return WorthOfColumns(columns, without.overall)
    difference = without.per_window[metric] - beside.per_window[metric]
    known = ~np.isnan(difference)
    # the windows of a series are alike, and so are those of a cutoff: the larger number of groups is counted
    groups = max((found.index.series, found.index.cutoff_index), key=lambda every: len(np.unique(every[known])))
    counts = np.bincount(groups[known])
    means = np.bincount(groups[known], weights=difference[known])[counts > 0] / counts[counts > 0]
    if len(means) < FEWEST_PAIRS:
        return WorthOfColumns(columns, without.overall, one - other)
    error = float(means.std(ddof=1) / np.sqrt(len(means)))
    does_harm = one - other < -SMALLEST_HARM * other and float(means.mean()) < -error
    return WorthOfColumns(columns, without.overall, one - other, error, does_harm)
