"""Learning in two stages: choose by what was held out, then learn that as well. Several times over, if asked.

The newest steps of a series are what its next ones are most like. They are held out first, so that the
weights can be chosen, scored and calibrated honestly; then a short second stage learns from them too.
Several such learnings that begin with the same weights, each with a seed of its own, are averaged weight by
weight (Wortsman et al. 2022, "Model soups"): as good as the average of their forecasts, at the cost of one. What began
with the base model goes only part of the way from it to what was learned (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models"): all series of a file have the same recent past, which is no sure guide.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from forecaster.errors import ConfigurationError
from forecaster.learning.checkpoint import read_checkpoint, write_checkpoint
from forecaster.learning.dataset import LearningData
from forecaster.learning.learner import TensorWeights, copy_weights
from forecaster.learning.loop import LearningLoop, Progress, Stopped
from forecaster.learning.plan import RunControl
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import TrainingSettings

__all__ = ["Learned", "LearningTask", "learn_in_stages"]


@dataclass(frozen=True)
class Learned:
    """Weights chosen by the held-out windows, and those that learned from them as well."""

    chosen: TensorWeights
    final: TensorWeights
    steps_taken: int
    best_step: int


@dataclass(frozen=True)
class LearningTask:
    """What is learned: the weights of `network`, beginning with those it has, in `steps` steps at the most.

    `fingerprint` tells a resumed run whether it is the same.
    """

    network: StackedLSTM
    data: LearningData
    settings: TrainingSettings
    steps: int
    fingerprint: str


def learn_in_stages(task: LearningTask, *, control: RunControl[Progress]) -> Learned:
    """Run both stages, as many times as `task.settings.ensemble` says, or continue the run that was stopped.

    The average of the members is kept, or what does better on the held-out windows: one of them, or the initial
    weights. A stop signal writes the checkpoint and raises InterruptedRunError. Raises ConfigurationError when the
    checkpoint is of another network or of another run, and what `LearningLoop.run` raises.
    """
    groups, plain = _read_stopped(task, control.checkpoint) if control.resume and control.checkpoint else ({}, {})
    settings, count = task.settings, task.settings.ensemble
    initial_weights = copy_weights(task.network)
    members = [
        Learned(groups[f"chosen {number}"], groups[f"final {number}"], *taken)
        for number, taken in enumerate(plain.get("members", []))
    ]
    for number in range(len(members), count):
        task.network.load_state_dict(initial_weights)
        budget = settings.budget_seconds / count if settings.budget_seconds else None
        members.append(
            _learn_member(
                replace(task, settings=replace(settings, seed=settings.seed + number, budget_seconds=budget)),
                members=members,
                groups=groups,
                plain=plain,
                control=_narrow(control, begin=number / count, width=1 / count),
            )
        )
        groups, plain = {}, {}
    return _select(initial_weights, members, task=task)


def _read_stopped(task: LearningTask, path: Path) -> tuple[dict[str, TensorWeights], dict[str, Any]]:
    groups, plain = read_checkpoint(path, shape=task.network.shape)
    if plain.get("fingerprint") != task.fingerprint:
        raise ConfigurationError(
            f"{path}: the data or the settings changed since it was made. "
            "Give the same ones, or train without --resume."
        )
    return groups, plain


def _narrow(control: RunControl[Progress], *, begin: float, width: float) -> RunControl[Progress]:
    """Control of a part of a run, which begins at the fraction `begin` and is `width` of the whole."""

    def pass_on(now: Progress) -> None:
        control.on_progress(replace(now, fraction=begin + width * min(now.fraction, 1.0)))

    return replace(control, on_progress=pass_on)


def _select(initial_weights: TensorWeights, members: list[Learned], *, task: LearningTask) -> Learned:
    """The mean of all members, or one of them, or what they began with: the best on the held-out windows."""
    share = task.settings.interpolation_weight(task.data.horizons)

    def interpolate(every: list[TensorWeights]) -> TensorWeights:
        return {
            name: weight.lerp(torch.stack([weights[name] for weights in every]).mean(dim=0), share)
            for name, weight in initial_weights.items()
        }

    candidates = [
        Learned(interpolate([one.chosen for one in some]), interpolate([one.final for one in some]), 0, 0)
        for some in ([*([members] if len(members) > 1 else []), *([member] for member in members)])
    ]
    loop = LearningLoop(task.network, data=task.data, settings=task.settings, steps=1, learning_rate=0.0)
    best = min(
        [*candidates, Learned(initial_weights, initial_weights, 0, 0)],
        key=lambda candidate: loop.score(candidate.chosen),
    )
    best_step = 0 if best.chosen is initial_weights else max(member.best_step for member in members)
    return replace(best, steps_taken=sum(member.steps_taken for member in members), best_step=best_step)


def _learn_member(
    task: LearningTask,
    *,
    members: list[Learned],
    groups: dict[str, TensorWeights],
    plain: dict[str, Any],
    control: RunControl[Progress],
) -> Learned:
    """Both stages once; `groups` and `plain` are the checkpoint to go on with, empty to begin."""
    settings, share = task.settings, task.settings.second_stage_share
    budget = settings.budget_seconds
    is_resumed = bool(groups)
    first = LearningLoop(
        task.network,
        data=task.data,
        settings=settings,
        steps=task.steps,
        learning_rate=settings.learning_rate,
        budget_seconds=budget / (1 + share) if budget else None,
    )

    def run(
        loop: LearningLoop, *, carried: TensorWeights, summary: dict[str, int], offset: float, width: float
    ) -> TensorWeights:
        try:
            return loop.run(_narrow(control, begin=offset, width=width))
        except Stopped as stopped:
            tensors, state = loop.state()
            for number, member in enumerate(members):
                tensors |= {f"chosen {number}": member.chosen, f"final {number}": member.final}
            tensors |= {"chosen": carried} if carried else {}
            state |= {"members": [[member.steps_taken, member.best_step] for member in members]}
            if control.checkpoint is not None:
                state |= {**summary, "fingerprint": task.fingerprint}
                write_checkpoint(control.checkpoint, groups=tensors, state=state, shape=task.network.shape)
            raise control.explain_stop(f"{loop.step} of {loop.steps}", signal_number=stopped.signal_number) from None

    if "chosen" in groups:
        chosen, summary = groups["chosen"], {name: plain[name] for name in ("first_steps", "first_best")}
    else:
        if is_resumed:
            first.restore(groups, plain)
        chosen = run(first, carried={}, summary={}, offset=0.0, width=1 / (1 + share))
        summary = {"first_steps": first.step, "first_best": first.best_step}
    more = round(summary["first_best"] * share)
    if more == 0:
        # nothing was learned that held: there is nothing to go on with
        return Learned(chosen, chosen, summary["first_steps"], summary["first_best"])
    task.network.load_state_dict(chosen)
    second = LearningLoop(
        task.network,
        data=task.data.include_held_out(),
        settings=settings,
        steps=more,
        learning_rate=settings.learning_rate * settings.second_stage_rate,
        budget_seconds=budget * share / (1 + share) if budget else None,
    )
    if "chosen" in groups:
        second.restore(groups, plain)
    final = run(second, carried=chosen, summary=summary, offset=1 / (1 + share), width=share / (1 + share))
    return Learned(chosen, final, summary["first_steps"] + second.step, summary["first_best"])
