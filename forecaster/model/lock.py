"""Lock a model folder for one writer at a time. Readers take no lock: `predict` works on a read-only mount.

The lock is `flock` on an empty file in the folder. The kernel releases it when its holder ends, even if killed, and
network file systems that support locks apply it across machines. The file is removed with the lock; one that a killed
holder left behind locks nothing, and the next holder removes it.
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
"""Several may fail while other holders come and go; on a file system with unstable inode numbers all of them do."""

_held: set[int] = set()
"""File descriptors of the locks that this process holds."""


@contextmanager
def hold_folder(folder: Path, *, flag: str = "--model") -> Iterator[None]:
    """Be the only writer in `folder`, which is created if needed, and removed again if it stays empty.

    Messages say that `flag` names another one. Raises BusyError at once where another process holds it,
    ConfigurationError where files cannot be locked there.
    """
    is_new = not folder.exists()
    path = folder / LOCK_FILE
    try:
        descriptor = _open_locked(path, flag=flag)
        _held.add(descriptor)
        try:
            yield
        finally:
            # removed before the lock is released, so that it cannot be the file of the next holder
            with suppress(OSError):
                if identify_file(path) == identify_file(descriptor):
                    path.unlink()
            _held.discard(descriptor)
            os.close(descriptor)
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


def _open_locked(path: Path, *, flag: str) -> int:
    """A descriptor of the file at `path`, created if needed, that holds the lock."""
    for _ in range(MAX_ATTEMPTS):
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise explain_write_error(error, path=path.parent, flag=flag) from error
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except FileNotFoundError:  # the last holder just removed its empty folder
            continue
        except OSError as error:
            raise explain_write_error(error, path=path.parent, flag=flag) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise _explain_lock_error(error, folder=path.parent) from error
        # the last holder may have removed the file after it was opened here: a lock on it excludes nobody
        if identify_file(path) == identify_file(descriptor):
            return descriptor
        os.close(descriptor)
    raise _explain_lock_error(OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)), folder=path.parent)


def _explain_lock_error(error: OSError, *, folder: Path) -> ForecastError:
    if isinstance(error, BlockingIOError):
        return BusyError(
            f"{folder}: another 'forecast train', 'forecast run' or 'forecast pretrain' is working in this folder. "
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
