"""Learning in two stages: choose by what was held out, then learn that as well. Several times over, if asked.

The newest steps of a series are what its next ones are most like. They are held out first, so that the
weights can be chosen, scored and calibrated honestly; then a short second stage learns from them too.
Several such learnings that begin with the same weights, each with a seed of its own, are averaged weight by
weight (Wortsman et al. 2022, "Model soups"): as good as the average of their forecasts, at the cost of one. What began
with the base model goes only part of the way from it to what was learned (Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models"): all series of a file have the same recent past, which is no sure guide.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.learning.checkpoint import read_checkpoint, write_checkpoint
from forecaster.learning.learner import TensorWeights, copy_weights
from forecaster.learning.loop import LearningData, LearningLoop, Progress, Stopped
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import TrainingSettings
from forecaster.windows import WindowIndex, index_training_windows

__all__ = ["Learned", "learn_in_stages"]


@dataclass(frozen=True)
class Learned:
    """Weights chosen by the held-out windows, and those that learned from them as well."""

    chosen: TensorWeights
    final: TensorWeights
    steps_taken: int
    best_step: int


@dataclass(frozen=True)
class _Plan:
    """What all members of an ensemble have in common."""

    network: StackedLSTM
    data: LearningData
    settings: TrainingSettings
    steps: int
    min_past: int
    recent: int
    checkpoint: Path
    fingerprint: str
    on_progress: Callable[[Progress], None]
    stop_signal: Callable[[], int | None]


def learn_in_stages(
    network: StackedLSTM,
    *,
    data: LearningData,
    settings: TrainingSettings,
    steps: int,
    min_past: int,
    recent: int,
    checkpoint: Path,
    fingerprint: str,
    resume: bool,
    on_progress: Callable[[Progress], None],
    stop_signal: Callable[[], int | None],
) -> Learned:
    """Run both stages, `settings.ensemble` times, or go on with the run that was saved in `checkpoint`.

    The average of the members is kept, or what does better on the held-out windows: one of them, or `network` as
    it is given.
    A stop signal writes `checkpoint` and raises InterruptedRunError. Raises ConfigurationError when the
    checkpoint is of another network, or `fingerprint` shows that it is of another run, and what
    `LearningLoop.run` raises.
    """
    groups, plain = read_checkpoint(checkpoint, shape=network.shape) if resume else ({}, {})
    if resume and plain.get("fingerprint") != fingerprint:
        raise ConfigurationError(
            f"{checkpoint}: the data or the settings changed since it was made. "
            "Give the same ones, or train without --resume."
        )
    count = settings.ensemble
    plan = _Plan(network, data, settings, steps, min_past, recent, checkpoint, fingerprint, on_progress, stop_signal)
    initial_weights = copy_weights(network)
    members = [
        Learned(groups[f"chosen {number}"], groups[f"final {number}"], *taken)
        for number, taken in enumerate(plain.get("members", []))
    ]
    for number in range(len(members), count):
        network.load_state_dict(initial_weights)
        member = replace(
            plan,
            settings=replace(
                settings,
                seed=settings.seed + number,
                budget_seconds=settings.budget_seconds / count if settings.budget_seconds else None,
            ),
            on_progress=partial(_pass_on, on_progress, number=number, count=count),
        )
        members.append(_learn_member(member, members=members, groups=groups, plain=plain))
        groups, plain = {}, {}
    return _select(initial_weights, members, plan=plan)


def _pass_on(on_progress: Callable[[Progress], None], now: Progress, *, number: int, count: int) -> None:
    """Tell how far all of `count` members are when the one with this `number` is where `now` says."""
    on_progress(replace(now, fraction=(number + now.fraction) / count))


def _select(initial_weights: TensorWeights, members: list[Learned], *, plan: _Plan) -> Learned:
    """The mean of all members, or one of them, or what they began with: the best on the held-out windows."""
    share = plan.settings.interpolation_weight(plan.data.horizons)

    def interpolate(every: list[TensorWeights]) -> TensorWeights:
        return {
            name: weight.lerp(torch.stack([weights[name] for weights in every]).mean(dim=0), share)
            for name, weight in initial_weights.items()
        }

    candidates = [
        Learned(interpolate([one.chosen for one in some]), interpolate([one.final for one in some]), 0, 0)
        for some in ([*([members] if len(members) > 1 else []), *([member] for member in members)])
    ]
    loop = LearningLoop(plan.network, data=plan.data, settings=plan.settings, steps=1, learning_rate=0.0)
    best = min(
        [*candidates, Learned(initial_weights, initial_weights, 0, 0)],
        key=lambda candidate: loop.score(candidate.chosen),
    )
    best_step = 0 if best.chosen is initial_weights else max(member.best_step for member in members)
    return replace(best, steps_taken=sum(member.steps_taken for member in members), best_step=best_step)


def _learn_member(
    plan: _Plan, *, members: list[Learned], groups: dict[str, TensorWeights], plain: dict[str, int]
) -> Learned:
    """Both stages once; `groups` and `plain` are the checkpoint to go on with, empty to begin."""
    settings, share = plan.settings, plan.settings.second_stage_share
    budget = settings.budget_seconds
    is_resumed = bool(groups)
    first = LearningLoop(
        plan.network,
        data=plan.data,
        settings=settings,
        steps=plan.steps,
        learning_rate=settings.learning_rate,
        budget_seconds=budget / (1 + share) if budget else None,
    )

    def run(
        loop: LearningLoop, *, carried: TensorWeights, summary: dict[str, int], offset: float, width: float
    ) -> TensorWeights:
        try:
            return loop.run(
                on_progress=lambda now: plan.on_progress(
                    replace(now, fraction=offset + width * min(now.fraction, 1.0))
                ),
                stop_signal=plan.stop_signal,
            )
        except Stopped as stopped:
            tensors, state = loop.state()
            for number, member in enumerate(members):
                tensors |= {f"chosen {number}": member.chosen, f"final {number}": member.final}
            tensors |= {"chosen": carried} if carried else {}
            state |= {"members": [[member.steps_taken, member.best_step] for member in members]}
            write_checkpoint(
                plan.checkpoint,
                groups=tensors,
                state={**state, **summary, "fingerprint": plan.fingerprint},
                shape=plan.network.shape,
            )
            raise InterruptedRunError(
                f"Stopped at step {loop.step} of {loop.steps}; the work is saved in {plan.checkpoint}. "
                "Go on with the same command and --resume.",
                signal_number=stopped.signal_number,
            ) from None

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
    everything = index_training_windows(plan.data.panel, held_out=0, min_past=plan.min_past, recent=plan.recent)
    plan.network.load_state_dict(chosen)
    second = LearningLoop(
        plan.network,
        data=replace(plan.data, training=everything, held_out=WindowIndex.none(), held_out_steps=0),
        settings=settings,
        steps=more,
        learning_rate=settings.learning_rate * settings.second_stage_rate,
        budget_seconds=budget * share / (1 + share) if budget else None,
    )
    if "chosen" in groups:
        second.restore(groups, plain)
    final = run(second, carried=chosen, summary=summary, offset=1 / (1 + share), width=share / (1 + share))
    return Learned(chosen, final, summary["first_steps"] + second.step, summary["first_best"])
