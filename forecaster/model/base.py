"""Read and write the base model, which comes with the program and was trained on synthetic series only."""

import json
from functools import cache
from pathlib import Path

from forecaster.errors import ConfigurationError
from forecaster.model.card import BaseCard, describe_card
from forecaster.model.old_cards import nest_base_card
from forecaster.model.typed_json import read_as
from forecaster.model.versions import BASE_CARD, MODEL_CARD, NETWORK, WEIGHTS, find_file, write_version

__all__ = ["BASE_FOLDER", "names_base", "read_base", "write_base"]

BASE_FOLDER = Path(__file__).parent / "base_model"
BASE_NAMED = "base"


def write_base(folder: Path, *, card: BaseCard, network: bytes, weights: bytes) -> None:
    """Write the network, its weights and its card, all of them or none; the caller holds the folder (`hold_folder`)."""
    write_version(folder / BASE_CARD, card=describe_card(card), network=network, weights=weights)


@cache
def read_base(folder: Path = BASE_FOLDER) -> tuple[BaseCard, bytes, Path]:
    """The card, the ONNX network, and the path of the weights, from which training can continue.

    Raises ConfigurationError where the installation is broken.
    """
    try:
        content = json.loads((folder / BASE_CARD).read_text())
        if not isinstance(content, dict):
            raise ValueError("it is not an object")
        card = read_as(BaseCard, content if "format_version" in content else nest_base_card(content))
        # the first cards had no checksums, and so name no files
        network, weights = (find_file(part, checksums=card.checksums) or part for part in (NETWORK, WEIGHTS))
        return card, (folder / network).read_bytes(), folder / weights
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{folder}: the base model is missing or broken. Install forecast again.") from error


def names_base(folder: Path | None) -> bool:
    """Whether `folder` is the name of the base model, and no folder of that name holds a model."""
    return folder is not None and str(folder) == BASE_NAMED and not (folder / MODEL_CARD).exists()
