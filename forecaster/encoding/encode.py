"""Encode pasts of any kind and length as the network's inputs: channels, and candidate forecasts to mix."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.bounding import bound_past
from forecaster.encoding.candidates import CANDIDATES, forecast_candidates
from forecaster.encoding.channels import CHANNELS, make_channels
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.features import find_features
from forecaster.encoding.scaling import Scales

__all__ = ["Encoded", "encode"]


@dataclass(frozen=True)
class Encoded:
    """A batch, ready for the network.

    inputs     [batch, context + horizon, channel] float32, in the order of CHANNELS
    candidates [batch, candidate, horizon]         float32, in noise scales above the level, in the order of CANDIDATES
    scales     level and noise scale of each window, float64
    """

    inputs: NDArray[np.float32]
    candidates: NDArray[np.float32]
    scales: Scales


def encode(past: Array, lengths: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> Encoded:
    """Encode `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    Each past is bounded to the range that the network has learned, and encoded with the periods that its own length
    allows: the other rows of the batch change nothing.
    """
    parts = []
    for shown, rows in encoding.split(lengths):
        # no more of the past than these periods need, however long the array is for other rows of the batch
        reach = shown.past_length
        bounded = bound_past(
            past[rows, -reach:],
            np.minimum(lengths[rows], reach),
            context_length=encoding.context_length,
            period=encoding.periods[0],
        )
        for own, some in shown.split(bounded.lengths):
            reach = own.past_length
            encoded = _encode_group(
                bounded.past[some, -reach:], np.minimum(bounded.lengths[some], reach), encoding=own, horizon=horizon
            )
            level = encoded.scales.level + bounded.offset[some]
            parts.append((rows[some], replace(encoded, scales=replace(encoded.scales, level=level))))
    return parts[0][1] if len(parts) == 1 else _join(parts)


def _encode_group(past: Array, lengths: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> Encoded:
    """Encode pasts that are all long enough for the periods of `encoding`."""
    features = find_features(past, lengths, encoding=encoding, horizon=horizon)
    scales = features.scales
    inputs = _stack(make_channels(features), order=CHANNELS, axis=2).astype(np.float32)
    candidates = _stack(forecast_candidates(features), order=CANDIDATES, axis=1)
    scaled = (candidates - scales.level[:, None, None]) / scales.divisor[:, None, None]
    # every candidate of a past that never changes is its level, despite rounding
    scaled = np.where(scales.noise_scale[:, None, None] > 0, np.nan_to_num(scaled), 0.0)
    return Encoded(inputs, scaled.astype(np.float32), scales)


def _stack(named: dict[str, Array], *, order: tuple[str, ...], axis: int) -> Array:
    """The arrays of `named` along a new `axis`, in the declared `order`: all of them, and no others."""
    assert named.keys() == set(order), named.keys() ^ set(order)
    return np.stack([named[name] for name in order], axis=axis)


def _join(parts: list[tuple[NDArray[np.int64], Encoded]]) -> Encoded:
    """One batch from parts, each with its row numbers in the whole."""
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    encoded = [part for _, part in parts]
    scales = {
        field.name: np.concatenate([getattr(part.scales, field.name) for part in encoded])[order]
        for field in fields(Scales)
    }
    return Encoded(
        np.concatenate([part.inputs for part in encoded])[order],
        np.concatenate([part.candidates for part in encoded])[order],
        Scales(**scales),
    )
