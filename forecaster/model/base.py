"""The base model that comes with the program: it has learned from invented series alone."""

import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from forecaster.errors import ConfigurationError
from forecaster.files import write_together

__all__ = ["BASE_FILES", "BASE_FOLDER", "BaseCard", "read_base", "write_base"]

BASE_FOLDER = Path(__file__).parent / "base_model"
CARD_FILE, NETWORK_FILE, WEIGHTS_FILE = "card.json", "network.onnx", "weights.safetensors"
BASE_FILES = (CARD_FILE, NETWORK_FILE, WEIGHTS_FILE)


@dataclass(frozen=True)
class BaseCard:
    """How the base model was made.

    network          the fields of `NetworkShape`
    encoding         channels and bases, in their order
    pretraining      the settings, steps and hours it took, the loss at its end
    command          what makes it again
    """

    network: dict[str, Any]
    encoding: dict[str, list[str]]
    quantile_levels: list[float]
    pretraining: dict[str, Any]
    command: str
    versions: dict[str, str]


def write_base(folder: Path, *, card: BaseCard, network: bytes, weights: bytes) -> None:
    """Write the network, its weights and its card, all of them or none."""
    text = json.dumps(asdict(card), indent=2, allow_nan=False) + "\n"
    write_together({folder / NETWORK_FILE: network, folder / WEIGHTS_FILE: weights, folder / CARD_FILE: text.encode()})


@cache
def read_base(folder: Path = BASE_FOLDER) -> tuple[BaseCard, bytes, Path]:
    """The card, the ONNX network, and where the weights to go on learning from lie.

    Raises ConfigurationError where the installation is broken.
    """
    try:
        content = json.loads((folder / CARD_FILE).read_text())
        card = BaseCard(**{item.name: content[item.name] for item in fields(BaseCard)})
        return card, (folder / NETWORK_FILE).read_bytes(), folder / WEIGHTS_FILE
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{folder}: the base model is not there or broken. Install forecast anew.") from error
