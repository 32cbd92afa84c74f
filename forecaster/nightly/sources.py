"""The files that a run reads: their checksums, whether they changed meanwhile, and the key of the whole run."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecaster.data.files.finding import find_files
from forecaster.errors import BusyError, UsageError
from forecaster.library.model import Model
from forecaster.library.remembered import list_holiday_files
from forecaster.nightly.plan import NightPlan
from forecaster.version import __version__

__all__ = ["Snapshot", "digest", "list_others", "make_key", "take_snapshot"]

BLOCK = 1 << 20
ONLY_FILES = "a nightly run reads files, which can be read again"


@dataclass(frozen=True)
class Snapshot:
    """The files as they were at one moment: sizes, times of change and checksums."""

    files: tuple[Path, ...]
    states: tuple[tuple[int, int, int], ...]
    checksums: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """One checksum of all files, which depends on their content and their order alone."""
        return hashlib.sha256("\n".join(self.checksums).encode()).hexdigest()

    def describe(self) -> tuple[dict[str, Any], ...]:
        """Name, bytes and checksum of each file, for the record."""
        return tuple(
            {"path": str(path), "bytes": state[1], "sha256": checksum}
            for path, state, checksum in zip(self.files, self.states, self.checksums, strict=True)
        )

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raise BusyError where a file changed while its content was read, also where that has failed for this reason.

        What is wrong with half of a file is not worth knowing.
        """
        try:
            yield
        except Exception:
            self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        """Raise BusyError where a file was replaced, grew or was written to since."""
        for path, before, checksum in zip(self.files, self.states, self.checksums, strict=True):
            try:
                is_same = _look_at(path) == before or _hash(path) == checksum
            except OSError:
                is_same = False
            if not is_same:
                raise BusyError(
                    f"{path}: the file changed while it was read. Run again when it is complete; "
                    "write it under another name and rename it to be safe."
                )


def take_snapshot(names: Sequence[str], *, others: Sequence[tuple[str, str]] = (), runs: Path) -> Snapshot:
    """The files of DATA and `others`, each with the option that names it, such as `--future`, as they are now.

    Raises NotFoundError where there are none, UsageError for stdin, pipes and devices, which cannot be compared with
    the next night, and for files in the folder `runs`.
    """
    stream = next((option for option, name in [*(("DATA", name) for name in names), *others] if name == "-"), None)
    if stream is not None:
        raise UsageError(f"{stream}: {ONLY_FILES}, not stdin. Save it to a file first.")
    found = [("DATA", path) for path in (find_files(*names).files if names else [])]
    found += [(option, path) for option, name in others for path in find_files(name).files]
    own = runs.resolve()
    for option, path in found:
        if not path.is_file():
            raise UsageError(f"{option}: {path} is a pipe or a device, and {ONLY_FILES}. Save it to a file first.")
        if own in path.resolve().parents:
            raise UsageError(
                f"{option}: {path} lies in the folder of the runs, {runs}, and what is there is never data. "
                "Name data elsewhere, or another folder with --runs."
            )
    files = tuple(path for _, path in found)
    return Snapshot(files, tuple(map(_look_at, files)), tuple(map(_hash, files)))


def list_others(plan: NightPlan, *, model: Model) -> list[tuple[str, str]]:
    """The files besides DATA, each with its option: of the future, and of holidays, also those that the `model`
    remembers."""
    others = [("--holidays", name) for (name,) in list_holiday_files(plan.reading, card=model.card)]
    return others + ([("--future", plan.future)] if plan.future else [])


def make_key(snapshot: Snapshot, options: dict[str, Any], *, model: str) -> str:
    """What decides the forecasts: the same key means that they would be the same again. `model` names it."""
    return digest([snapshot.sha256, options, model, __version__])


def digest(content: Any) -> str:
    """A checksum of JSON values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _look_at(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
