"""Train a model on a Panel: learn, choose the weights, calibrate, score."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from forecaster.data.panel import Panel
from forecaster.encoding.explained_zeros import survey_zeros
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.encoding.shared_year import SharedYear
from forecaster.errors import UsageError
from forecaster.learning.assess import Assessed, assess
from forecaster.learning.checkpoint import write_checkpoint
from forecaster.learning.dataset import LearningData, divide
from forecaster.learning.export import export_network
from forecaster.learning.growth import grow_base
from forecaster.learning.learner import TensorWeights
from forecaster.learning.loop import LearningTask, Progress
from forecaster.learning.plan import DataSource, RunControl, TrainingPlan
from forecaster.learning.pooling import pool_effects
from forecaster.learning.shared_year import find_shared_year
from forecaster.learning.sharing import Sharing, decide_sharing
from forecaster.learning.stages import TrainingCheckpoint, learn_in_stages
from forecaster.machine import count_usable_cpus
from forecaster.model.base import read_base
from forecaster.model.card import EncodingCard, ModelCard, SourceCard, TrainingCard
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import QUANTILE_LEVELS, NetworkShape, TrainingSettings
from forecaster.version import __version__

__all__ = ["TrainedModel", "train"]

MAX_NAMED_ENDS = 20_000
FROM_DATA = ("pooled", "shared_year", "zero_at")
"""Parts of the encoding that follow from the data."""
CORRECTION_SHARE = 0.2
"""Of a time budget, for the correction of errors; it also has what the steps leave."""


@dataclass(frozen=True)
class TrainedModel:
    """The result of `train`: the parts of a model folder."""

    card: ModelCard
    network: bytes
    weights: bytes
    sharing: Sharing | None = None


def train(
    panel: Panel, *, plan: TrainingPlan, source: DataSource, control: RunControl[Progress] | None = None
) -> TrainedModel:
    """Learn from the series of `panel`, choose the weights by their last held-out windows, calibrate, score.

    Where learning starts from the base model, as much of what was learned is kept as the held-out windows agree on;
    see `assess`. Raises DataError when there is too little to learn from,
    UsageError where the base model is not of the requested shape, and what `learn_in_stages` raises.
    """
    torch.set_num_threads(count_usable_cpus())
    torch.manual_seed(plan.settings.seed)
    data = divide(panel, plan=plan)
    zeros = survey_zeros(panel, encoding=data.encoding, held_out=data.held_out_steps)
    data = replace(data, encoding=replace(data.encoding, zero_at=zeros.zero_at))
    sharing = decide_sharing(data, plan=plan)
    if sharing is not None:
        data = replace(data, encoding=replace(data.encoding, pooled=sharing.effects))
    year = find_shared_year(data, plan=plan)
    if year is not None:
        shared = SharedYear.from_card(year, calendar=panel.calendar)
        data = replace(data, encoding=replace(data.encoding, shared_year=shared))
    base_weights = _read_base_weights(plan.shape) if plan.from_base else None
    task = _make_task(data, plan=plan, initial_weights=base_weights)
    control, ends = control or RunControl(), list[TrainingCheckpoint]()
    learned = learn_in_stages(task, control=control, on_end=ends.append)

    def save_work() -> None:
        if control.path is not None:
            write_checkpoint(control.path, ends[-1])

    def check() -> None:
        """Stop where a signal asks for it; what was learned is saved."""
        if signal_number := control.stop_signal():
            save_work()
            raise control.explain_stop(f"{learned.steps_taken} of {task.steps}", signal_number=signal_number)

    if control.keeps_finished:
        save_work()
    seconds = _measure_rest(plan.settings, ends, steps=learned.steps_taken)
    kept = assess(learned, data=data, plan=plan, base_weights=base_weights, seconds=seconds, check=check)
    card = replace(_describe(task, plan=plan, source=source, kept=kept), shared_year=year, correction=kept.correction)
    if data.encoding.pooled is not None:
        final = pool_effects(panel, encoding=data.encoding)
        assert final is not None  # no fewer steps than without the held-out ones
        card = replace(card, pooled=replace(final, reach=data.encoding.pooled.reach).as_card())
    zero_at = survey_zeros(panel, encoding=data.encoding).zero_at
    if zero_at:
        card = replace(card, zero_at={name: list(values) for name, values in zero_at.items()})
    encoding = data.encoding
    card = replace(
        card,
        roots=encoding.has_roots or None,
        climatology=encoding.has_climatology or None,
        days=encoding.has_days or None,
        own_seasons=encoding.has_own_seasons or None,
        smooth_growth=encoding.has_smooth_growth or None,
        steady_cycles=encoding.has_steady_cycles or None,
        running_totals=None if encoding.running_totals is False else True,
        waves=encoding.has_waves or None,
    )
    weights = kept.learned.final
    return TrainedModel(card, export_network(weights, shape=plan.shape), save(weights), sharing)


def _make_task(data: LearningData, *, plan: TrainingPlan, initial_weights: TensorWeights | None) -> LearningTask:
    """The network, its data and number of steps; the initial weights are random if none are given."""
    network = StackedLSTM(
        plan.shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS)
    )
    if initial_weights is not None:
        network.load_state_dict(initial_weights)
    described = {
        "shape": asdict(plan.shape),
        "settings": asdict(plan.settings),
        "encoding": {key: value for key, value in vars(data.encoding).items() if key not in FROM_DATA},
        "shared_year": None if data.encoding.shared_year is None else data.encoding.shared_year.values.tolist(),
        "horizon": data.horizon,
        "from_base": plan.from_base,
    }
    steps = plan.settings.steps or _choose_steps(data, settings=plan.settings)
    settings, budget = plan.settings, plan.settings.budget_seconds
    if budget and plan.from_base and plan.corrects_errors:
        settings = replace(settings, budget_seconds=budget * (1 - CORRECTION_SHARE))
    return LearningTask(network, data, settings, steps, _fingerprint(data.panel, described))


def _measure_rest(settings: TrainingSettings, ends: list[TrainingCheckpoint], *, steps: int) -> float:
    """The seconds that the stages, which took so many `steps`, left of the time budget.

    A run that was resumed does not know the `ends` of those before: their steps count as much as the others.
    """
    budget = settings.budget_seconds
    if not budget:
        return math.inf
    elapsed, known = sum(end.loop.now.elapsed for end in ends), sum(end.loop.learner.step for end in ends)
    return max(budget - elapsed * steps / max(known, 1), 0.0)


def _describe(task: LearningTask, *, plan: TrainingPlan, source: DataSource, kept: Assessed) -> ModelCard:
    """The model card of the weights that are kept."""
    panel, settings = task.data.panel, plan.settings
    share = 1.0 if kept.kept is None else kept.kept.share
    return ModelCard(
        horizon=task.data.horizon,
        quantile_levels=QUANTILE_LEVELS,
        season=plan.seasons[0] if plan.seasons else None,
        source=SourceCard(
            source.names[0] if source.names else "",
            source.read_options,
            panel.id_columns,
            panel.time_column,
            source.names[1:],
        ),
        calendar=panel.calendar,
        network=plan.shape,
        encoding=EncodingCard(CHANNELS, CANDIDATES, kept.encoding.context_length, kept.encoding.periods),
        calibration=kept.calibration,
        calibration_of_totals=kept.calibration_of_totals,
        scores={name: score.as_card() for name, score in kept.scores.items()},
        training=TrainingCard(
            settings=settings,
            steps=task.steps,
            steps_taken=kept.learned.steps_taken,
            best_step=kept.learned.best_step,
            held_out_windows=task.data.held_out_windows,
            interpolation_weight=round(settings.interpolation_weight(task.data.horizons) * share, 4),
            from_base=plan.from_base,
            series=len(panel),
            observations=int((~np.isnan(panel.values)).sum()),
            **_describe_ends(panel),
            fingerprint=_fingerprint(panel, {}),
            kept=kept.kept,
            unread_windows=kept.unread,
        ),
        versions={"forecast": __version__, "torch": torch.__version__, "numpy": np.__version__},
    )


def _read_base_weights(shape: NetworkShape) -> TensorWeights:
    """Weights of the base model. Raises UsageError where it has another cell or size."""
    own = read_base()[0].network
    for name in ("cell", "layers", "hidden"):
        if getattr(own, name) != getattr(shape, name):
            raise UsageError(
                f"--{name} {getattr(shape, name)}: the base model is an {own.cell} of {own.layers} layers "
                f"of {own.hidden} units. For another network add --from-scratch."
            )
    return grow_base(shape)


def _choose_steps(data: LearningData, *, settings: TrainingSettings) -> int:
    """Number of training steps: more where there is more data, between `min_steps` and `max_steps`."""
    per_horizon = settings.steps_per_horizon
    steps = len(data.training) // 4 if per_horizon is None else round(per_horizon * data.horizons)
    return min(max(steps, settings.min_steps), settings.max_steps)


def _describe_ends(panel: Panel) -> dict[str, Any]:
    """The last timestamp of all series, and of those that end earlier, by name."""
    ends = panel.calendar.advance(panel.starts, panel.lengths - 1)
    has_any = panel.lengths > 0
    last = ends[has_any].max()
    earlier = np.flatnonzero(has_any & (ends != last))[:MAX_NAMED_ENDS]
    return {"until": str(last), "earlier_ends": {panel.label(int(number)): str(ends[number]) for number in earlier}}


def _fingerprint(panel: Panel, described: dict[str, Any]) -> str:
    covariates = panel.covariates
    arrays = [panel.values, panel.offsets, panel.starts]
    if covariates is not None:
        described = described | {"covariates": covariates.names}
        arrays += [covariates.values, covariates.offsets, covariates.is_known]
    if panel.attributes is not None:
        described = described | {
            "attributes": {name: texts.tolist() for name, texts in panel.attributes.categories.items()}
        }
        arrays += list(panel.attributes.numbers.values())
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
