"""The training loss: pinball loss over all quantile levels."""

import torch
from torch import Tensor

__all__ = ["pinball_loss"]


def pinball_loss(quantiles: Tensor, y_true: Tensor, *, levels: Tensor, clip: float) -> Tensor:
    """Mean pinball loss of each window, times 2 as in WQL: [batch].

    `quantiles` [batch, horizon, level] and `y_true` [batch, horizon] in noise scales, NaN where unknown.
    Errors are clipped at `clip` noise scales, so that a broken series cannot dominate. A window
    without any true value has loss 0. (Koenker & Bassett 1978)
    """
    known = ~y_true.isnan()
    error = torch.where(known, y_true, 0.0)[..., None] - quantiles
    error = torch.where(known[..., None], error, 0.0).clamp(-clip, clip)  # [batch, horizon, level]
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(dim=2)
    return 2 * loss.sum(dim=1) / known.sum(dim=1).clamp(min=1)
