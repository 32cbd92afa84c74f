"""Backtest: forecast from past cutoffs, and compare the model and the baselines with the observed values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex, roll_cutoffs
from forecaster.data.panel import Panel, find_season
from forecaster.errors import DataError
from forecaster.evaluation.baselines import BASELINES, INCREMENTS_NAME, ZERO_NAME, forecast_increments
from forecaster.evaluation.metrics import (
    measure_coverage,
    measure_overall,
    measure_point,
    measure_windows,
    seasonal_error,
)
from forecaster.evaluation.pace import Pace
from forecaster.evaluation.statistical import check_statistical, forecast_statistical
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.local_clock import follow_local_clock
from forecaster.limits import check_fields, check_steps
from forecaster.model.card import ScoreCard
from forecaster.settings import BASELINE_SECONDS
from forecaster.windows import Windows, cut_truth, cut_windows, describe_history

__all__ = [
    "BASE_NAME",
    "MODEL_NAME",
    "Backtest",
    "BacktestPlan",
    "ModelScores",
    "backtest",
    "compare",
    "find_best_baseline",
    "measure_skill",
]

MODEL_NAME, BASE_NAME = "forecast", "base model"
"""Names in tables of scores: the model, and the base model that it was fine-tuned from."""
BATCH_STEPS = 1_000_000
"""Maximum steps of past and horizon in one batch, which limits the memory."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class BacktestPlan:
    """Cutoffs of a backtest, and the baselines to compare with.

    horizon      steps; None for the model's own
    windows      cutoffs of each series, the newest `horizon` steps before its end
    step         steps between them; None for the horizon
    mase_season  steps of the season of MASE and the seasonal naive forecast; None for the main season
    baselines    names of statsforecast's models, such as "AutoETS"; simple baselines are always there
    baseline_seconds  seconds after which any of these models is given up and left out; None for no limit
    worth        whether to measure what covariates are worth
    """

    horizon: int | None = None
    windows: int = 1
    step: int | None = None
    mase_season: int | None = None
    baselines: tuple[str, ...] = ()
    baseline_seconds: float | None = BASELINE_SECONDS
    worth: bool = True

    def __post_init__(self) -> None:
        for name in ("horizon", "windows", "step", "mase_season"):
            check_steps(name, getattr(self, name))
        check_fields(self)
        check_statistical(self.baselines)


@dataclass(frozen=True)
class ModelScores:
    """Scores of one model: `overall`, of each window [window], and the coverage of intervals by nominal coverage.

    `is_calibrated` is False where the scored intervals are those before calibration. `is_mostly_zero` says that most
    of the observed values are zero, or most of the medians: then errors of the median reward forecasts of zeros.
    """

    overall: dict[str, float | None]
    per_window: dict[str, NDArray[np.float64]]
    coverage: dict[float, float | None]
    is_calibrated: bool = True
    is_mostly_zero: bool = False

    def as_card(self) -> ScoreCard:
        """The part that is saved in a model card."""
        coverage = {f"{nominal:g}": measured for nominal, measured in self.coverage.items()}
        return ScoreCard(self.overall, coverage, self.is_calibrated, self.is_mostly_zero)


@dataclass(frozen=True)
class Backtest:
    """Quantiles of the model and the baselines, and the observed values.

    y_true         [window, horizon]          NaN where unknown
    quantiles      {name: [window, horizon, level]}, the model first
    absolute_scale [window] and squared_scale [window], the denominators of MASE and RMSSE
    given_up       names of baselines that took too long
    """

    index: WindowIndex
    season: int
    forecast: Forecast
    y_true: NDArray[np.float64]
    quantiles: dict[str, NDArray[np.float64]]
    absolute_scale: NDArray[np.float64]
    squared_scale: NDArray[np.float64]
    given_up: tuple[str, ...] = ()

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        """Which quantiles some model lacks, [window, horizon, level]; without a median there is none to compare."""
        found = np.logical_or.reduce([np.isnan(every) for every in self.quantiles.values()])
        return np.asarray(found | found[:, :, [self.forecast.levels.index(0.5)]])

    @cached_property
    def scores(self) -> dict[str, ModelScores]:
        """Scores of all windows, by model name."""
        return self.score(np.ones(len(self.index), bool))

    def take(self, windows: NDArray[np.int64]) -> "Backtest":
        """Some of the windows; what else is known of their `forecast` stays that of all of them."""
        return replace(
            self,
            index=self.index[windows],
            y_true=self.y_true[windows],
            quantiles={name: every[windows] for name, every in self.quantiles.items()},
            absolute_scale=self.absolute_scale[windows],
            squared_scale=self.squared_scale[windows],
        )

    @cached_property
    def mean_scores(self) -> dict[str, float | None]:
        """Bias, as a fraction, and RMSE, in units of the data, of the model's mean, and of its median beside it."""
        bias, error = measure_point(self.y_true, self.forecast.mean)
        median_bias, median_error = measure_point(self.y_true, self.forecast.median)
        return {"bias": bias, "RMSE": error, "median_bias": median_bias, "median_RMSE": median_error}

    def score(self, windows: NDArray[np.bool_]) -> dict[str, ModelScores]:
        """Scores by model name, of these `windows` [window].

        On the steps whose median every model has forecast, and of each of them by the quantiles that all have: a past
        that hardly ever changed has no intervals of 99%, and all others.
        """
        levels, middle = self.forecast.levels, self.forecast.levels.index(0.5)
        is_missing = self.is_missing[windows]
        y_true = np.where(is_missing[:, :, middle], np.nan, self.y_true[windows])
        scores = {}
        for name, every in self.quantiles.items():
            quantiles = np.where(is_missing, np.nan, every[windows])
            per_window = measure_windows(
                y_true,
                quantiles,
                levels=levels,
                absolute_scale=self.absolute_scale[windows],
                squared_scale=self.squared_scale[windows],
            )
            overall = measure_overall(y_true, quantiles, levels=levels, per_window=per_window)
            scores[name] = ModelScores(
                overall,
                per_window,
                measure_coverage(y_true, quantiles, levels=levels),
                is_mostly_zero=_is_mostly_zero(y_true, quantiles[:, :, levels.index(0.5)]),
            )
        return scores


def _is_mostly_zero(y_true: NDArray[np.float64], median: NDArray[np.float64]) -> bool:
    """Whether more than half of the known values, or of the medians beside them, are zero."""
    known = ~np.isnan(y_true)
    return any(2 * int((every[known] == 0).sum()) > int(known.sum()) for every in (y_true, median))


def find_best_baseline(scores: Mapping[str, ModelScores | ScoreCard]) -> tuple[str, str]:
    """The baseline with the lowest MASE, and that metric's name; WQL or WAPE where no MASE is defined.

    Where the model's values or medians are mostly zero, WQL comes first.
    """
    rivals = {name: model.overall for name, model in scores.items() if name not in (MODEL_NAME, BASE_NAME)}
    is_mostly_zero = MODEL_NAME in scores and scores[MODEL_NAME].is_mostly_zero
    for metric in ("WQL", "MASE", "WAPE") if is_mostly_zero else ("MASE", "WQL", "WAPE"):
        scored = {name: value for name, overall in rivals.items() if (value := overall[metric]) is not None}
        if scored:
            return min(scored, key=scored.__getitem__), metric
    return next(iter(rivals)), "MASE"


def measure_skill(scores: Mapping[str, ModelScores | ScoreCard]) -> float | None:
    """By which fraction the model's score is lower than the best baseline's; None where undefined."""
    rival, metric = find_best_baseline(scores)
    own, best = scores[MODEL_NAME].overall[metric], scores[rival].overall[metric]
    return None if own is None or not best else 1 - own / best


def backtest(
    panel: Panel,
    forecaster: Forecaster,
    plan: BacktestPlan,
    *,
    bounds: Bounds | None = None,
    on_progress: Progress = lambda *_: None,
) -> Backtest:
    """Forecast from the cutoffs of `plan` and score the forecasts; `bounds` apply to the baselines as well.

    Raises DataError when no series is long enough to hold out the horizon.
    """
    horizon, bounds = plan.horizon or forecaster.horizon, bounds or Bounds()
    season = plan.mase_season or find_season(panel, periods=forecaster.encoding.periods)
    index = roll_cutoffs(panel, horizon=horizon, windows=plan.windows, step=plan.step or horizon, min_past=1)
    if not len(index):
        longest = int(panel.lengths.max(initial=0))
        raise DataError(
            f"Too little to score: the longest series has {longest} {'step' if longest == 1 else 'steps'}, but "
            f"{horizon + 1} are needed: one to look back on and {horizon}, the horizon, to hold out. Give more history"
            + (f", or --horizon {longest - 1}." if longest > 1 else ".")
        )
    forecast = forecaster.forecast(panel, index=index, horizon=horizon, bounds=bounds)
    return compare(panel, forecast, plan, season=season, bounds=bounds, on_progress=on_progress)


def compare(
    panel: Panel,
    forecast: Forecast,
    plan: BacktestPlan,
    *,
    season: int,
    bounds: Bounds | None = None,
    on_progress: Progress = lambda *_: None,
) -> Backtest:
    """A `forecast` from past cutoffs of `panel`, next to the baselines of `plan` from there, and what came."""
    index, horizon, bounds = forecast.index, forecast.quantiles.shape[1], bounds or Bounds()
    y_true = cut_truth(panel, index=index, horizon=horizon)
    quantiles = {name: np.empty_like(forecast.quantiles) for name in BASELINES}
    if (y_true == 0).any():
        quantiles[ZERO_NAME] = np.zeros_like(forecast.quantiles)
    baselines, is_total = BASELINES, np.zeros(len(index), bool) if forecast.is_total is None else forecast.is_total
    if is_total.any():
        baselines = BASELINES | {INCREMENTS_NAME: forecast_increments}
        quantiles[INCREMENTS_NAME] = np.empty_like(forecast.quantiles)
    absolute, squared = np.empty(len(index)), np.empty(len(index))
    # the seasons of the baselines follow the local clock, as those of the model do
    wanted = np.broadcast_to(np.arange(horizon), (len(index), horizon))
    local, local_index, wanted = follow_local_clock(panel, index, wanted=wanted)
    ahead = int(wanted.max()) + 1
    for chosen, batch in _iterate_pasts(local, index=local_index, horizon=ahead):
        absolute[chosen], squared[chosen] = seasonal_error(batch.past, season=season)
        for name, baseline in baselines.items():
            every = baseline(batch.past, horizon=ahead, season=season, levels=forecast.levels)
            quantiles[name][chosen] = np.take_along_axis(every, wanted[chosen, :, None], axis=1)
    if INCREMENTS_NAME in quantiles:
        quantiles[INCREMENTS_NAME][~is_total] = quantiles["SeasonalNaive"][~is_total]
    given_up = []
    for number, name in enumerate(plan.baselines):
        filled, pace = np.full_like(forecast.quantiles, np.nan), Pace(plan.baseline_seconds)
        for chosen, pasts in _iterate_parts(local, pace, index=local_index, horizon=ahead):
            on_progress((1 + number + pace.done / len(index)) / (1 + len(plan.baselines)), name)
            if pace.is_over:
                given_up.append(name)
                break
            found = forecast_statistical(pasts, names=(name,), horizon=ahead, season=season, levels=forecast.levels)
            filled[chosen] = np.take_along_axis(found[name], wanted[chosen, :, None], axis=1)
        else:
            quantiles[name] = filled
    lowest_seen = describe_history(panel, index).lowest
    for every in quantiles.values():
        bounds.apply(every, lowest_seen=lowest_seen)
    quantiles = {MODEL_NAME: forecast.quantiles, **quantiles}
    return Backtest(index, season, forecast, y_true, quantiles, absolute, squared, tuple(given_up))


def _iterate_parts(
    panel: Panel, pace: Pace, *, index: WindowIndex, horizon: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Positions in `index` of a few windows at that pace, and their pasts."""
    for chosen, batch in _iterate_pasts(panel, index=index, horizon=horizon):
        for part in pace.divide(len(chosen)):
            yield chosen[part], batch.past[part]


def _iterate_pasts(panel: Panel, *, index: WindowIndex, horizon: int) -> Iterator[tuple[NDArray[np.int64], Windows]]:
    """Windows with all of their past, in batches of at most BATCH_STEPS, and their positions in `index`.

    Pasts of similar length share a batch, as all are padded to the longest.
    """
    longest_first = np.argsort(-index.cutoffs, kind="stable")
    begin = 0
    while begin < len(index):
        longest = int(index.cutoffs[longest_first[begin]])
        chosen = longest_first[begin : begin + max(1, BATCH_STEPS // (longest + horizon))]
        yield chosen, cut_windows(panel, index=index[chosen], past_length=longest)
        begin += len(chosen)
