"""The base model that comes with the program: it has learned from synthetic series alone."""

import json
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from forecaster.errors import ConfigurationError
from forecaster.model.versions import BASE_CARD, NETWORK, WEIGHTS, find_file, write_version

__all__ = ["BASE_FOLDER", "BaseCard", "read_base", "write_base"]

BASE_FOLDER = Path(__file__).parent / "base_model"


@dataclass(frozen=True)
class BaseCard:
    """How the base model was made.

    network          the fields of `NetworkShape`
    encoding         channels and candidate forecasts ("bases"), in their order
    pretraining      the settings, steps and hours it took, the loss at its end
    command          what makes it again
    checksums        of the network and the weights, by the names of their files
    """

    network: dict[str, Any]
    encoding: dict[str, list[str]]
    quantile_levels: list[float]
    pretraining: dict[str, Any]
    command: str
    versions: dict[str, str]
    checksums: dict[str, str] = field(default_factory=dict)


def write_base(folder: Path, *, card: BaseCard, network: bytes, weights: bytes) -> None:
    """Write the network, its weights and its card, all of them or none; the folder is held (`hold_folder`)."""
    write_version(folder / BASE_CARD, card=asdict(card), network=network, weights=weights)


@cache
def read_base(folder: Path = BASE_FOLDER) -> tuple[BaseCard, bytes, Path]:
    """The card, the ONNX network, and where the weights to go on learning from lie.

    Raises ConfigurationError where the installation is broken.
    """
    try:
        content = json.loads((folder / BASE_CARD).read_text())
        card = BaseCard(**{item.name: content[item.name] for item in fields(BaseCard) if item.name in content})
        # cards from before there were checksums name no files
        network, weights = (find_file(part, checksums=card.checksums) or part for part in (NETWORK, WEIGHTS))
        return card, (folder / network).read_bytes(), folder / weights
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{folder}: the base model is not there or broken. Install forecast anew.") from error
