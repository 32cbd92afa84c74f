"""Training in two stages: the first chooses the weights on held-out windows, the second also learns from those.

The newest steps of a series are the most similar to its next ones. They are held out first, so that the
weights can be chosen, scored and calibrated on unseen data; then a short second stage learns from them, too. Weights
fine-tuned from the base model are as good or better without it (`benchmarks/README.md`), so that its share is 0 there.
The members of an ensemble, trained from the same initial weights with different seeds, are averaged weight by
weight (Wortsman et al. 2022, "Model soups"): as good as the average of their forecasts, at the cost of one. Weights
fine-tuned from the base model are interpolated between it and the learned ones (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models"): all series of a file share the same recent past, which may not be representative.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from forecaster.errors import ConfigurationError, DivergedError
from forecaster.learning.checkpoint import (
    Checkpoint,
    check_weights,
    explain_broken,
    read_checkpoint,
    write_checkpoint,
)
from forecaster.learning.learner import TensorWeights, copy_weights
from forecaster.learning.loop import LearningLoop, LearningTask, LoopState, Progress, Stopped
from forecaster.learning.plan import RunControl
from forecaster.settings import TrainingSettings

__all__ = ["Learned", "TrainingCheckpoint", "learn_in_stages"]


@dataclass(frozen=True)
class Learned:
    """Weights chosen on the held-out windows (`chosen`), and those trained on these windows as well (`final`)."""

    chosen: TensorWeights
    final: TensorWeights
    steps_taken: int
    best_step: int


@dataclass(frozen=True)
class TrainingCheckpoint(Checkpoint):
    """State of a training that was stopped.

    members      those that have finished both stages
    first_stage  result of the first stage of the next member; None if that stage was stopped
    loop         the stage that was stopped
    """

    fingerprint: str
    members: tuple[Learned, ...]
    first_stage: Learned | None
    loop: LoopState


def learn_in_stages(
    task: LearningTask, *, control: RunControl[Progress], on_end: Callable[[TrainingCheckpoint], None] = lambda _: None
) -> Learned:
    """Run both stages for each of `task.settings.ensemble` members, or continue the run that was stopped.

    The best on the held-out windows is kept: the average of the members, one of them, or the initial weights. `on_end`
    gets the state after each loop: a run that is resumed from it comes to the same weights at once. A stop signal
    writes the checkpoint and raises InterruptedRunError. Raises ConfigurationError when the checkpoint is of another
    network or of another run, and what `LearningLoop.run` raises.
    """
    stopped = _read_stopped(task, control.path) if control.resume and control.path else None
    settings, count = task.settings, task.settings.ensemble
    initial_weights = copy_weights(task.network)
    members = stopped.members if stopped else ()
    for number in range(len(members), count):
        task.network.load_state_dict(initial_weights)
        try:
            member = _learn_member(
                replace(task, settings=replace(_limit(settings, 1 / count), seed=settings.seed + number)),
                members=members,
                stopped=stopped,
                control=_narrow(control, begin=number / count, width=1 / count),
                on_end=on_end,
            )
        except DivergedError as error:
            if stopped is None:
                raise
            raise ConfigurationError(
                f"{control.path}: learning diverged after it was resumed from this checkpoint, which may be broken. "
                "Start again without --resume."
            ) from error
        members, stopped = (*members, member), None
    return _select(initial_weights, members, task=task)


def _read_stopped(task: LearningTask, path: Path) -> TrainingCheckpoint:
    stopped = read_checkpoint(path, TrainingCheckpoint, shape=task.network.shape)
    if stopped.fingerprint != task.fingerprint:
        raise ConfigurationError(
            f"{path}: the data or the settings changed since it was made. "
            "Give the same ones, or train without --resume."
        )
    with explain_broken(path):
        for learned in (*stopped.members, *([stopped.first_stage] if stopped.first_stage else [])):
            for weights in (learned.chosen, learned.final):
                check_weights(weights, expected=copy_weights(task.network))
            if learned.best_step > task.steps:
                raise ValueError("more steps than there are")
    return stopped


def _limit(settings: TrainingSettings, share: float) -> TrainingSettings:
    """The settings of a part of a run, which has this `share` of the time budget."""
    budget = settings.budget_seconds
    return replace(settings, budget_seconds=budget * share if budget else None)


def _narrow(control: RunControl[Progress], *, begin: float, width: float) -> RunControl[Progress]:
    """Control of a part of a run, which starts at the fraction `begin` and is `width` of the whole."""

    def pass_on(now: Progress) -> None:
        control.on_progress(replace(now, fraction=begin + width * min(now.fraction, 1.0)))

    return replace(control, on_progress=pass_on)


def _select(initial_weights: TensorWeights, members: tuple[Learned, ...], *, task: LearningTask) -> Learned:
    """The mean of all members, one of them, or the initial weights: the best on the held-out windows."""
    interpolation_weight = task.settings.interpolation_weight(task.data.horizons)

    def interpolate(every: list[TensorWeights]) -> TensorWeights:
        return {
            name: weight.lerp(torch.stack([weights[name] for weights in every]).mean(dim=0), interpolation_weight)
            for name, weight in initial_weights.items()
        }

    candidates = [
        Learned(interpolate([one.chosen for one in some]), interpolate([one.final for one in some]), 0, 0)
        for some in ([*([members] if len(members) > 1 else []), *((member,) for member in members)])
    ]
    loop = LearningLoop(task)
    best = min(
        [*candidates, Learned(initial_weights, initial_weights, 0, 0)],
        key=lambda candidate: loop.score(candidate.chosen),
    )
    best_step = 0 if best.chosen is initial_weights else max(member.best_step for member in members)
    return replace(best, steps_taken=sum(member.steps_taken for member in members), best_step=best_step)


def _learn_member(
    task: LearningTask,
    *,
    members: tuple[Learned, ...],
    stopped: TrainingCheckpoint | None,
    control: RunControl[Progress],
    on_end: Callable[[TrainingCheckpoint], None],
) -> Learned:
    """Run both stages of one member, after the previous `members`; or what remains of them if the run was `stopped`."""
    settings, share = task.settings, task.settings.second_stage_share
    split = 1 / (1 + share)
    first_stage = stopped.first_stage if stopped else None
    if first_stage is None:
        loop = LearningLoop(replace(task, settings=_limit(settings, split)))
        if stopped:
            _restore(loop, stopped, control=control)
        part = _narrow(control, begin=0.0, width=split)
        before = partial(TrainingCheckpoint, task.network.shape, task.fingerprint, members, None)
        chosen = _run(loop, before=before, control=part)
        on_end(before(loop.state()))
        first_stage, stopped = Learned(chosen, chosen, loop.step, loop.now.best_step), None
    more = round(first_stage.best_step * share)
    if more == 0:
        # the first stage improved nothing: there is nothing to continue from
        return first_stage
    task.network.load_state_dict(first_stage.chosen)
    slower = replace(_limit(settings, 1 - split), learning_rate=settings.learning_rate * settings.second_stage_rate)
    loop = LearningLoop(replace(task, data=task.data.include_held_out(), settings=slower, steps=more))
    if stopped:
        _restore(loop, stopped, control=control)
    part = _narrow(control, begin=split, width=1 - split)
    before = partial(TrainingCheckpoint, task.network.shape, task.fingerprint, members, first_stage)
    final = _run(loop, before=before, control=part)
    on_end(before(loop.state()))
    return replace(first_stage, final=final, steps_taken=first_stage.steps_taken + loop.step)


def _restore(loop: LearningLoop, stopped: TrainingCheckpoint, *, control: RunControl[Progress]) -> None:
    if control.path is not None:
        with explain_broken(control.path):
            loop.restore(stopped.loop)


def _run(
    loop: LearningLoop, *, before: Callable[[LoopState], TrainingCheckpoint], control: RunControl[Progress]
) -> TensorWeights:
    """The weights that `loop` learns; where it is stopped, a checkpoint is saved with all that was learned `before`."""
    try:
        return loop.run(control)
    except Stopped as stopped:
        if control.path is not None:
            write_checkpoint(control.path, before(loop.state()))
        raise control.explain_stop(f"{loop.step} of {loop.steps}", signal_number=stopped.signal_number) from None
