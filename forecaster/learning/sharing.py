"""Decide whether what all series show together of the effects of covariates helps: by the held-out windows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.data.panel import Panel
from forecaster.encoding.effects import MIN_STEPS
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.evaluation.backtest import MODEL_NAME, Backtest, BacktestPlan, backtest
from forecaster.forecasting.correlation import measure_correlation
from forecaster.forecasting.opening import open_base
from forecaster.learning.dataset import LearningData
from forecaster.learning.gate import Gain as ErrorGain
from forecaster.learning.gate import measure_errors, measure_gain
from forecaster.learning.plan import TrainingPlan
from forecaster.learning.pooling import pool_effects
from forecaster.windows import keep_newest

__all__ = ["Sharing", "decide_sharing"]

SHORT_PASTS = (MIN_STEPS - 1, 2 * MIN_STEPS)
"""Steps of the pasts that stand for new series."""
SHORT_REACH = 3 * MIN_STEPS
"""Values below which a past is short, where pooled effects help only those."""
SMALLEST_GAIN = 0.001
"""Fraction of the score; less is not worth anything."""


@dataclass(frozen=True)
class Gain:
    """The scores of the held-out windows without and with the pooled effects; None where undefined."""

    metric: str
    without: float
    shared: float

    @property
    def is_better(self) -> bool:
        """Whether the score is lower by more than rounding."""
        return self.shared < (1 - SMALLEST_GAIN) * self.without

    @property
    def is_worse(self) -> bool:
        """Whether the score is higher by more than rounding."""
        return self.shared > (1 + SMALLEST_GAIN) * self.without


@dataclass(frozen=True)
class Sharing:
    """What the effects that the series have in common are worth to the base model.

    names        the columns; none where there is nothing that could be shared
    attributes   that change the effects
    whole, short the scores of the held-out windows, with their whole pasts, and with only the newest steps of them
    effects      learned without the held-out windows, with their reach; None where they are not used
    gain         how much lower the error is with whole pasts, and the standard error of that
    """

    names: tuple[str, ...]
    attributes: tuple[str, ...]
    whole: tuple[Gain, ...]
    short: tuple[Gain, ...]
    effects: PooledEffects | None
    gain: ErrorGain

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "columns": list(self.names),
            "static": list(self.attributes),
            "used": "none" if self.effects is None else "all" if self.effects.reach is None else "short",
            "gain": round(self.gain.mean, 5),
            "error": round(self.gain.error, 5),
            "held_out": {gain.metric: {"own": gain.without, "shared": gain.shared} for gain in self.whole},
            "held_out_short": {gain.metric: {"own": gain.without, "shared": gain.shared} for gain in self.short},
        }


def decide_sharing(data: LearningData, *, plan: TrainingPlan) -> Sharing | None:
    """Learn pooled effects without the held-out windows, and decide by these what they are used for.

    They are used for all pasts where no score gets worse, one gets better, and the error is lower by more than chance
    (`lowest` of the gate); else for short pasts where no score gets worse and one better in the same windows when all
    but the newest steps of their pasts are left out. None where nothing can be shared.
    """
    covariates = data.panel.covariates
    pooled = pool_effects(data.panel, encoding=data.encoding, held_out=data.held_out_steps)
    if pooled is None or covariates is None:
        return None
    pair = _backtest(data.panel, data, pooled, plan=plan)
    whole, gain = _compare([pair]), _measure_gain(*pair, data=data)
    newest = (keep_newest(data.panel, steps=steps + data.held_out_steps) for steps in SHORT_PASTS)
    short = _compare([_backtest(panel, data, pooled, plan=plan) for panel in newest])
    of_name = dict(zip(covariates.names, covariates.columns, strict=True))
    columns = tuple(dict.fromkeys(of_name[name] for name in pooled.names))
    described = tuple(one.name for one in pooled.attributes)
    helps_all = _helps(whole) and gain.lowest > 0
    effects = pooled if helps_all else replace(pooled, reach=SHORT_REACH) if _helps(short) else None
    return Sharing(columns, described, whole, short, effects, gain)


def _helps(gains: tuple[Gain, ...]) -> bool:
    return any(gain.is_better for gain in gains) and not any(gain.is_worse for gain in gains)


def _backtest(
    panel: Panel, data: LearningData, pooled: PooledEffects, *, plan: TrainingPlan
) -> tuple[Backtest, Backtest]:
    """Forecasts of the held-out windows of `panel` by the base model, without and with the pooled effects."""
    # the seasons are those of the whole history
    base = open_base(data.panel, seasons=plan.seasons)
    base = replace(base, encoding=replace(base.encoding, zero_at=data.encoding.zero_at))
    with_pooled = replace(base, encoding=replace(base.encoding, pooled=pooled))
    backtest_plan = BacktestPlan(horizon=data.horizon, windows=data.held_out_windows)
    return backtest(panel, base, backtest_plan), backtest(panel, with_pooled, backtest_plan)


def _compare(pairs: list[tuple[Backtest, Backtest]]) -> tuple[Gain, ...]:
    """The scores without and with the pooled effects, on average over the pairs."""
    gains = []
    for metric in ("MASE", "WQL"):
        scores = [tuple(found.scores[MODEL_NAME].overall[metric] for found in pair) for pair in pairs]
        known = [(own, shared) for own, shared in scores if own is not None and shared is not None]
        if known:
            gains.append(Gain(metric, *np.mean(known, axis=0).tolist()))
    return tuple(gains)


def _measure_gain(own: Backtest, shared: Backtest, *, data: LearningData) -> ErrorGain:
    """By which fraction the error is lower with the shared effects, at all held-out cutoffs, and its standard error."""
    panel, base = data.panel, own.forecast.quantiles
    before = panel.lengths - data.held_out_steps
    return measure_gain(
        measure_errors(own, base, base=base),
        measure_errors(shared, shared.forecast.quantiles, base=base),
        cutoff_index=own.index.cutoff_index,
        correlation=measure_correlation(panel, horizon=data.horizon, season=own.season, ends=before),
    )
