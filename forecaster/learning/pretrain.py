"""Pre-train the base model on synthetic series from the prior, for hours; a run can be stopped and resumed."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from forecaster.data.panel import Panel, find_periods, find_season
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.learning import checkpoint as checkpoints
from forecaster.learning.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from forecaster.learning.export import export_network, open_weights
from forecaster.learning.growth import grow_base
from forecaster.learning.learner import Learner, LearnerState, TensorWeights
from forecaster.learning.plan import RunControl
from forecaster.learning.synthetic import iterate_batches
from forecaster.machine import count_usable_cpus
from forecaster.model.base import read_base
from forecaster.model.card import BaseCard, BaseEncodingCard, PretrainingCard
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import (
    QUANTILE_LEVELS,
    NetworkShape,
    PretrainingSettings,
    default_context_length,
    default_horizon,
)
from forecaster.version import __version__

__all__ = ["Pretraining", "make_base", "pretrain", "score_on_real"]

LOSS_MEMORY = 0.99


@dataclass(frozen=True)
class Pretraining:
    """State of a run: steps taken, fraction of the run, smoothed loss, hours; and the averaged weights.

    `scores` is the MASE of these weights on real series, by name; empty where it was not computed.
    """

    step: int
    fraction: float
    loss: float
    hours: float
    weights: TensorWeights
    scores: dict[str, float]


@dataclass(frozen=True)
class PretrainingCheckpoint(Checkpoint):
    """A pre-training that can be resumed, after `sampled` batches and `elapsed` seconds."""

    settings: PretrainingSettings
    learner: LearnerState
    sampled: int
    elapsed: float
    loss: float
    best: Pretraining | None


def pretrain(
    *,
    shape: NetworkShape,
    settings: PretrainingSettings,
    real: dict[str, Panel] | None = None,
    on_score: Callable[[Pretraining], None] = lambda _: None,
    control: RunControl[Pretraining] | None = None,
) -> Pretraining:
    """Learn until the steps are taken or the time budget is used up; returns the state with the best weights.

    `control.on_progress` is called at every step, `on_score` every `settings.score_every` steps, with scores on the
    last horizon of the `real` panels: these are not trained on, but of all weights that are scored while the learning
    rate falls, the best are returned. The rate is constant for most of the run and falls to zero at its end. The
    checkpoint is written at each score until the rate starts to fall, so that a run that has ended can be extended, and
    when a signal stops the run: then InterruptedRunError is raised, and a resumed run gives the same result as one that
    was not stopped. Raises ConfigurationError where the checkpoint is of a run with other settings.
    """
    real, control = real or {}, control or RunControl()
    torch.set_num_threads(settings.threads or count_usable_cpus())
    torch.manual_seed(settings.seed)
    network = StackedLSTM(shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS))
    stopped: PretrainingCheckpoint | None = None
    if control.resume and control.path is not None:
        stopped = read_checkpoint(control.path, PretrainingCheckpoint, shape=shape)
        _check_same_run(control.path, before=stopped.settings, settings=settings)
    elif settings.from_base:
        network.load_state_dict(grow_base(shape))
    learner = Learner(network, settings=settings)
    sampled, elapsed, loss = 0, 0.0, math.nan
    best: Pretraining | None = None
    if stopped is not None and control.path is not None:
        with checkpoints.explain_broken(control.path):
            learner.restore(stopped.learner)
            if stopped.best is not None:
                checkpoints.check_weights(stopped.best.weights, expected=network.state_dict())
        sampled, elapsed, loss, best = stopped.sampled, stopped.elapsed, stopped.loss, stopped.best
    # fail now if some series cannot be scored, not after the first thousand steps
    scores = score_on_real(learner.average, shape=shape, real=real)
    if best is not None and best.scores.keys() != scores.keys():
        best = None  # it was chosen on other series
    start = time.monotonic() - elapsed

    def save_checkpoint() -> None:
        if control.path is not None:
            state = PretrainingCheckpoint(shape, settings, learner.state(), sampled, elapsed, loss, best)
            write_checkpoint(control.path, state)

    is_falling, fraction = False, 0.0
    for batch in iterate_batches(settings, first=sampled, is_cuda=learner.device.type == "cuda"):
        elapsed = time.monotonic() - start
        fraction = max(learner.step / settings.steps, elapsed / (settings.budget_seconds or math.inf))
        if not is_falling and fraction > 1 - settings.falling_share:
            is_falling = True
            save_checkpoint()
        if fraction >= 1:
            break
        if signal_number := control.stop_signal():
            save_checkpoint()
            raise control.explain_stop(f"{learner.step}", signal_number=signal_number)
        warm_up = min(1.0, (learner.step + 1) / settings.warm_up_steps)
        falling = min(1.0, (1 - fraction) / settings.falling_share)
        batch_loss, _ = learner.learn(batch, rate=settings.learning_rate * warm_up * falling)
        sampled += 1
        if not math.isfinite(batch_loss):
            continue  # no step was taken
        loss = batch_loss if math.isnan(loss) else LOSS_MEMORY * loss + (1 - LOSS_MEMORY) * batch_loss
        now = Pretraining(learner.step, fraction, loss, elapsed / 3600, learner.average, {})
        if learner.step % settings.score_every == 0:
            now = replace(now, scores=score_on_real(learner.average, shape=shape, real=real))
            if is_falling:
                best = _choose(best, now)
            else:
                save_checkpoint()
            on_score(now)
        control.on_progress(now)
    scores = score_on_real(learner.average, shape=shape, real=real)
    return _choose(best, Pretraining(learner.step, fraction, loss, elapsed / 3600, learner.average, scores))


def score_on_real(weights: TensorWeights, *, shape: NetworkShape, real: dict[str, Panel]) -> dict[str, float]:
    """MASE on the last horizon of each of the `real` panels, without calibration; by name."""
    scores = {}
    for name, panel in real.items():
        periods = find_periods(panel)
        encoding = Encoding(default_context_length(periods[0]), periods)
        horizon = default_horizon(find_season(panel, periods=periods))
        forecaster = open_weights(weights, shape=shape, encoding=encoding, horizon=horizon)
        found = backtest(panel, forecaster, BacktestPlan(horizon=horizon)).scores[MODEL_NAME].overall["MASE"]
        scores[name] = math.nan if found is None else found
    return scores


def make_base(
    learned: Pretraining, *, shape: NetworkShape, settings: PretrainingSettings
) -> tuple[BaseCard, bytes, bytes]:
    """The card, the ONNX network and the weights of a base model."""
    network = export_network(learned.weights, shape=shape)
    card = BaseCard(
        network=shape,
        encoding=BaseEncodingCard(CHANNELS, CANDIDATES),
        quantile_levels=QUANTILE_LEVELS,
        pretraining=PretrainingCard(
            settings=settings,
            steps_taken=learned.step,
            hours=round(learned.hours, 2),
            loss=round(learned.loss, 4) if math.isfinite(learned.loss) else None,
            scores={name: round(score, 4) for name, score in learned.scores.items() if math.isfinite(score)},
        ),
        command=_write_command(shape=shape, settings=settings, scored_on=list(learned.scores)),
        versions={"forecast": __version__, "torch": torch.__version__, "numpy": np.__version__},
        notes=_note_before() if settings.from_base else (),
    )
    return card, network, save(learned.weights)


def _note_before() -> tuple[str, ...]:
    """How the base model was made from which learning began."""
    card, _, _ = read_base()
    done = card.pretraining
    return (*card.notes, f"before it: {card.command} ({done.steps_taken:,} steps, {done.hours:g} hours)")


def _write_command(*, shape: NetworkShape, settings: PretrainingSettings, scored_on: list[str]) -> str:
    """The command that reproduces the run; it names every setting, as another version may have other defaults."""
    flags = {
        "--budget": settings.budget_seconds and f"{settings.budget_seconds:g}s",
        "--steps": settings.steps,
        "--cell": shape.cell,
        "--peepholes": ",".join(shape.peepholes) if shape.cell == "peephole" else None,
        "--memory-steps": shape.memory_steps,
        "--layers": shape.layers,
        "--hidden": shape.hidden,
        "--batch": settings.batch_size,
        "--learning-rate": settings.learning_rate,
        "--seed": settings.seed,
    }
    given = [f"{flag} {value}" for flag, value in flags.items() if value is not None]
    given += ["--from-base"] * settings.from_base
    return " ".join(["forecast pretrain", *given, *(f"--score-on {name}.csv" for name in scored_on)])


def _check_same_run(checkpoint: Path, *, before: PretrainingSettings, settings: PretrainingSettings) -> None:
    """Raise ConfigurationError where a flag differs that must not change when resuming; the length may change."""
    for flag, name in {"batch": "batch_size", "learning-rate": "learning_rate", "seed": "seed"}.items():
        was, asked = getattr(before, name), getattr(settings, name)
        if was != asked:
            raise ConfigurationError(
                f"{checkpoint}: the run that was stopped had --{flag} {was}, not {asked}. "
                "Give the same flags as before, or start again without --resume."
            )
    if before.from_base != settings.from_base:
        was_given = "had" if before.from_base else "did not have"
        raise ConfigurationError(
            f"{checkpoint}: the run that was stopped {was_given} --from-base. "
            "Give the same flags as before, or start again without --resume."
        )


def _choose(best: Pretraining | None, now: Pretraining) -> Pretraining:
    """The one whose scores have the lower geometric mean, or `now`, with copied weights, if they cannot be compared."""
    now = replace(now, weights={name: weight.clone() for name, weight in now.weights.items()})
    if best is None or not now.scores:
        return now
    known = [(best.scores[name], score) for name, score in now.scores.items()]
    ratio = float(np.mean([math.log(score / before) for before, score in known if score > 0 and before > 0]))
    return best if ratio > 0 else now
