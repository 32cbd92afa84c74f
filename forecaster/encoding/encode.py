"""Pasts of any kind and length in, what the network sees of them out."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.bounding import bound_past
from forecaster.encoding.channels import Encoded, Encoding, encode_alike
from forecaster.encoding.scaling import Scales

__all__ = ["encode"]

Array = NDArray[np.float64]


def encode(past: Array, lengths: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> Encoded:
    """Encode `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    Each past is bounded to the range that the network has learned, and encoded with the periods that it shows itself:
    what is in the batch beside it changes nothing.
    """
    parts = []
    for shown, rows in encoding.split(lengths):
        # no more of the past than these periods ask for, however long the array is for others in the batch
        reach = shown.past_length
        bounded = bound_past(
            past[rows, -reach:],
            np.minimum(lengths[rows], reach),
            context_length=encoding.context_length,
            period=encoding.periods[0],
        )
        for alike, some in shown.split(bounded.lengths):
            reach = alike.past_length
            encoded = encode_alike(
                bounded.past[some, -reach:], np.minimum(bounded.lengths[some], reach), encoding=alike, horizon=horizon
            )
            level = encoded.scales.level + bounded.offset[some]
            parts.append((rows[some], replace(encoded, scales=replace(encoded.scales, level=level))))
    return parts[0][1] if len(parts) == 1 else _join(parts)


def _join(parts: list[tuple[NDArray[np.int64], Encoded]]) -> Encoded:
    """One batch of parts, each with the rows of the whole that it is."""
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    encoded = [part for _, part in parts]
    scales = {
        field.name: np.concatenate([getattr(part.scales, field.name) for part in encoded])[order]
        for field in fields(Scales)
    }
    return Encoded(
        np.concatenate([part.inputs for part in encoded])[order],
        np.concatenate([part.bases for part in encoded])[order],
        Scales(**scales),
    )
