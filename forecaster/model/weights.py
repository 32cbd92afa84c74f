"""The weights of a model, read without torch."""

from safetensors import SafetensorError
from safetensors.numpy import load

from forecaster.errors import ConfigurationError
from forecaster.network.names import Weights

__all__ = ["parse_weights"]


def parse_weights(content: bytes) -> Weights:
    """The weights in a safetensors file, by name. Raises ConfigurationError where it is broken."""
    try:
        return load(content)
    except SafetensorError as error:
        raise ConfigurationError(
            "The model's weights cannot be read. Train again, or copy the folder again."
        ) from error
