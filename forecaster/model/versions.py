"""How a model takes the place of the one before it in a folder, at a single moment.

A card (`model.json`) names the network and the weights beside it, with their checksums. Their names hold the beginning
of the checksum, as in `network-3f2a9c1b0d4e.onnx`: a new version never overwrites a file of the one before. They are
written and synced first; then the new card replaces the old one in one rename. Whoever is killed before it leaves the
old model, after it the new one. Files that no card names are removed by the next writer, which is alone: see
`forecaster.model.lock`. There are no links, so that a folder can be copied, zipped and committed like any other.

A reader takes no lock. It may have read a card whose files a writer removes before they are opened; so it reads
everything again when the card has been replaced since (`read_one_version`). Keeping old files for a while instead
would only make that rare. In folders of version 1 the files are `network.onnx` and `weights.safetensors`.
"""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from forecaster.errors import ConfigurationError
from forecaster.files import identify_file, sync_folder, write_together

__all__ = [
    "BASE_CARD",
    "CHECKPOINT_FILE",
    "MODEL_CARD",
    "NETWORK",
    "WEIGHTS",
    "find_file",
    "list_files",
    "read_one_version",
    "write_version",
]

MODEL_CARD, BASE_CARD = "model.json", "card.json"
NETWORK, WEIGHTS = "network.onnx", "weights.safetensors"
CHECKPOINT_FILE = "checkpoint.safetensors"
OF_SOME_VERSION = re.compile(r"network-[0-9a-f]{12}\.onnx|weights-[0-9a-f]{12}\.safetensors")
MAX_READINGS = 100
"""Where a file system does not keep to its file numbers, a broken folder must not be read for ever."""

Result = TypeVar("Result")


def write_version(card_path: Path, *, card: dict[str, Any], network: bytes, weights: bytes) -> None:
    """Write a card and the two files beside it; to be called while the folder is held with `hold_folder`.

    `card` is given the key "checksums". Raises what `write_together` raises; the old version stands then.
    """
    folder = card_path.parent
    files, checksums = {}, {}
    for part, data in [(NETWORK, network), (WEIGHTS, weights)]:
        checksum = hashlib.sha256(data).hexdigest()
        name = part.replace(".", f"-{checksum[:12]}.")
        files[folder / name], checksums[name] = data, checksum
    text = json.dumps({**card, "checksums": checksums}, indent=2, sort_keys=True, allow_nan=False) + "\n"
    before = _read_names(card_path)
    try:
        write_together(files)
        sync_folder(folder)
        write_together({card_path: text.encode()})
        sync_folder(folder)
    finally:
        with suppress(OSError):  # what stays is removed by the next writer
            _remove_unnamed(card_path, before=before)


def find_file(part: str, *, checksums: dict[str, str]) -> str | None:
    """The name of the NETWORK or the WEIGHTS among `checksums`; None where there is none.

    A folder may come from an untrusted source: only these names are accepted, and so no path to elsewhere.
    """
    pattern = re.compile(part.replace(".", r"(-[0-9a-f]{12})?\."))
    return next((name for name in checksums if pattern.fullmatch(name)), None)


def list_files(folder: Path) -> list[Path]:
    """The files of a model in `folder`, of whatever version, and of a stopped run; none where there is no folder."""
    names = (MODEL_CARD, BASE_CARD, NETWORK, WEIGHTS, CHECKPOINT_FILE)
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.name in names or OF_SOME_VERSION.fullmatch(path.name))


def read_one_version(card_path: Path, read: Callable[[], Result]) -> Result:
    """What `read` makes of the card and the files that it names, all of one version.

    `read` is called again when it raises ConfigurationError and the card is no longer the file that it was before.
    That file is kept open meanwhile, so that no other can be given its number.
    """
    for _ in range(MAX_READINGS):
        if not card_path.is_file():
            break
        try:
            before = card_path.open("rb")
        except OSError:  # `read` says what is wrong
            break
        with before:
            try:
                return read()
            except ConfigurationError:
                if identify_file(card_path) == identify_file(before.fileno()):
                    raise
    return read()


def _read_names(card_path: Path) -> set[str] | None:
    """The files that the card names, none where there is no card; None where it cannot be read."""
    try:
        checksums = json.loads(card_path.read_bytes())["checksums"]
        return {name for part in (NETWORK, WEIGHTS) if (name := find_file(part, checksums=checksums))}
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _remove_unnamed(card_path: Path, *, before: set[str] | None) -> None:
    """Remove what this program has left in the folder: of the version `before`, and of writers that were killed."""
    folder = card_path.parent
    named = _read_names(card_path)
    if named is None:
        return
    for card in (MODEL_CARD, BASE_CARD):  # a folder may hold one of each
        named |= _read_names(folder / card) or set()
    for path in folder.iterdir():
        is_old = path.name in (before or ()) or OF_SOME_VERSION.fullmatch(path.name)
        if is_old and path.name not in named and path.is_file():
            path.unlink()
