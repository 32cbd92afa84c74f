"""The weights of a model, read without torch."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load

from forecaster.errors import ConfigurationError
from forecaster.model.base import read_base
from forecaster.model.card import ModelCard
from forecaster.model.folder import read_weights
from forecaster.network.names import Weights

__all__ = ["load_weights"]


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
