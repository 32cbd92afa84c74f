"""Files are written whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from forecaster.errors import BusyError, ConfigurationError, ForecastError

__all__ = ["check_writable", "explain_write_error", "identify_file", "write_atomically", "write_text", "write_together"]


def write_atomically(path: Path, *, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, sync it, and rename it into place.

    Raises ConfigurationError when the place cannot be written to, BusyError when the disk is full;
    in both cases what stood at `path` before stands there still, and no folder is left that was not there.
    """
    _write_all({path: write})


def write_text(path: Path, *, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    write_together({path: text.encode()})


def write_together(contents: dict[Path, bytes]) -> None:
    """Write several files: all are complete on disk before the first takes its place, in the order given."""
    _write_all({path: partial(_write_bytes, data=data) for path, data in contents.items()})


def check_writable(path: Path) -> None:
    """Raise now, rather than after the work, when nothing can be written beside `path`."""
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder: name a file to write to with --output.")
    folder = path.parent
    # the nearest folder that is there: none is made before there is something to put into it
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise explain_write_error(error, path=path) from error


def identify_file(place: Path | int) -> tuple[int, int] | None:
    """What a regular file has in common under all its names and links; None for anything else.

    `place` is a path or a file descriptor.
    """
    try:
        found = os.stat(place)  # noqa: PTH116 - of a descriptor, too
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def explain_write_error(error: OSError, *, path: Path) -> ForecastError:
    """The error of ours that tells what kept `path` from being written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BusyError(f"{path}: the disk is full, nothing was written. Make room and run it again.")
    reason = error.strerror or str(error)
    return ConfigurationError(
        f"{path}: cannot be written ({reason.lower()}). Name a place that can be with --output or --model."
    )


def _write_all(writers: dict[Path, Callable[[Path], None]]) -> None:
    temporaries: dict[Path, Path] = {}
    new_folders: list[Path] = []
    path = next(iter(writers))
    try:
        for path, write in writers.items():
            new_folders += [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
            path.parent.mkdir(parents=True, exist_ok=True)
            # the ending is kept: some writers choose their format by it
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
            os.close(handle)
            temporaries[path] = Path(name)
            write(temporaries[path])
            with temporaries[path].open("rb+") as file:
                os.fsync(file.fileno())
            temporaries[path].chmod(0o666 & ~_read_umask())
        for path, temporary in temporaries.items():
            temporary.replace(path)
    except OSError as error:
        raise explain_write_error(error, path=path) from error
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
        for folder in new_folders:
            with suppress(OSError):  # it is not empty: the work is done
                folder.rmdir()


def _write_bytes(path: Path, *, data: bytes) -> None:
    path.write_bytes(data)


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
