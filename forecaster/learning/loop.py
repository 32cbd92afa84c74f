"""The learning loop: draw windows, step, average, score, keep the best."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from forecaster.data.panel import Panel
from forecaster.encoding.channels import Encoding, encode
from forecaster.errors import DivergedError
from forecaster.learning.loss import pinball_loss
from forecaster.settings import QUANTILE_LEVELS, TrainingSettings
from forecaster.windows import Places, cut_windows

__all__ = ["LearningData", "LearningLoop", "Progress", "Stopped", "Weights"]

SCORING_BATCH = 512
LEAST_BATCH = 32
LEAST_WEIGHT = 0.1
DIVERGED = 20.0
"""A held-out loss this many times the first one has exploded."""

Weights = dict[str, Tensor]


class Stopped(Exception):  # noqa: N818 - no error: the loop was asked to stop
    """Learning was asked to stop by a signal; the loop can be set aside as it is."""

    def __init__(self, signal_number: int) -> None:
        self.signal_number = signal_number


@dataclass(frozen=True)
class Progress:
    """Where a learning run is; what a progress bar shows. Losses are NaN where none was taken."""

    step: int
    steps: int
    fraction: float
    loss: float
    held_out: float
    best: float


@dataclass(frozen=True)
class LearningData:
    """What there is to learn from.

    training        places to draw windows from
    held_out        places to choose the weights by; empty where the steps are fixed beforehand
    held_out_steps  steps at the end of each series that training windows do not see the truth of
    """

    panel: Panel
    encoding: Encoding
    horizon: int
    training: Places
    held_out: Places
    held_out_steps: int


class LearningLoop:
    """One stage of learning. With held-out places, `best` is the average that scored best on them."""

    def __init__(
        self,
        network: nn.Module,
        *,
        data: LearningData,
        settings: TrainingSettings,
        steps: int,
        learning_rate: float,
        budget_seconds: float | None = None,
    ) -> None:
        self.network, self.data, self.settings = network, data, settings
        self.steps, self.learning_rate, self.budget_seconds = steps, learning_rate, budget_seconds
        self.levels = torch.tensor(QUANTILE_LEVELS)
        # few places to draw from: smaller batches, or each would hold much the same windows
        self.batch_size = min(settings.batch_size, max(len(data.training) // 8, LEAST_BATCH), len(data.training))
        self.generator = np.random.default_rng(settings.seed)
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=settings.weight_decay)
        self.average, self.best = _copy_weights(network), _copy_weights(network)
        self.step, self.best_step, self.scores_since_best, self.elapsed = 0, 0, 0, 0.0
        self.loss = self.held_out = self.best_score = self.first_score = math.nan

    def run(self, *, on_progress: Callable[[Progress], None], stop_signal: Callable[[], int | None]) -> Weights:
        """Learn until the steps, the budget or the patience are used up; the weights that are kept.

        `stop_signal` is asked at every step; when it names a signal, Stopped is raised. Raises
        DivergedError when the loss is not finite or explodes.
        """
        chooses = len(self.data.held_out) > 0
        if chooses and self.step == 0:
            self._score()
            self.first_score = self.best_score = self.held_out
        begun = time.monotonic() - self.elapsed
        while self._fraction() < 1 and self.scores_since_best < self.settings.patience:
            signal_number = stop_signal()
            if signal_number is not None:
                raise Stopped(signal_number)
            self._learn_one_batch()
            if chooses and (self.step % self.settings.score_every == 0 or self.step == self.steps):
                self._score()
                self._keep_best()
            self.elapsed = time.monotonic() - begun
            on_progress(Progress(self.step, self.steps, self._fraction(), self.loss, self.held_out, self.best_score))
        return self.best if chooses else self.average

    def state(self) -> tuple[dict[str, Weights], dict[str, Any]]:
        """All that going on needs: named groups of tensors, and plain values."""
        optimizer = {
            f"{number}/{name}": value
            for number, values in self.optimizer.state_dict()["state"].items()
            for name, value in values.items()
        }
        groups = {
            "network": self.network.state_dict(),
            "average": self.average,
            "best": self.best,
            "optimizer": optimizer,
            "random": {"torch": torch.get_rng_state()},
        }
        plain = {name: getattr(self, name) for name in PLAIN_STATE}
        return groups, plain | {"generator": self.generator.bit_generator.state}

    def restore(self, groups: dict[str, Weights], plain: dict[str, Any]) -> None:
        """Go back to where `state` was taken."""
        for name in PLAIN_STATE:
            setattr(self, name, plain[name])
        self.generator.bit_generator.state = plain["generator"]
        self.network.load_state_dict(groups["network"])
        self.average, self.best = groups["average"], groups["best"]
        optimizer: dict[int, Weights] = {}
        for key, value in groups.get("optimizer", {}).items():
            number, name = key.split("/")
            optimizer.setdefault(int(number), {})[name] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": optimizer})
        torch.set_rng_state(groups["random"]["torch"])

    def _fraction(self) -> float:
        """How much of the run is done, by steps or by the budget of time, whichever is further."""
        return max(self.step / self.steps, self.elapsed / self.budget_seconds if self.budget_seconds else 0.0)

    def _learn_one_batch(self) -> None:
        data = self.data
        places = data.training[self.generator.integers(0, len(data.training), self.batch_size)]
        inputs, bases, y_true, weights = self._encode(places, held_out_steps=data.held_out_steps)
        warm_up = min(1.0, (self.step + 1) / self.settings.warm_up_steps)
        cosine = 0.02 + 0.98 * (1 + math.cos(math.pi * min(self._fraction(), 1.0))) / 2
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * warm_up * cosine
        self.network.train()
        quantiles = self.network(inputs, bases)
        losses = pinball_loss(quantiles, y_true, levels=self.levels, clip=self.settings.error_clip)
        loss = (losses * weights).sum() / weights.sum()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_norm)
        self.loss = loss.item()
        if not math.isfinite(self.loss) or not math.isfinite(norm.item()):
            self._raise_diverged(places, losses.detach().numpy(), loss=self.loss)
        self.optimizer.step()
        self.step += 1
        # a short average first, so that the start is soon forgotten
        decay = min(self.settings.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.network.state_dict().items():
                self.average[name].lerp_(weight, 1 - decay)

    def _score(self) -> None:
        """Mean loss of the averaged weights on the held-out windows."""
        per_window, per_weight = [], []
        self.network.eval()
        with torch.no_grad():
            for begin in range(0, len(self.data.held_out), SCORING_BATCH):
                places = self.data.held_out[begin : begin + SCORING_BATCH]
                inputs, bases, y_true, weights = self._encode(places, held_out_steps=0)
                quantiles = torch.func.functional_call(self.network, self.average, (inputs, bases))
                losses = pinball_loss(quantiles, y_true, levels=self.levels, clip=self.settings.error_clip)
                per_window.append(losses.numpy())
                per_weight.append(weights.numpy())
        losses_found = np.concatenate(per_window)
        self.held_out = float(np.average(losses_found, weights=np.concatenate(per_weight)))
        if not math.isfinite(self.held_out) or self.held_out > DIVERGED * max(self.first_score, 1.0):
            self._raise_diverged(self.data.held_out, losses_found, loss=self.held_out)

    def _keep_best(self) -> None:
        if self.held_out < self.best_score:
            self.best_score, self.best_step, self.scores_since_best = self.held_out, self.step, 0
            self.best = {name: weight.clone() for name, weight in self.average.items()}
        else:
            self.scores_since_best += 1

    def _encode(self, places: Places, *, held_out_steps: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Inputs and bases, the truth in units, and the weight of each window.

        The weight turns a loss in units into one in the seasonal naive error, the denominator of MASE.
        """
        data = self.data
        windows = cut_windows(
            data.panel,
            places=places,
            past_length=data.encoding.past_length,
            horizon=data.horizon,
            held_out=held_out_steps,
        )
        encoded = encode(windows.past, windows.lengths, encoding=data.encoding, horizon=data.horizon)
        scales = encoded.scales
        y_true = (windows.y_true - scales.level[:, None]) / scales.divisor[:, None]
        # a past that never moves has no unit to learn in
        y_true[scales.unit == 0] = np.nan
        naive_error = scales.differences[:, 1 if data.encoding.periods[0] > 1 else 0]
        share = scales.divisor / np.fmax(naive_error, scales.divisor)
        return (
            torch.from_numpy(encoded.inputs),
            torch.from_numpy(encoded.bases),
            torch.from_numpy(y_true.astype(np.float32)),
            torch.from_numpy(np.maximum(share, LEAST_WEIGHT).astype(np.float32)),
        )

    def _raise_diverged(self, places: Places, losses: NDArray[np.float32], *, loss: float) -> None:
        worst = int(np.argmax(np.where(np.isfinite(losses), losses, np.inf)))
        series = self.data.panel.label(int(places.series[worst]))
        raise DivergedError(
            f"Learning diverged at step {self.step}: the loss is {loss:.3g}, the most of it from series {series}. "
            "Look at its values, or try a lower --learning-rate."
        )


PLAIN_STATE = (
    "step",
    "elapsed",
    "scores_since_best",
    "best_step",
    "loss",
    "held_out",
    "best_score",
    "first_score",
)


def _copy_weights(network: nn.Module) -> Weights:
    return {name: weight.detach().clone() for name, weight in network.state_dict().items()}
