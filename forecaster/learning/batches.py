"""Batches of training windows: encoded, scaled by the noise scale, and weighted."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.windows import Windows

__all__ = ["Batch", "encode_batch"]

MIN_WEIGHT = 0.1


class Batch(NamedTuple):
    """The data of one training step.

    inputs  [batch, context + horizon, channel]
    candidates   [batch, candidate, horizon]
    y_true  [batch, horizon]  in noise scales above the level, NaN where unknown
    weights [batch]           convert a loss in noise scales to one in seasonal naive errors, the denominator of MASE
    """

    inputs: Tensor
    candidates: Tensor
    y_true: Tensor
    weights: Tensor


def encode_batch(windows: Windows, y_true: NDArray[np.float64], *, encoding: Encoding) -> Batch:
    """Encode `windows`, and scale the values after them, `y_true` [batch, horizon] in data units, in the same way."""
    encoded = encode(windows, encoding=encoding, horizon=y_true.shape[1], is_averaged=False)
    scales = encoded.scales
    y_true = encoded.scale(y_true)
    # a constant past has no noise scale to learn with
    y_true[scales.noise_scale == 0] = np.nan
    ratio = scales.divisor / np.fmax(scales.seasonal, scales.divisor)
    return Batch(
        torch.from_numpy(encoded.inputs),
        torch.from_numpy(encoded.candidates),
        torch.from_numpy(y_true.astype(np.float32)),
        torch.from_numpy(np.maximum(ratio, MIN_WEIGHT).astype(np.float32)),
    )
