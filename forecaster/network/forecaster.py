"""The stacked LSTM in torch: encoded windows in, quantiles in units out.

One network runs over context and horizon; the outputs at the horizon steps are the forecast. So any
horizon comes from one set of weights in one pass, and nothing is fed back.
"""

import math

import torch
from torch import Tensor, nn

from forecaster.settings import NetworkShape

__all__ = ["StackedLSTM"]

INITIAL_STEP = 0.25
"""Distance between neighbouring quantiles before learning, in units; that of a normal's middle deciles."""


class StackedLSTM(nn.Module):
    """Embedding, LSTM layers with residual paths, and a head that mixes bases and adds quantiles."""

    def __init__(self, shape: NetworkShape, *, channels: int, bases: int, quantiles: int) -> None:
        super().__init__()
        self.bases, self.quantiles_aside = bases, quantiles // 2
        hidden = shape.hidden
        self.embedding = nn.Linear(channels, hidden)
        layers = [nn.LSTM(hidden, hidden) for _ in range(shape.layers)]
        self.layers = nn.ModuleList(layers)
        self.dropout = nn.Dropout(shape.dropout)
        self.head = nn.Linear(hidden, hidden)
        self.output = nn.Linear(hidden, bases + quantiles)
        for layer in layers:
            _initialise_layer(layer)
        with torch.no_grad():
            self.output.weight.mul_(0.1)
            self.output.bias.zero_()
            # softplus of the bias is INITIAL_STEP
            self.output.bias[bases + 1 :] = math.log(math.expm1(INITIAL_STEP))

    def forward(self, inputs: Tensor, bases: Tensor) -> Tensor:
        """Quantiles in units above the level, [batch, horizon, quantile], ascending.

        `inputs` [batch, context + horizon, channel] and `bases` [batch, base, horizon] as in `Encoded`.
        """
        horizon = bases.shape[2]
        steps = nn.functional.silu(self.embedding(inputs)).transpose(0, 1)  # [time, batch, hidden]
        for layer in self.layers:
            steps = steps + layer(self._drop(steps))[0]
        ahead = steps[-horizon:].transpose(0, 1)  # [batch, horizon, hidden]
        out = self.output(nn.functional.silu(self.head(ahead)))  # [batch, horizon, base + quantile]
        weights = out[..., : self.bases].softmax(dim=2)
        mixed = (weights * bases.transpose(1, 2)).sum(dim=2, keepdim=True)  # [batch, horizon, 1]
        median = mixed + out[..., self.bases : self.bases + 1]
        increments = nn.functional.softplus(out[..., self.bases + 1 :])
        down, up = increments[..., : self.quantiles_aside], increments[..., self.quantiles_aside :]
        # from the median outwards, so that quantiles cannot cross
        below = median - down.flip(2).cumsum(dim=2).flip(2)
        above = median + up.cumsum(dim=2)
        return torch.cat([below, median, above], dim=2)

    def _drop(self, steps: Tensor) -> Tensor:
        """Leave out the same units at every step of a window (Gal & Ghahramani 2016): [time, batch, hidden]."""
        if not self.training or self.dropout.p == 0:
            return steps
        kept: Tensor = self.dropout(steps.new_ones(1, *steps.shape[1:]))
        return steps * kept


def _initialise_layer(layer: nn.LSTM) -> None:
    """Orthogonal recurrent weights, and a forget bias of 1 (Jozefowicz et al. 2015)."""
    hidden, weights = layer.hidden_size, dict(layer.named_parameters())
    with torch.no_grad():
        for block in weights["weight_hh_l0"].chunk(4):
            nn.init.orthogonal_(block)
        nn.init.xavier_uniform_(weights["weight_ih_l0"])
        weights["bias_ih_l0"].zero_()
        weights["bias_hh_l0"].zero_()
        # torch keeps the gates in the order input, forget, cell, output
        weights["bias_ih_l0"][hidden : 2 * hidden] = 1.0
