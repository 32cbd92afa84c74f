"""The weights of a model, read without torch."""

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from forecaster.errors import ConfigurationError
from forecaster.model.card import BaseCard, ModelCard
from forecaster.model.network import holds_weights
from forecaster.network.names import Weights, list_sizes

__all__ = ["parse_weights"]


def parse_weights(content: bytes, *, card: ModelCard | BaseCard, network: bytes) -> Weights:
    """The weights in a safetensors file, by name.

    Raises ConfigurationError where it is broken, or they are not those of the network in `card`: by their names, types
    and sizes, numbers that are not finite, or other numbers than those in the ONNX file `network`.
    """
    try:
        weights = load(content)
    except (SafetensorError, LookupError, TypeError, ValueError) as error:
        raise _broken("they cannot be read") from error
    candidates, quantiles = len(card.encoding.candidates), len(card.quantile_levels)
    sizes = list_sizes(card.network, channels=len(card.encoding.channels), candidates=candidates, quantiles=quantiles)
    if weights.keys() != sizes.keys():
        different = min(weights.keys() ^ sizes.keys())
        raise _broken(f"{different[:80]!r} is {'missing' if different in sizes else 'not one of them'}")
    for name, values in weights.items():
        if values.dtype != np.float32 or values.shape != sizes[name]:
            raise _broken(f"{name!r} is not {'×'.join(map(str, sizes[name]))} numbers of 32 bits")
        if not np.isfinite(values).all():
            raise _broken(f"{name!r} has numbers that are not finite")
    if not holds_weights(network, weights, shape=card.network, candidates=candidates, quantiles=quantiles):
        raise _broken("network.onnx has other ones")
    return weights


def _broken(reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"weights.safetensors are not the weights of the network that model.json describes: {reason}. "
        "Train again, or copy the folder again."
    )
