"""A trained model as it lies on disk: `model.json`, `network.onnx`, `weights.safetensors`.

Only numbers and names are kept, in formats that cannot carry code. `model.json` is written last and
holds the checksums of the other two, so that a torn folder is found out.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from forecaster.errors import ConfigurationError, NotFoundError
from forecaster.files import write_together

__all__ = [
    "CARD_FILE",
    "CHECKPOINT_FILE",
    "MODEL_FILES",
    "WEIGHTS_FILE",
    "ModelCard",
    "read_card",
    "read_network",
    "read_weights",
    "write_model",
]

FORMAT_VERSION = 1
CARD_FILE, NETWORK_FILE, WEIGHTS_FILE = "model.json", "network.onnx", "weights.safetensors"
CHECKPOINT_FILE = "checkpoint.safetensors"
MODEL_FILES = (CARD_FILE, NETWORK_FILE, WEIGHTS_FILE, CHECKPOINT_FILE)
LARGEST_CARD, LARGEST_NETWORK = 4 << 20, 256 << 20


@dataclass(frozen=True)
class ModelCard:
    """Everything that is known of a model but its weights.

    data          what it learned from, as named on the command line, with the options it was read with
    network       the fields of `NetworkShape`
    encoding      channels, bases, context_length, periods
    calendar      unit, multiple, month_end
    calibration   see `Calibration`
    scores        held-out metrics of the model and the baselines
    """

    horizon: int
    quantile_levels: list[float]
    data: str
    read_options: dict[str, Any]
    columns: dict[str, Any]
    calendar: dict[str, Any]
    season: int | None
    network: dict[str, Any]
    encoding: dict[str, Any]
    calibration: dict[str, Any]
    scores: dict[str, Any]
    training: dict[str, Any]
    seed: int
    versions: dict[str, str]
    checksums: dict[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION


def write_model(folder: Path, *, card: ModelCard, network: bytes, weights: bytes) -> None:
    """Write the three files, all of them or none."""
    checksums = {
        name: hashlib.sha256(data).hexdigest() for name, data in [(NETWORK_FILE, network), (WEIGHTS_FILE, weights)]
    }
    content = {**asdict(card), "checksums": checksums}
    text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"
    write_together({folder / NETWORK_FILE: network, folder / WEIGHTS_FILE: weights, folder / CARD_FILE: text.encode()})


def read_card(folder: Path) -> ModelCard:
    """Read `model.json`.

    Raises NotFoundError where there is no model, ConfigurationError where the file is not ours, is
    broken, or is of a version that this program does not know.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        raise NotFoundError(
            f"{folder}: no trained model there. Make one with 'forecast train DATA --model {folder}', "
            "or name another folder, or 'base' for the base model."
        )
    data = _read(path, most=LARGEST_CARD)
    try:
        content = json.loads(data)
    except ValueError as error:
        raise _broken(path, "it is not JSON") from error
    if not isinstance(content, dict):
        raise _broken(path, "it is not an object")
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise ConfigurationError(
            f"{path}: format version {version!r} is not known here. Update forecast, or train again."
        )
    for item in fields(ModelCard):
        if item.name not in content:
            raise _broken(path, f"{item.name!r} is missing")
        if not _fits(content[item.name], str(item.type)):
            raise _broken(path, f"{item.name!r} is not {item.type}")
    return ModelCard(**{item.name: content[item.name] for item in fields(ModelCard)})


def read_network(folder: Path, *, card: ModelCard) -> bytes:
    """The bytes of `network.onnx`, held against the checksum in `card`."""
    return _read_part(folder / NETWORK_FILE, card=card)


def read_weights(folder: Path, *, card: ModelCard) -> bytes:
    """The bytes of `weights.safetensors`, held against the checksum in `card`."""
    return _read_part(folder / WEIGHTS_FILE, card=card)


def _read_part(path: Path, *, card: ModelCard) -> bytes:
    if not path.is_file():
        raise _broken(path, "it is missing")
    data = _read(path, most=LARGEST_NETWORK)
    if hashlib.sha256(data).hexdigest() != card.checksums.get(path.name):
        raise _broken(path, "it does not belong to the model.json beside it")
    return data


def _read(path: Path, *, most: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > most:
            raise _broken(path, f"{size:,} bytes are more than any model has")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def _fits(value: object, type_name: str) -> bool:
    """Whether a JSON value is of a field's type; only the outermost type is looked at."""
    kinds: dict[str, Any] = {
        "int": int,
        "str": str,
        "bool": bool,
        "dict": dict,
        "list": list,
        "None": type(None),
    }
    names = [name.split("[")[0].strip() for name in type_name.replace("<class '", "").replace("'>", "").split("|")]
    return isinstance(value, tuple(kinds[name] for name in names))


def _broken(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: the model folder is broken: {reason}. Train again, or copy the folder anew.")
