"""The folder that a forecast in parts is written to: it appears whole, or not at all."""

import errno
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecaster.errors import BusyError, ConfigurationError, UsageError
from forecaster.files import explain_write_error, read_umask, sync_folder

__all__ = ["check_new_folder", "open_work_folder", "publish"]

PREFIX, SUFFIX = ".forecast-", ".parts"
"""Of the names of folders for what is not finished."""
LOCK = "lock"


def check_new_folder(output: Path) -> None:
    """Raise UsageError where `output` is a file, or a folder that holds anything, such as the parts of another run."""
    if output.exists() and not output.is_dir():
        raise UsageError(f"--output {output} is a file, and a forecast in parts is a folder of files. Name another.")
    if output.is_dir() and any(output.iterdir()):
        raise UsageError(
            f"--output {output}: the folder is not empty, and the parts of two runs would be read as one. Name another "
            "folder, or remove this one."
        )


@contextmanager
def open_work_folder(output: Path) -> Iterator[Path]:
    """A folder beside `output` for what is not finished, which is removed in the end, whatever happens.

    Those that killed runs left are removed, too. Raises ConfigurationError or BusyError where it cannot be written.
    """
    parent = output.absolute().parent
    try:
        for left in parent.glob(f"{PREFIX}*{SUFFIX}"):
            _remove_if_left(left)
        place = Path(tempfile.mkdtemp(dir=parent, prefix=PREFIX, suffix=SUFFIX))
    except OSError as error:
        raise explain_write_error(error, path=output, flag="--output") from error
    try:
        with (place / LOCK).open("w") as lock:
            with suppress(OSError):  # some network drives have no locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield place
    except OSError as error:
        raise _explain_error(error, place=place, output=output) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _explain_error(error: OSError, *, place: Path, output: Path) -> Exception:
    """What went wrong within the context: with the output, or with another file, such as one that is read."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return BusyError(f"too many open files, of {error.filename}. Allow more (ulimit -n), or raise --max-memory.")
    is_other = error.filename is not None and place not in Path(str(error.filename)).absolute().parents
    if is_other and Path(str(error.filename)).absolute() != output.absolute():
        reason = (error.strerror or str(error)).lower()
        return ConfigurationError(
            f"{error.filename}: cannot be used ({reason}). Make it a file that this user can read."
        )
    return explain_write_error(error, path=output, flag="--output")


def publish(folder: Path, output: Path) -> None:
    """Make the finished `folder` the `output`."""
    check_new_folder(output)
    folder.chmod(0o777 & ~read_umask())
    folder.rename(output)
    sync_folder(output.absolute().parent)


def _remove_if_left(place: Path) -> None:
    """Remove a work folder that no process has locked."""
    with suppress(OSError), (place / LOCK).open("rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(place, ignore_errors=True)
