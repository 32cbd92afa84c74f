"""Grow the base model's weights to a network with further channels, candidate forecasts and quantile levels.

The grown network forecasts what the old one did: new channels have no weight, new candidates next to none, and new
quantiles go on as the outermost ones did. So a base model can learn on with inputs that it did not have before.
"""

import torch
from safetensors.torch import load
from torch import Tensor

from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.errors import ConfigurationError
from forecaster.learning.learner import TensorWeights
from forecaster.model.base import read_base
from forecaster.model.card import BaseCard
from forecaster.settings import QUANTILE_LEVELS, NetworkShape

__all__ = ["grow_base"]

NEW_LOGIT = -1.0
"""Initial logit of a new candidate: with next to no weight it would hardly learn."""


def grow_base(shape: NetworkShape) -> TensorWeights:
    """The base model's weights, for a network with all present channels, candidates and levels.

    Raises ConfigurationError where the base model has another cell or size than `shape`.
    """
    card, _, path = read_base()
    own = card.network
    if (own.cell, own.layers, own.hidden) != (shape.cell, shape.layers, shape.hidden):
        raise ConfigurationError(
            f"The base model is an {own.cell} of {own.layers} layers of {own.hidden} units. Leave out --from-base."
        )
    weights = load(path.read_bytes())
    embedding, output, bias = (weights[name] for name in ("embedding.weight", "output.weight", "output.bias"))
    grown = torch.zeros(len(embedding), len(CHANNELS))
    for column, channel in enumerate(card.encoding.channels):
        grown[:, CHANNELS.index(channel)] = embedding[:, column]
    rows = _list_rows(card)
    return weights | {
        "embedding.weight": grown,
        "output.weight": _take_rows(output, rows, absent=torch.zeros(output.shape[1])),
        "output.bias": _take_rows(bias, rows, absent=torch.tensor(NEW_LOGIT)),
    }


def _list_rows(card: BaseCard) -> list[int | None]:
    """For each output of the new network the row of the old one to copy, None for a candidate that it did not have."""
    old, half = card.encoding.candidates, len(card.quantile_levels) // 2
    rows: list[int | None] = [old.index(name) if name in old else None for name in CANDIDATES]
    median, further = len(old), len(QUANTILE_LEVELS) // 2 - half
    below, above = median + 1, median + 1 + half
    # the distances between neighbouring levels: from the lowest up to the median, and from there to the highest
    rows += [
        median,
        *[below] * further,
        *range(below, above),
        *range(above, above + half),
        *[above + half - 1] * further,
    ]
    return rows


def _take_rows(values: Tensor, rows: list[int | None], *, absent: Tensor) -> Tensor:
    return torch.stack([absent if row is None else values[row] for row in rows])
