"""The stacked LSTM in torch: from encoded windows to quantiles in noise scales.

One network runs over context and horizon; the outputs at the horizon steps are the forecast. So one set of
weights forecasts any horizon in one pass, and no forecast is fed back as an input.
"""

import math

import torch
from torch import Tensor, nn

from forecaster.network.cells import make_layers, run_layers
from forecaster.settings import NetworkShape

__all__ = ["StackedLSTM"]

INITIAL_STEP = 0.25
"""Initial distance between neighbouring quantiles, in noise scales; that of a normal distribution's middle deciles."""


class StepDropout(nn.Dropout):
    """Dropout of the same units at every step of a window (Gal & Ghahramani 2016)."""

    def forward(self, steps: Tensor) -> Tensor:
        """`steps` [time, batch, hidden], during training with some units 0 and the others scaled up."""
        if not self.training or self.p == 0:
            return steps
        return steps * super().forward(steps.new_ones(1, *steps.shape[1:]))


class StackedLSTM(nn.Module):
    """Embedding, LSTM layers with residual connections, and a head that mixes candidates and adds quantiles."""

    def __init__(self, shape: NetworkShape, *, channels: int, candidates: int, quantiles: int) -> None:
        super().__init__()
        self.shape = shape
        self.candidates, self.quantiles_per_side = candidates, quantiles // 2
        hidden = shape.hidden
        self.embedding = nn.Linear(channels, hidden)
        self.layers = make_layers(shape)
        self.dropout = StepDropout(shape.dropout)
        self.head = nn.Linear(hidden, hidden)
        self.output = nn.Linear(hidden, candidates + quantiles)
        with torch.no_grad():
            self.output.weight.mul_(0.1)
            self.output.bias.zero_()
            # softplus of the bias is INITIAL_STEP
            self.output.bias[candidates + 1 :] = math.log(math.expm1(INITIAL_STEP))

    def forward(self, inputs: Tensor, candidates: Tensor) -> Tensor:
        """Quantiles in noise scales above the level, [batch, horizon, quantile], ascending.

        `inputs` [batch, context + horizon, channel] and `candidates` [batch, candidate, horizon] as in `Encoded`.
        """
        horizon = candidates.shape[2]
        steps = nn.functional.silu(self.embedding(inputs)).transpose(0, 1)  # [time, batch, hidden]
        steps = run_layers(self.layers, steps, drop=self.dropout)
        ahead = steps[-horizon:].transpose(0, 1)  # [batch, horizon, hidden]
        out = self.output(nn.functional.silu(self.head(ahead)))  # [batch, horizon, candidate + quantile]
        weights = out[..., : self.candidates].softmax(dim=2)
        mixed = (weights * candidates.transpose(1, 2)).sum(dim=2, keepdim=True)  # [batch, horizon, 1]
        median = mixed + out[..., self.candidates : self.candidates + 1]
        increments = nn.functional.softplus(out[..., self.candidates + 1 :])
        down, up = increments[..., : self.quantiles_per_side], increments[..., self.quantiles_per_side :]
        # cumulated from the median outwards, so that quantiles cannot cross
        below = median - down.flip(2).cumsum(dim=2).flip(2)
        above = median + up.cumsum(dim=2)
        return torch.cat([below, median, above], dim=2)
