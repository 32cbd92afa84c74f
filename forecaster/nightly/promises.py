"""What the held-out windows of runs promised, and what that is for all that their forecasts are scored on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecaster.evaluation.backtest import MODEL_NAME, Backtest

__all__ = ["Promise", "average_promises"]


@dataclass(frozen=True)
class Promise:
    """What the held-out windows promised when a run forecast: `overall` scores by name, and coverage by level."""

    overall: dict[str, float | None] = field(default_factory=dict)
    coverage: dict[str, float | None] = field(default_factory=dict)


def average_promises(scored: Sequence[tuple[Promise, Backtest]]) -> Promise:
    """The promises of runs, each with the weight that its forecasts have in the scores of all of them.

    Runs that promised nothing are left out.
    """
    weights: dict[str, list[float]] = {
        "MASE": [int((~np.isnan(found.scores[MODEL_NAME].per_window["MASE"])).sum()) for _, found in scored],
        "WQL": [float(np.nansum(np.abs(found.y_true))) for _, found in scored],
    }
    values = [int((~np.isnan(found.y_true)).sum()) for _, found in scored]
    overall = {name: _average([one.overall.get(name) for one, _ in scored], sizes) for name, sizes in weights.items()}
    levels = {level: None for one, _ in scored for level in one.coverage}
    coverage = {level: _average([one.coverage.get(level) for one, _ in scored], values) for level in levels}
    return Promise({name: value for name, value in overall.items() if value is not None}, coverage)


def _average(promised: Sequence[float | None], weights: Sequence[float]) -> float | None:
    known = [(value, weight) for value, weight in zip(promised, weights, strict=True) if value is not None and weight]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None
