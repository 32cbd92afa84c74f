"""Assess trained weights on the held-out windows: keep them or the base model, calibrate, and score."""

from dataclasses import dataclass, replace

from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.evaluation.backtest import BASE_NAME, MODEL_NAME, Backtest, BacktestPlan, ModelScores, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.calibration import Calibration, calibrate_across, fit_to_cutoffs
from forecaster.forecasting.correlation import measure_correlation
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.learning.dataset import LearningData
from forecaster.learning.export import open_weights
from forecaster.learning.learner import TensorWeights
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.stages import Learned
from forecaster.settings import QUANTILE_LEVELS
from forecaster.windows import describe_history

__all__ = ["Assessed", "assess"]


@dataclass(frozen=True)
class Assessed:
    """The weights that are kept, their encoding and calibration, and all scores on the held-out windows."""

    learned: Learned
    encoding: Encoding
    calibration: Calibration | None
    scores: dict[str, ModelScores]


def assess(learned: Learned, *, data: LearningData, plan: TrainingPlan, base_weights: TensorWeights | None) -> Assessed:
    """Score `learned.chosen` on the held-out windows of `data`, which it was not trained on.

    `base_weights` are those of the base model if learning started from it. The base model is kept, with its own
    encoding and calibration as in `--model base`, where no learned weights have a lower loss, or where the chosen ones
    have a higher MASE.
    """
    panel, horizon, windows = data.panel, data.horizon, data.held_out_windows
    forecaster = open_weights(learned.chosen, shape=plan.shape, encoding=data.encoding, horizon=horizon)
    # bounds are applied after the calibration
    found = backtest(
        panel, forecaster, BacktestPlan(horizon=horizon, windows=windows), bounds=Bounds(allow_negative=True)
    )
    before = panel.lengths - data.held_out_steps
    correlation = measure_correlation(panel, horizon=horizon, season=found.season, ends=before)
    scores = _score_across(panel, found, correlation=correlation, is_fair=base_weights is not None)
    if base_weights is not None:
        base = open_base(panel, seasons=plan.seasons)
        calibrated = calibrate_by_past(panel, base, ends=before)
        base_scores = backtest(panel, calibrated, BacktestPlan(horizon=horizon, windows=windows)).scores[MODEL_NAME]
        base_scores = replace(base_scores, is_calibrated=calibrated.calibration is not None)
        # the order of rows in the table
        scores = {MODEL_NAME: scores[MODEL_NAME], BASE_NAME: base_scores, **scores}
        if learned.best_step == 0 or _is_worse(scores[MODEL_NAME], base_scores):
            calibration = calibrate_by_past(panel, base).calibration
            learned = replace(learned, chosen=base_weights, final=base_weights, best_step=0)
            return Assessed(learned, base.encoding, calibration, scores | {MODEL_NAME: base_scores})
    calibration = fit_to_cutoffs(
        found.forecast.quantiles,
        found.y_true,
        levels=QUANTILE_LEVELS,
        cutoff_index=found.index.cutoff_index,
        correlation=correlation,
        is_fair=base_weights is not None,
    )
    return Assessed(learned, data.encoding, calibration, scores)


def _is_worse(one: ModelScores, other: ModelScores) -> bool:
    """Whether `one` has the higher MASE, although its loss over all quantiles may be lower."""
    ours, theirs = one.overall["MASE"], other.overall["MASE"]
    return ours is not None and theirs is not None and ours > theirs


def _score_across(panel: Panel, found: Backtest, *, correlation: float, is_fair: bool) -> dict[str, ModelScores]:
    """Scores with the intervals of each cutoff calibrated by the others; uncalibrated where there is only one."""
    crossed = calibrate_across(
        found.forecast.quantiles,
        found.y_true,
        levels=QUANTILE_LEVELS,
        cutoff_index=found.index.cutoff_index,
        correlation=correlation,
        is_fair=is_fair,
    )
    scored = {MODEL_NAME: found.forecast.quantiles if crossed is None else crossed}
    bounded = {name: quantiles.copy() for name, quantiles in (found.quantiles | scored).items()}
    lowest_seen = describe_history(panel, found.index).lowest
    for quantiles in bounded.values():
        Bounds().apply(quantiles, lowest_seen=lowest_seen)
    scores = replace(found, quantiles=bounded).scores
    return scores | {MODEL_NAME: replace(scores[MODEL_NAME], is_calibrated=crossed is not None)}
