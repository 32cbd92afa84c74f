"""Check that a file is the network that its model card describes, before anything opens it.

A model folder may come from a stranger, and an ONNX file is a program: a loop in it need not end, and a constant can
name another file. But every network is written by `build_graph`, so its bytes are known, all but those of the weights.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from forecaster.network.names import Weights, list_sizes
from forecaster.network.onnx_graph import build_graph
from forecaster.settings import NetworkShape

__all__ = ["CANDIDATES_NAMES", "LARGEST_NETWORK", "find_mistake", "holds_weights"]

CANDIDATES_NAMES = ("candidates", "bases")
"""What the networks of this version and of earlier ones call their second input."""
LARGEST_NETWORK = 256 << 20
"""Bytes of the largest file of a network or of its weights that is read."""
ANY_BYTE = np.frombuffer(b"\xff\xff\xff\xff", np.float32)[0]
"""A value of which each byte differs from that of a zero."""


def find_mistake(network: bytes, *, shape: NetworkShape, channels: int, candidates: int, quantiles: int) -> str | None:
    """Why `network` is no ONNX file of `build_graph` with these sizes and finite weights; None where it is one."""
    sizes = list_sizes(shape, channels=channels, candidates=candidates, quantiles=quantiles)
    described = f"{shape.layers} {shape.cell} layers of {shape.hidden} units with {channels} channels, {candidates} "
    described += f"candidates and {quantiles} quantiles"
    if 4 * sum(int(np.prod(size, dtype=object)) for size in sizes.values()) > LARGEST_NETWORK:
        return f"{described} are more than any network has"
    given = np.frombuffer(network, np.uint8)
    for name in CANDIDATES_NAMES:
        zeros, marked = (
            np.frombuffer(
                build_graph(
                    _fill(sizes, value), shape=shape, candidates=candidates, quantiles=quantiles, candidates_name=name
                ),
                np.uint8,
            )
            for value in (np.float32(0), ANY_BYTE)
        )
        is_weight = zeros != marked
        if len(given) == len(zeros) and np.array_equal(given[~is_weight], zeros[~is_weight]):
            is_finite = np.isfinite(given[is_weight].view("<f4")).all()
            return None if is_finite else "some of its weights are not finite numbers"
    return f"it is not the network that model.json describes: {described}"


def holds_weights(network: bytes, weights: Weights, *, shape: NetworkShape, candidates: int, quantiles: int) -> bool:
    """Whether `network` is the ONNX file of `weights`, which have the names and the sizes of `list_sizes`."""
    return any(
        network == build_graph(weights, shape=shape, candidates=candidates, quantiles=quantiles, candidates_name=name)
        for name in CANDIDATES_NAMES
    )


def _fill(sizes: Mapping[str, tuple[int, ...]], value: np.float32) -> dict[str, NDArray[np.float32]]:
    return {name: np.full(size, value, np.float32) for name, size in sizes.items()}
