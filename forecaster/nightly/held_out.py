"""How good the model is on windows that it has not learned from: the promise of a run, and what a gate asks for."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from forecaster.errors import DataError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, measure_skill
from forecaster.library.inputs import Given
from forecaster.library.model import Model
from forecaster.nightly.plan import NightPlan

__all__ = ["HeldOut", "measure_held_out"]


@dataclass(frozen=True)
class HeldOut:
    """Scores by model, as in `metrics.json`, and the skill; `problem` says why there are none."""

    source: Literal["training", "backtest"]
    overall: dict[str, Any] = field(default_factory=dict)
    skill: float | None = None
    problem: str = ""

    def as_plain(self) -> dict[str, Any]:
        """The content of `metrics.json`."""
        return asdict(self)


def measure_held_out(given: Given, model: Model, *, plan: NightPlan) -> HeldOut:
    """The scores of the training, or of the base model on the last horizon of the data."""
    if not model.is_base:
        scores = model.trained_card.scores
        overall = {name: card.as_plain() for name, card in scores.items()}
        return HeldOut("training", overall, measure_skill(scores) if MODEL_NAME in scores else None)
    try:
        # what covariates are worth would take most of the time, and is used for nothing here
        scored = BacktestPlan(plan.horizon, worth=False)
        found = model.score(given, plan=scored, seasons=plan.seasons, bounds=plan.bounds)
    except DataError as error:
        return HeldOut("backtest", problem=str(error))
    return HeldOut("backtest", found.records["overall"], found.skill)
