"""The training loop: sample windows, take steps, average the weights, score them, keep the best."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.encoding.shared_year import remove_year
from forecaster.errors import DivergedError
from forecaster.learning.batches import Batch, encode_batch
from forecaster.learning.checkpoint import check_weights
from forecaster.learning.dataset import LearningData
from forecaster.learning.learner import Learner, LearnerState, TensorWeights, copy_weights
from forecaster.learning.plan import RunControl
from forecaster.learning.pool import choose_pool
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import TrainingSettings
from forecaster.windows import cut_truth, cut_windows

__all__ = ["LearningLoop", "LearningTask", "LoopState", "Progress", "Standing", "Stopped"]

SCORING_BATCH, MAX_KEPT = 512, 4096
MIN_BATCH = 32
DIVERGED = 20.0
"""Learning has diverged when the held-out loss is this many times the first one."""


class Stopped(Exception):  # noqa: N818 - no error: the loop was asked to stop
    """A signal asked the loop to stop; its state can be saved."""

    def __init__(self, signal_number: int) -> None:
        self.signal_number = signal_number


@dataclass(frozen=True)
class Progress:
    """Progress of a training run, for a progress bar. Losses are NaN before they are first computed."""

    step: int
    steps: int
    fraction: float
    loss: float
    held_out: float
    best: float


@dataclass(frozen=True)
class LearningTask:
    """Training of `network`, from its current weights, on `data` in at most `steps` steps.

    `fingerprint` identifies the data and settings, so that only the same run is resumed.
    """

    network: StackedLSTM
    data: LearningData
    settings: TrainingSettings
    steps: int
    fingerprint: str


@dataclass
class Standing:
    """Seconds that a loop took, and its losses in training and on the held-out windows."""

    elapsed: float = 0.0
    loss: float = math.nan
    held_out: float = math.nan
    first_score: float = math.nan
    best_score: float = math.nan
    best_step: int = 0
    scores_since_best: int = 0


@dataclass(frozen=True)
class LoopState:
    """State of a LearningLoop between two steps; `generator` is that of the sampling of windows."""

    learner: LearnerState
    best: TensorWeights
    generator: dict[str, Any]
    now: Standing


class LearningLoop:
    """One stage of training. With held-out windows, `best` are the averaged weights that scored best on them."""

    def __init__(self, task: LearningTask) -> None:
        self.data, self.settings, self.steps = task.data, task.settings, task.steps
        self.learner = Learner(task.network, settings=task.settings)
        windows = len(task.data.training)
        # few windows to sample from: smaller batches, or all would contain mostly the same windows
        self.batch_size = min(self._limit_batch(), max(windows // 8, MIN_BATCH), windows)
        self.generator = np.random.default_rng(self.settings.seed)
        encode = partial(self._encode, held_out_steps=task.data.held_out_steps)
        self.pool = choose_pool(task.data, seed=self.settings.seed, encode=encode)
        self.initial_weights = self.best = copy_weights(task.network)
        self.now = Standing()
        self.scored: list[Batch] = []

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return self.learner.step

    def run(self, control: RunControl[Progress]) -> TensorWeights:
        """Learn until the steps, the budget or the patience are used up; returns the weights to keep.

        Raises Stopped when a signal stops the run, DivergedError when the loss is not finite or too large.
        """
        chooses, budget = len(self.data.held_out) > 0, self.settings.budget_seconds or math.inf
        start = time.monotonic() - self.now.elapsed
        if chooses and self.step == 0:
            self._score()
            self.now.first_score = self.now.best_score = self.now.held_out

        def check() -> None:
            if signal_number := control.stop_signal():
                raise Stopped(signal_number)

        def is_over() -> bool:
            check()
            return time.monotonic() - start >= budget

        while self._fraction() < 1 and self.now.scores_since_best < self.settings.patience:
            check()
            self._learn_one_batch(is_over)
            self.now.elapsed = time.monotonic() - start
            # the last weights are scored as well, if the budget ends between two scores
            if chooses and (self.step % self.settings.score_every == 0 or self._fraction() >= 1):
                self._score()
                self._keep_best()
                self.now.elapsed = time.monotonic() - start
            control.on_progress(
                Progress(self.step, self.steps, self._fraction(), self.now.loss, self.now.held_out, self.now.best_score)
            )
        return self.best if chooses else self.learner.average

    def state(self) -> LoopState:
        """All that resuming needs."""
        return LoopState(self.learner.state(), self.best, dict(self.generator.bit_generator.state), replace(self.now))

    def restore(self, state: LoopState) -> None:
        """Return to `state`. Raises ValueError or another error of NumPy or torch where it is not of such a loop."""
        if max(state.learner.step, state.now.best_step) > self.steps or not state.now.elapsed >= 0:
            raise ValueError("more steps than there are, or less time than none")
        check_weights(state.best, expected=self.best)
        self.learner.restore(state.learner)
        self.best, self.now = state.best, replace(state.now)
        self.generator.bit_generator.state = state.generator

    def _fraction(self) -> float:
        """Fraction of the run that is done: of the steps or of the time budget, the larger one."""
        budget = self.settings.budget_seconds
        return max(self.step / self.steps, self.now.elapsed / budget if budget else 0.0)

    def _limit_batch(self) -> int:
        """The number of windows in a batch, by their length."""
        settings, length = self.settings, self.data.encoding.context_length + self.data.horizon
        if settings.batch_steps is None:
            return settings.batch_size
        return min(settings.batch_size, max(settings.batch_steps // length, MIN_BATCH))

    def _learn_one_batch(self, is_over: Callable[[], bool]) -> None:
        index, batch = self._sample(is_over)
        warm_up = min(1.0, (self.step + 1) / self.settings.warm_up_steps)
        cosine = 0.02 + 0.98 * (1 + math.cos(math.pi * min(self._fraction(), 1.0))) / 2
        self.now.loss, losses = self.learner.learn(batch, rate=self.settings.learning_rate * warm_up * cosine)
        if not math.isfinite(self.now.loss):
            self._raise_diverged(index, losses.numpy(), loss=self.now.loss)

    def _sample(self, is_over: Callable[[], bool]) -> tuple[WindowIndex, Batch]:
        """Training windows, encoded."""
        if self.pool is not None:
            return self.pool.sample(self.generator, size=self.batch_size, step=self.step, is_over=is_over)
        index = self.data.training[self.generator.integers(0, len(self.data.training), self.batch_size)]
        return index, self._encode(index, held_out_steps=self.data.held_out_steps)

    def score(self, weights: TensorWeights) -> float:
        """Mean loss of `weights` on the held-out windows."""
        return self._score_held_out(weights)[0]

    def _score_held_out(self, weights: TensorWeights) -> tuple[float, NDArray[np.float32]]:
        """Mean loss of `weights`, and that of each held-out window."""
        per_window, per_weight = [], []
        for batch in self._iterate_held_out():
            per_window.append(self.learner.score(batch, weights=weights).numpy())
            per_weight.append(batch.weights.numpy())
        losses = np.concatenate(per_window)
        return float(np.average(losses, weights=np.concatenate(per_weight))), losses

    def _iterate_held_out(self) -> Iterator[Batch]:
        """The held-out windows, encoded; they are kept where they are few."""
        if self.scored:
            yield from self.scored
            return
        held_out, keeps = self.data.held_out, len(self.data.held_out) <= MAX_KEPT
        for begin in range(0, len(held_out), SCORING_BATCH):
            batch = self._encode(held_out[begin : begin + SCORING_BATCH], held_out_steps=0)
            if keeps:
                self.scored.append(batch)
            yield batch

    def _score(self) -> None:
        """Score the averaged weights, interpolated as at the end; raise DivergedError where the loss is too large."""
        weight = self.settings.interpolation_weight(self.data.horizons)
        average = self.learner.average  # copied from the device once
        interpolated = {name: initial.lerp(average[name], weight) for name, initial in self.initial_weights.items()}
        self.now.held_out, losses = self._score_held_out(interpolated)
        if not math.isfinite(self.now.held_out) or self.now.held_out > DIVERGED * max(self.now.first_score, 1.0):
            self._raise_diverged(self.data.held_out, losses, loss=self.now.held_out)

    def _keep_best(self) -> None:
        if self.now.held_out < self.now.best_score:
            self.now.best_score, self.now.best_step, self.now.scores_since_best = self.now.held_out, self.step, 0
            self.best = {name: weight.clone() for name, weight in self.learner.average.items()}
        else:
            self.now.scores_since_best += 1

    def _encode(self, index: WindowIndex, *, held_out_steps: int) -> Batch:
        data = self.data
        past_length = data.encoding.reach_into(int(data.panel.lengths.max()))
        windows = cut_windows(data.panel, index=index, past_length=past_length, horizon=data.horizon)
        windows = leave_out_explained_zeros(windows, encoding=data.encoding, horizon=data.horizon)
        y_true = cut_truth(data.panel, index=index, horizon=data.horizon, held_out=held_out_steps)
        year = data.encoding.shared_year
        free, expected = remove_year(windows, year, panel=data.panel, index=index, horizon=data.horizon)
        y_true -= expected
        if free.is_zero is not None:
            y_true[free.is_zero] = np.nan
        return encode_batch(free, y_true, encoding=data.encoding)

    def _raise_diverged(self, index: WindowIndex, losses: NDArray[np.float32], *, loss: float) -> None:
        worst = int(np.argmax(np.where(np.isfinite(losses), losses, np.inf)))
        series = self.data.panel.label(int(index.series[worst]))
        raise DivergedError(
            f"Learning diverged at step {self.step}: the loss is {loss:.3g}, the most of it from series {series}. "
            "Look at its values, or try a lower --learning-rate."
        )
