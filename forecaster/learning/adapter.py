"""Learn an adapter, which reads covariates and attributes as they are, by the errors of the base model."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from forecaster.encoding.error_features import Features
from forecaster.encoding.error_models import Adapter
from forecaster.learning.error_examples import Examples

__all__ = ["MOST_NUMBERS", "count_numbers", "estimate_seconds", "fit_adapter"]

MEMBERS, UNITS = 3, 64
"""Adapters that are learned side by side and averaged, and the hidden units of each."""
BATCH, STEPS, MIN_STEPS = 64, 1300, 400
USUAL_HORIZON = 48
"""Steps of the horizon beyond which fewer steps of learning are taken, which bounds the time."""
RATE, DECAY, DROPOUT = 2e-3, 0.1, 0.3
SPREAD = 1 / math.sqrt(3)
"""Deviation of the initial weights of a hidden unit, times the root of its inputs."""
SMALLEST_DEVIATION = 0.2
"""Inputs vary by about 1, in their units; one that hardly ever changes is not made larger than this allows."""
SECONDS_PER_STEP, SECONDS_PER_NUMBER = 1e-3, 3.5e-8
"""Measured on one of two busy cores; the numbers are those of the hidden layers."""
MOST_NUMBERS = 200_000
"""Of the model card; adapters with more are not learned."""


def count_numbers(sizes: tuple[int, int, int], *, horizon: int) -> int:
    """How many numbers an adapter with so many lags, codes and features ahead has."""
    lags, codes, features = sizes
    return MEMBERS * UNITS * (lags + codes + horizon * (features + 2)) + horizon


def count_steps(horizon: int) -> int:
    """How many steps of learning are taken."""
    return max(min(STEPS, STEPS * USUAL_HORIZON // horizon), MIN_STEPS)


def estimate_seconds(horizon: int) -> float:
    """How long learning takes at the most, on one core."""
    return count_steps(horizon) * (SECONDS_PER_STEP + SECONDS_PER_NUMBER * BATCH * MEMBERS * UNITS * horizon)


def fit_adapter(examples: Examples, *, check: Callable[[], None] = lambda: None) -> Adapter:
    """Learn from `examples`, by their absolute errors; each window counts the less the larger its errors are.

    Three of ten hidden units are left out at random (Srivastava et al. 2014, "Dropout"), and weights decay, as there
    are few windows. `check` is called every few seconds, and may raise.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the arrays are small: more threads mostly wait for each other
    try:
        return _fit(examples, check=check)
    finally:
        torch.set_num_threads(threads)


def _fit(examples: Examples, *, check: Callable[[], None]) -> Adapter:
    generator = torch.Generator().manual_seed(0)
    inputs = _Inputs(examples.features)
    errors = torch.from_numpy(examples.errors.astype(np.float32))
    sizes = errors.abs().mean(dim=1)
    weights = 1 / (sizes + sizes.mean() / 2).clamp(min=1e-9)
    network = _Network(inputs.sizes, horizon=errors.shape[1], generator=generator)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    order = torch.empty(0, dtype=torch.int64)
    for step in range(count_steps(errors.shape[1])):
        if step % 100 == 0:
            check()
        if len(order) < min(BATCH, len(errors)):
            order = torch.randperm(len(errors), generator=generator)
        chosen, order = order[:BATCH], order[BATCH:]
        expected = network(*inputs.take(chosen), generator=generator)
        away = (expected - errors[chosen].T[:, :, None]).abs() * weights[chosen][None, :, None]
        optimizer.zero_grad()
        away.mean(dim=(0, 1)).sum().backward()
        optimizer.step()
    return inputs.undo_scaling(network)


class _Inputs:
    """Features as tensors of about the same size, and around their mean: of each step of the horizon its own."""

    def __init__(self, features: Features) -> None:
        past, ahead = np.concatenate([features.past, features.static], axis=1), features.ahead
        self.lags = features.past.shape[1]
        self.past_mean, self.ahead_mean = past.mean(axis=0), ahead.mean(axis=0)
        self.past_size = np.maximum((past - self.past_mean).std(axis=0), SMALLEST_DEVIATION)
        self.ahead_size = np.maximum((ahead - self.ahead_mean).std(axis=(0, 1)), SMALLEST_DEVIATION)
        self.past = torch.from_numpy(((past - self.past_mean) / self.past_size).astype(np.float32))
        scaled = (ahead - self.ahead_mean) / self.ahead_size
        self.ahead = torch.from_numpy(scaled.transpose(1, 0, 2).astype(np.float32).copy())

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of inputs that are the same for all steps, and of those of each step."""
        return self.past.shape[1], self.ahead.shape[2]

    def take(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Those of some windows, [window, lag] and [step, window, feature]."""
        return self.past[chosen], self.ahead[:, chosen]

    def undo_scaling(self, network: "_Network") -> Adapter:
        """The mean of the members of `network`, for features as they are."""
        past, ahead, bias, out, shift = (
            value.detach().numpy().astype(np.float64)
            for value in (network.past, network.ahead, network.bias, network.out, network.shift)
        )
        past, ahead = past / self.past_size[:, None], ahead / self.ahead_size[:, None]
        ahead_bias = np.cumsum(np.einsum("sf,sfu->su", self.ahead_mean, ahead), axis=0)
        return Adapter(
            past[: self.lags],
            past[self.lags :],
            ahead,
            bias - self.past_mean @ past - ahead_bias,
            out / MEMBERS,
            shift.mean(axis=1),
        )


class _Network(nn.Module):
    """The members, side by side; the result of each of them begins as zero."""

    def __init__(self, sizes: tuple[int, int], *, horizon: int, generator: torch.Generator) -> None:
        super().__init__()
        lags, features = sizes
        units, deviation = MEMBERS * UNITS, SPREAD / math.sqrt(lags + horizon * features)
        self.past = nn.Parameter(deviation * torch.randn(lags, units, generator=generator))
        self.ahead = nn.Parameter(deviation * torch.randn(horizon, features, units, generator=generator))
        self.bias = nn.Parameter(torch.zeros(units))
        self.out = nn.Parameter(torch.zeros(horizon, units))
        self.shift = nn.Parameter(torch.zeros(horizon, MEMBERS))

    def forward(self, past: torch.Tensor, ahead: torch.Tensor, *, generator: torch.Generator) -> torch.Tensor:
        """Expected errors of each member, [step, window, member], with some units left out."""
        hidden = torch.tanh((past @ self.past + self.bias)[None] + torch.bmm(ahead, self.ahead).cumsum(dim=0))
        kept = torch.rand(len(past), hidden.shape[2], generator=generator) >= DROPOUT
        weighed = hidden * (kept / (1 - DROPOUT))[None] * self.out[:, None]
        by_member = weighed.reshape(*weighed.shape[:2], MEMBERS, UNITS).sum(dim=3)
        return by_member + self.shift[:, None]
