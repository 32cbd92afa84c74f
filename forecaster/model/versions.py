"""Replace the model in a folder atomically, and read it without mixing versions.

A card (`model.json`) names the network and the weights next to it, with their checksums. Their names contain the first
digits of the checksum, as in `network-3f2a9c1b0d4e.onnx`: a new version never overwrites a file of the previous one.
They are written and synced first; then the new card replaces the old one in one rename. A writer killed before the
rename leaves the old model, after it the new one. Files that no card names are removed by the next writer, the only
one at that time: see `forecaster.model.lock`. There are no links, so a folder can be copied, zipped and committed.

A reader takes no lock. It may have read a card whose files a writer removes before they are opened; so it reads
everything again when the card has been replaced since (`read_one_version`). Keeping old files for a while instead
would only make that rare. In folders of version 1 the files are `network.onnx` and `weights.safetensors`.
"""

import hashlib
import json
import os
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
    "compose_card",
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
"""So that reading a broken folder ends on a file system with unstable inode numbers."""

Result = TypeVar("Result")


def write_version(card_path: Path, *, card: dict[str, Any], network: bytes, weights: bytes) -> None:
    """Write a card and the two files next to it; to be called while the folder is held with `hold_folder`.

    The key "checksums" is added to `card`. Raises what `write_together` raises; the old version remains then.
    """
    folder = card_path.parent
    files = {folder / _name_part(part, data): data for part, data in ((NETWORK, network), (WEIGHTS, weights))}
    text = compose_card(card, network=network, weights=weights)
    before = _read_names(card_path)
    try:
        write_together(files)
        sync_folder(folder)
        write_together({card_path: text})
        sync_folder(folder)
    finally:
        with suppress(OSError):  # files that remain are removed by the next writer
            _remove_unnamed(card_path, before=before)


def compose_card(card: dict[str, Any], *, network: bytes, weights: bytes) -> bytes:
    """The content of the file of a card, as `write_version` writes it."""
    parts = ((NETWORK, network), (WEIGHTS, weights))
    checksums = {_name_part(part, data): hashlib.sha256(data).hexdigest() for part, data in parts}
    text = json.dumps({**card, "checksums": checksums}, indent=2, sort_keys=True, allow_nan=False) + "\n"
    return text.encode()


def find_file(part: str, *, checksums: dict[str, str]) -> str | None:
    """The name of the NETWORK or the WEIGHTS among `checksums`; None where there is none.

    A folder may come from an untrusted source: only these names are accepted, so no path outside of the folder.
    """
    pattern = re.compile(part.replace(".", r"(-[0-9a-f]{12})?\."))
    return next((name for name in checksums if pattern.fullmatch(name)), None)


def list_files(folder: Path) -> list[Path]:
    """The files in `folder` of a model of any version and of a stopped run; none where there is no folder."""
    names = (MODEL_CARD, BASE_CARD, NETWORK, WEIGHTS, CHECKPOINT_FILE)
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.name in names or OF_SOME_VERSION.fullmatch(path.name))


def read_one_version(card_path: Path, read: Callable[[], Result]) -> Result:
    """The result of `read`, which reads the card and the files that it names, all of one version.

    `read` is called again when it raises ConfigurationError and the card was replaced by another file meanwhile.
    The old file is kept open until then, so that no new file can get its inode number.
    """
    for _ in range(MAX_READINGS):
        if not os.path.isfile(card_path):  # noqa: PTH113 - False, and no error, for a name that is too long
            break
        try:
            before = card_path.open("rb")
        except OSError:  # `read` raises an error that explains it
            break
        with before:
            try:
                return read()
            except ConfigurationError:
                if identify_file(card_path) == identify_file(before.fileno()):
                    raise
    return read()


def _name_part(part: str, data: bytes) -> str:
    """The name of the file of `part` that has the content `data`."""
    return part.replace(".", f"-{hashlib.sha256(data).hexdigest()[:12]}.")


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
    """Remove unused model files from the folder: those of the version `before`, and those of killed writers."""
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
