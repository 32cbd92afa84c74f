"""The weights of a model, read without torch."""

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load

from forecaster.errors import ConfigurationError
from forecaster.model.base import read_base
from forecaster.model.folder import ModelCard, read_weights
from forecaster.network.names import Weights
from forecaster.settings import NetworkShape

__all__ = ["load_weights", "shape_of"]


def load_weights(folder: Path, *, card: ModelCard | None) -> Weights:
    """Those in `folder`, checked against its `card`; without one, of the base model.

    Raises ConfigurationError where they cannot be read, or belong to another model.
    """
    try:
        return load(read_weights(folder, card=card) if card else read_base()[2].read_bytes())
    except (OSError, SafetensorError) as error:
        raise ConfigurationError(
            f"{folder}: its weights cannot be read. Train again, or copy the folder again."
        ) from error


def shape_of(network: dict[str, Any]) -> NetworkShape:
    """The shape that a card tells of; cards from before there were several cells name an LSTM."""
    names = ("layers", "hidden", "dropout", "cell", "memory_steps")
    known: dict[str, Any] = {name: network[name] for name in names if name in network}
    if "peepholes" in network:
        known["peepholes"] = tuple(network["peepholes"])
    return NetworkShape(**known)
