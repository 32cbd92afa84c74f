"""One writer at a time in a model folder. Readers take no lock and write nothing: `predict` works on a read-only mount.

The lock is `flock` on an empty file in the folder. The kernel releases it when its holder ends, by whatever signal,
and network file systems that support locks hold it across machines. The file is removed with the lock; one that a
killed holder left behind locks nothing, and the next holder removes it.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecaster.errors import BusyError, ConfigurationError, ForecastError
from forecaster.files import explain_write_error, identify_file

__all__ = ["LOCK_FILE", "hold_folder"]

LOCK_FILE = ".forecast.lock"

MAX_ATTEMPTS = 1000
"""Other holders may come and go meanwhile; where a file system does not keep to its file numbers, no attempt works."""

_held: set[int] = set()
"""Descriptors of the locks of this process."""


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Be the only writer in `folder`; it is made if need be, and removed again if nothing was put into it.

    Raises BusyError at once where another process is, ConfigurationError where nothing can be locked there.
    """
    is_new = not folder.exists()
    path = folder / LOCK_FILE
    try:
        descriptor = _open_locked(path)
        _held.add(descriptor)
        try:
            yield
        finally:
            # removed before it is released, so that it is never that of the next holder
            with suppress(OSError):
                if identify_file(path) == identify_file(descriptor):
                    path.unlink()
            _held.discard(descriptor)
            os.close(descriptor)
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


def _open_locked(path: Path) -> int:
    """A descriptor of the file at `path`, made if need be, that holds the lock."""
    for _ in range(MAX_ATTEMPTS):
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise explain_write_error(error, path=path.parent) from error
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except FileNotFoundError:  # the last holder just removed its empty folder
            continue
        except OSError as error:
            raise explain_write_error(error, path=path.parent) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise _explain_lock_error(error, folder=path.parent) from error
        # the last holder may have removed the file after it was opened here: such a lock keeps nobody out
        if identify_file(path) == identify_file(descriptor):
            return descriptor
        os.close(descriptor)
    raise _explain_lock_error(OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)), folder=path.parent)


def _explain_lock_error(error: OSError, *, folder: Path) -> ForecastError:
    if isinstance(error, BlockingIOError):
        return BusyError(
            f"{folder}: another 'forecast train' or 'forecast pretrain' is working in this folder. "
            "Wait until it has ended, or name another folder."
        )
    return ConfigurationError(
        f"{folder}: this file system cannot lock files ({(error.strerror or str(error)).lower()}). "
        "Name a folder on a local disk, and copy it when the model is complete."
    )


def _close_in_child() -> None:
    """A forked worker that outlives its parent must not keep the parent's lock."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_close_in_child)
