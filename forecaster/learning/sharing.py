"""Decide whether what all series show together of the effects of covariates helps: by the held-out windows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.data.panel import Panel
from forecaster.encoding.effects import MIN_STEPS
from forecaster.encoding.pooled_effects import PooledEffects
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.forecasting.opening import open_base
from forecaster.learning.dataset import LearningData
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
    """

    names: tuple[str, ...]
    attributes: tuple[str, ...]
    whole: tuple[Gain, ...]
    short: tuple[Gain, ...]
    effects: PooledEffects | None

    def as_plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "columns": list(self.names),
            "static": list(self.attributes),
            "used": "none" if self.effects is None else "all" if self.effects.reach is None else "short",
            "held_out": {gain.metric: {"own": gain.without, "shared": gain.shared} for gain in self.whole},
            "held_out_short": {gain.metric: {"own": gain.without, "shared": gain.shared} for gain in self.short},
        }


def decide_sharing(data: LearningData, *, plan: TrainingPlan) -> Sharing | None:
    """Learn pooled effects without the held-out windows, and decide by these what they are used for.

    They are used for all pasts where no score gets worse and one gets better, else for short pasts where that holds of
    the same windows when all but the newest steps of their pasts are left out. None where nothing can be shared.
    """
    covariates = data.panel.covariates
    pooled = pool_effects(data.panel, encoding=data.encoding, held_out=data.held_out_steps)
    if pooled is None or covariates is None:
        return None
    whole = _compare((data.panel,), data, pooled, plan=plan)
    newest = tuple(keep_newest(data.panel, steps=steps + data.held_out_steps) for steps in SHORT_PASTS)
    short = _compare(newest, data, pooled, plan=plan)
    of_name = dict(zip(covariates.names, covariates.columns, strict=True))
    columns = tuple(dict.fromkeys(of_name[name] for name in pooled.names))
    described = tuple(one.name for one in pooled.attributes)
    effects = pooled if _helps(whole) else replace(pooled, reach=SHORT_REACH) if _helps(short) else None
    return Sharing(columns, described, whole, short, effects)


def _helps(gains: tuple[Gain, ...]) -> bool:
    return any(gain.is_better for gain in gains) and not any(gain.is_worse for gain in gains)


def _compare(
    panels: tuple[Panel, ...], data: LearningData, pooled: PooledEffects, *, plan: TrainingPlan
) -> tuple[Gain, ...]:
    """The scores of the base model, on average over the panels, without and with the pooled effects."""
    found: dict[str, list[tuple[float, float]]] = {"MASE": [], "WQL": []}
    # the seasons are those of the whole history
    base = open_base(data.panel, seasons=plan.seasons)
    base = replace(base, encoding=replace(base.encoding, zero_at=data.encoding.zero_at))
    ways = (base, replace(base, encoding=replace(base.encoding, pooled=pooled)))
    for panel in panels:
        backtest_plan = BacktestPlan(horizon=data.horizon, windows=data.held_out_windows)
        own, shared = (backtest(panel, way, backtest_plan).scores[MODEL_NAME].overall for way in ways)
        for metric, pairs in found.items():
            one, other = own[metric], shared[metric]
            if one is not None and other is not None:
                pairs.append((one, other))
    return tuple(Gain(metric, *np.mean(pairs, axis=0).tolist()) for metric, pairs in found.items() if pairs)
