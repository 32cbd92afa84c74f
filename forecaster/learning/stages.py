"""Learning in two stages: choose by what was held out, then learn that as well.

The newest steps of a series are what its next ones are most like. They are held out first, so that the
weights can be chosen, scored and calibrated honestly; then a short second stage learns from them too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from forecaster.errors import ConfigurationError, InterruptedRunError
from forecaster.learning.checkpoint import read_checkpoint, write_checkpoint
from forecaster.learning.learner import Weights
from forecaster.learning.loop import LearningData, LearningLoop, Progress, Stopped
from forecaster.settings import TrainingSettings
from forecaster.windows import Places, place_training_windows

__all__ = ["Learned", "learn_in_stages"]


@dataclass(frozen=True)
class Learned:
    """Weights chosen by the held-out windows, and those that learned from them as well."""

    chosen: Weights
    final: Weights
    steps_taken: int
    best_step: int


def learn_in_stages(
    network: nn.Module,
    *,
    data: LearningData,
    settings: TrainingSettings,
    steps: int,
    least_past: int,
    recent: int,
    checkpoint: Path,
    fingerprint: str,
    resume: bool,
    on_progress: Callable[[Progress], None],
    stop_signal: Callable[[], int | None],
) -> Learned:
    """Run both stages, or go on with the one that was set aside in `checkpoint`.

    A stop signal writes `checkpoint` and raises InterruptedRunError. Raises ConfigurationError when
    `fingerprint` shows that the checkpoint is of another run, and what `LearningLoop.run` raises.
    """
    groups, plain = read_checkpoint(checkpoint) if resume else ({}, {})
    if resume and plain.get("fingerprint") != fingerprint:
        raise ConfigurationError(
            f"{checkpoint}: the data or the settings changed since it was made. "
            "Give the same ones, or train without --resume."
        )
    share = settings.second_stage_share
    budget = settings.budget_seconds
    first = LearningLoop(
        network,
        data=data,
        settings=settings,
        steps=steps,
        learning_rate=settings.learning_rate,
        budget_seconds=budget / (1 + share) if budget else None,
    )

    def run(loop: LearningLoop, *, carried: Weights, summary: dict[str, int], offset: float, width: float) -> Weights:
        try:
            return loop.run(
                on_progress=lambda now: on_progress(replace(now, fraction=offset + width * min(now.fraction, 1.0))),
                stop_signal=stop_signal,
            )
        except Stopped as stopped:
            tensors, state = loop.state()
            tensors = {**tensors, **({"chosen": carried} if carried else {})}
            write_checkpoint(checkpoint, groups=tensors, state={**state, **summary, "fingerprint": fingerprint})
            raise InterruptedRunError(
                f"Stopped at step {loop.step} of {loop.steps}; the work is saved in {checkpoint}. "
                "Go on with the same command and --resume.",
                signal_number=stopped.signal_number,
            ) from None

    if "chosen" in groups:
        chosen, summary = groups["chosen"], {name: plain[name] for name in ("first_steps", "first_best")}
    else:
        if resume:
            first.restore(groups, plain)
        chosen = run(first, carried={}, summary={}, offset=0.0, width=1 / (1 + share))
        summary = {"first_steps": first.step, "first_best": first.best_step}
    more = round(summary["first_best"] * share)
    if more == 0:
        # nothing was learned that held: there is nothing to go on with
        return Learned(chosen, chosen, summary["first_steps"], summary["first_best"])
    everything = place_training_windows(data.panel, held_out=0, least_past=least_past, recent=recent)
    network.load_state_dict(chosen)
    second = LearningLoop(
        network,
        data=replace(data, training=everything, held_out=Places.none(), held_out_steps=0),
        settings=settings,
        steps=more,
        learning_rate=settings.learning_rate * settings.second_stage_rate,
        budget_seconds=budget * share / (1 + share) if budget else None,
    )
    if "chosen" in groups:
        second.restore(groups, plain)
    final = run(second, carried=chosen, summary=summary, offset=1 / (1 + share), width=share / (1 + share))
    return Learned(chosen, final, summary["first_steps"] + second.step, summary["first_best"])
