"""Read and write a trained model on disk: `model.json`, and the network and the weights that it names.

Only numbers and names are stored, in formats that cannot carry code. `model.json` holds the checksums of the other two
files, and a new one replaces the old one atomically: see `forecaster.model.versions`.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.model.card import ADAPTER_VERSION, FORMAT_VERSION, NEWER_PARTS, ModelCard, describe_card
from forecaster.model.network import LARGEST_NETWORK
from forecaster.model.old_cards import nest_model_card
from forecaster.model.typed_json import is_too_deep, read_as
from forecaster.model.versions import (
    CHECKPOINT_FILE,
    MODEL_CARD,
    NETWORK,
    WEIGHTS,
    Result,
    find_file,
    read_one_version,
    write_version,
)

__all__ = [
    "CARD_FILE",
    "CHECKPOINT_FILE",
    "read_card",
    "read_model",
    "read_network",
    "read_weights",
    "write_model",
]

KNOWN_VERSIONS = (1, 2, FORMAT_VERSION, *NEWER_PARTS.values(), ADAPTER_VERSION)
FLAT_VERSIONS = (1, 2)
CARD_FILE = MODEL_CARD
LARGEST_CARD = 4 << 20


def write_model(folder: Path, *, card: ModelCard, network: bytes, weights: bytes) -> None:
    """Write the card, the network and the weights, all of them or none; the caller holds the folder (`hold_folder`)."""
    write_version(folder / CARD_FILE, card=describe_card(card), network=network, weights=weights)


def read_model(folder: Path, read: Callable[[], Result]) -> Result:
    """The result of `read`, whose calls of `read_card`, `read_network` and `read_weights` see one version of the model.

    It is not needed to read a card alone.
    """
    return read_one_version(folder / CARD_FILE, read)


def read_card(folder: Path) -> ModelCard:
    """Read `model.json`.

    Raises NotFoundError where there is no model, ConfigurationError where the file is not a model card, is
    broken, or has a version that this program does not know.
    """
    path = folder / CARD_FILE
    if not os.path.isfile(path):  # noqa: PTH113 - False, and no error, for a name that is too long
        raise NotFoundError(
            f"{folder}: no trained model there. Make one with 'forecast train DATA --model {folder}', "
            "or name another folder, or 'base' for the base model."
        )
    data = _read(path, most=LARGEST_CARD)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _broken(path, "it is not JSON") from error
    if not isinstance(content, dict):
        raise _broken(path, "it is not an object")
    if is_too_deep(content):
        raise _broken(path, "its lists and objects lie too deep within one another")
    version = content.get("format_version")
    if type(version) is not int or version not in KNOWN_VERSIONS:
        raise ConfigurationError(
            f"{path}: format version {str(version)[:20]} is not known here. Update forecast, or train again."
        )
    try:
        return read_as(ModelCard, nest_model_card(content) if version in FLAT_VERSIONS else content)
    except ValueError as error:
        raise _broken(path, str(error)) from error


def read_network(folder: Path, *, card: ModelCard) -> bytes:
    """The bytes of the ONNX network, checked against the checksum in `card`."""
    return _read_part(folder, NETWORK, card=card)


def read_weights(folder: Path, *, card: ModelCard) -> bytes:
    """The bytes of the weights, a safetensors file, checked against the checksum in `card`."""
    return _read_part(folder, WEIGHTS, card=card)


def _read_part(folder: Path, part: str, *, card: ModelCard) -> bytes:
    name = find_file(part, checksums=card.checksums)
    if name is None:
        raise _broken(folder / CARD_FILE, f"it names no {part}")
    path = folder / name
    if not path.is_file():
        raise _broken(path, "it is missing")
    data = _read(path, most=LARGEST_NETWORK)
    if hashlib.sha256(data).hexdigest() != card.checksums[name]:
        raise _broken(path, "it does not belong to the model.json next to it")
    return data


def _read(path: Path, *, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise _broken(path, f"{size:,} bytes are more than any model has")
            return file.read()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def _broken(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: the model folder is broken: {reason}. Train again, or copy the folder again.")
