"""Assess trained weights on the held-out windows: keep them or the base model, calibrate, and score."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from forecaster.encoding.encoding import Encoding
from forecaster.evaluation.backtest import BASE_NAME, MODEL_NAME, Backtest, BacktestPlan, ModelScores, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import Calibration, find_cycle
from forecaster.forecasting.calibration_by_kind import calibrate_across_by_kind, fit_by_kind
from forecaster.forecasting.correlation import measure_correlation
from forecaster.forecasting.discrete_windows import make_windows_discrete
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.learning.correction import Corrected, correct_errors
from forecaster.learning.dataset import LearningData
from forecaster.learning.export import open_weights
from forecaster.learning.gate import choose_share
from forecaster.learning.learner import TensorWeights
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.stages import Learned
from forecaster.model.card import KeptCard
from forecaster.model.correction_card import CorrectionCard
from forecaster.settings import QUANTILE_LEVELS
from forecaster.windows import describe_history

__all__ = ["Assessed", "assess"]

UNBOUNDED = Bounds(allow_negative=True)


@dataclass(frozen=True)
class Assessed:
    """The weights that are kept, their encoding and calibration, and all scores on the held-out windows.

    `kept` is the share of what was learned; None where learning began from scratch. `correction` is that of the errors
    that are left, None where they cannot be foreseen, and `unread` are the windows for which it had no time.
    """

    learned: Learned
    encoding: Encoding
    calibration: Calibration | None
    calibration_of_totals: Calibration | None
    scores: dict[str, ModelScores]
    kept: KeptCard | None = None
    correction: CorrectionCard | None = None
    unread: int = 0


def assess(
    learned: Learned,
    *,
    data: LearningData,
    plan: TrainingPlan,
    base_weights: TensorWeights | None,
    seconds: float = math.inf,
    check: Callable[[], None] = lambda: None,
) -> Assessed:
    """Score `learned.chosen` on the held-out windows of `data`, which it was not trained on.

    `base_weights` are those of the base model if learning started from it. Then the weights are interpolated between
    these and the learned ones as `choose_share` says. The base model is kept, with its own encoding and calibration as
    in `--model base`, where that share is 0, or where the result has a higher MASE. Last, the errors of what is kept
    are corrected as far as they can be foreseen, which takes some `seconds` at the most, see `correct_errors`. `check`
    is called every few seconds, and may raise.
    """
    panel, before = data.panel, data.panel.lengths - data.held_out_steps
    found = _forecast_held_out(learned.chosen, data=data, plan=plan)
    check()
    correlation = measure_correlation(panel, horizon=data.horizon, season=found.season, ends=before)
    if base_weights is None:
        return _calibrate(learned, found, data=data, correlation=correlation, is_fair=False)
    kept = _weigh(learned, found, data=data, plan=plan, base_weights=base_weights, correlation=correlation)
    check()
    learned = _interpolate(base_weights, learned, share=kept.share)
    if 0 < kept.share < 1:
        found = _forecast_again(found, _open(learned.chosen, data=data, plan=plan), data=data)
    assessed = _calibrate(learned, found, data=data, correlation=correlation, is_fair=True)
    alone = open_base(panel, seasons=plan.seasons, pooled=data.encoding.pooled)
    alone = replace(alone, encoding=replace(alone.encoding, zero_at=data.encoding.zero_at))
    base = replace(alone, encoding=replace(alone.encoding, shared_year=data.encoding.shared_year))
    base_scores = _score_base(base, data=data)
    alone_scores = base_scores if data.encoding.shared_year is None else _score_base(alone, data=data)
    check()
    # the order of rows in the table
    scores = {MODEL_NAME: assessed.scores[MODEL_NAME], BASE_NAME: alone_scores, **assessed.scores}
    assessed, network = replace(assessed, scores=scores, kept=kept), None
    if kept.share == 0 or _is_worse(scores[MODEL_NAME], base_scores):
        by_past = calibrate_by_past(panel, base)
        learned = replace(learned, chosen=base_weights, final=base_weights, best_step=0)
        scores |= {MODEL_NAME: base_scores}
        calibrations = (by_past.calibration, by_past.calibration_of_totals)
        assessed = Assessed(learned, base.encoding, *calibrations, scores, replace(kept, share=0.0))
        network = base
    if not plan.corrects_errors:
        return assessed
    if network is None:
        network = _open(learned.chosen, data=data, plan=plan)
    else:
        found = _forecast_again(found, network, data=data)
    searched = correct_errors(network, found, data=data, correlation=correlation, seconds=seconds, check=check)
    assessed, corrected = replace(assessed, unread=searched.unread), searched.corrected
    return assessed if corrected is None else _correct(assessed, corrected, data=data, correlation=correlation)


def _correct(assessed: Assessed, corrected: Corrected, *, data: LearningData, correlation: float) -> Assessed:
    """`assessed` with a correction; calibration and scores are those of one not learned from the held-out windows."""
    better = _calibrate(assessed.learned, corrected.found, data=data, correlation=correlation, is_fair=True)
    scores = assessed.scores | {MODEL_NAME: better.scores[MODEL_NAME]}
    card = replace(corrected.card, without=assessed.calibration)
    return replace(better, scores=scores, kept=assessed.kept, correction=card, unread=assessed.unread)


def _score_base(base: Forecaster, *, data: LearningData) -> ModelScores:
    """Scores of the base model on the held-out windows, calibrated by the past before them."""
    calibrated = calibrate_by_past(data.panel, base, ends=data.panel.lengths - data.held_out_steps)
    plan = BacktestPlan(horizon=data.horizon, windows=data.held_out_windows)
    scores = backtest(data.panel, calibrated, plan).scores[MODEL_NAME]
    return replace(scores, is_calibrated=calibrated.calibration is not None)


def _forecast_held_out(weights: TensorWeights, *, data: LearningData, plan: TrainingPlan) -> Backtest:
    """Forecasts of the held-out windows, next to the baselines; neither bounded, as that follows the calibration."""
    backtest_plan = BacktestPlan(horizon=data.horizon, windows=data.held_out_windows)
    return backtest(data.panel, _open(weights, data=data, plan=plan), backtest_plan, bounds=UNBOUNDED)


def _open(weights: TensorWeights, *, data: LearningData, plan: TrainingPlan) -> Forecaster:
    """The network with these weights, without calibration."""
    return open_weights(weights, shape=plan.shape, encoding=data.encoding, horizon=data.horizon)


def _forecast_again(found: Backtest, network: Forecaster, *, data: LearningData) -> Backtest:
    """`found` with the forecasts of another `network`."""
    forecast = network.forecast(data.panel, index=found.index, horizon=data.horizon, bounds=UNBOUNDED)
    return replace(found, forecast=forecast, quantiles=found.quantiles | {MODEL_NAME: forecast.quantiles})


def _weigh(
    learned: Learned,
    found: Backtest,
    *,
    data: LearningData,
    plan: TrainingPlan,
    base_weights: TensorWeights,
    correlation: float,
) -> KeptCard:
    """The share of what was `learned` to keep; 0 without comparing anything where no step of it was better."""
    if learned.best_step == 0:
        index = found.index
        return KeptCard(0.0, 0.0, 0.0, len(np.unique(index.cutoff_index)), len(np.unique(index.series)))
    base = _forecast_again(found, _open(base_weights, data=data, plan=plan), data=data).forecast.quantiles
    return choose_share(base, found, correlation=correlation)


def _interpolate(base_weights: TensorWeights, learned: Learned, *, share: float) -> Learned:
    """`learned` with a `share` of the way from the base model's weights."""
    chosen, final = (
        {name: weight.lerp(weights[name], share) for name, weight in base_weights.items()}
        for weights in (learned.chosen, learned.final)
    )
    return replace(learned, chosen=chosen, final=final)


def _calibrate(learned: Learned, found: Backtest, *, data: LearningData, correlation: float, is_fair: bool) -> Assessed:
    """The weights with the scores of their forecasts `found`, and the calibration by these."""
    fitted = fit_by_kind(
        found.forecast, found.y_true, cutoff_index=found.index.cutoff_index, correlation=correlation, is_fair=is_fair
    )
    cycle = find_cycle(data.panel.calendar, horizon=data.horizon, period=data.encoding.periods[0])
    scores = _score_across(data, found, correlation=correlation, is_fair=is_fair)
    of_totals = None if fitted.totals is None else replace(fitted.totals, cycle=cycle)
    return Assessed(learned, data.encoding, replace(fitted.others, cycle=cycle), of_totals, scores)


def _is_worse(one: ModelScores, other: ModelScores) -> bool:
    """Whether `one` has the higher MASE, although its loss over all quantiles may be lower."""
    ours, theirs = one.overall["MASE"], other.overall["MASE"]
    return ours is not None and theirs is not None and ours > theirs


def _score_across(data: LearningData, found: Backtest, *, correlation: float, is_fair: bool) -> dict[str, ModelScores]:
    """Scores with the intervals of each cutoff calibrated by the others; uncalibrated where there is only one."""
    crossed = calibrate_across_by_kind(
        found.forecast, found.y_true, cutoff_index=found.index.cutoff_index, correlation=correlation, is_fair=is_fair
    )
    own = make_windows_discrete(
        found.forecast.quantiles if crossed is None else crossed,
        panel=data.panel,
        index=found.index,
        encoding=data.encoding,
        levels=QUANTILE_LEVELS,
    )
    bounded = {name: quantiles.copy() for name, quantiles in (found.quantiles | {MODEL_NAME: own}).items()}
    lowest_seen = describe_history(data.panel, found.index).lowest
    for quantiles in bounded.values():
        Bounds().apply(quantiles, lowest_seen=lowest_seen)
    scores = replace(found, quantiles=bounded).scores
    return scores | {MODEL_NAME: replace(scores[MODEL_NAME], is_calibrated=crossed is not None)}
