"""Write files atomically: whole or not at all; links, pipes and devices are kept and written through.

A file is written under a temporary name that is never read as data, and locked while its writer runs. So a temporary
file without a lock was left by a killed writer, in this container or another, and the next writer removes it.
"""

import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from forecaster.errors import BusyError, ConfigurationError, ForecastError

__all__ = [
    "STDIN",
    "STDOUT",
    "Writer",
    "check_folder_writable",
    "check_writable",
    "explain_write_error",
    "identify_file",
    "is_stream",
    "read_umask",
    "sync_folder",
    "write_bytes",
    "write_files",
    "write_text",
    "write_together",
]

STDIN, STDOUT = 0, 1
"""The file descriptors of the streams that have no path."""

NAMED_BY = "--output or --model"
"""The options that name most of the paths that are written."""

TEMPORARY = (".forecast-", ".partial")
"""Prefix and suffix of the names of temporary files."""

Writer = Callable[[BinaryIO], object]
"""Writes the content of one file; it neither closes the file nor keeps it."""


def write_files(writers: Mapping[Path, Writer], *, makes_folder: bool = False, flag: str = NAMED_BY) -> None:
    """Fill temporary files next to the paths, sync them all, and rename them to the paths in the given order.

    Temporary files that killed writers left in the same folders are removed.

    A new file gets the mode of the file that it replaces and, where that is allowed, its owner. Symbolic links stay,
    and their targets are written, as the shell does: a dangling link creates a new file. A pipe or a device
    gets all of its content when its turn comes. A folder must exist; with `makes_folder` the last part of its path
    is created. Messages say that `flag` names another path.

    Raises ConfigurationError when a path cannot be written to, BusyError when the disk is full; in both cases the old
    files are unchanged, and no new folder remains.
    """
    path = next(iter(writers))
    try:
        with ExitStack() as leftovers:
            for folder in {Path(os.path.realpath(path)).parent for path in writers}:
                _sweep(folder)
            replacements: dict[Path, Callable[[], object]] = {}
            for path, write in writers.items():
                if is_stream(path):
                    replacements[path] = _fill_buffer(path, write=write)
                else:
                    target = Path(os.path.realpath(path))
                    if makes_folder:
                        _make_folder(target.parent, leftovers=leftovers)
                    replacements[path] = _fill_temporary(target, write=write, leftovers=leftovers)
            for path in writers:
                replacements[path]()
    except OSError as error:
        raise explain_write_error(error, path=path, flag=flag) from error


def write_text(path: Path, *, text: str, flag: str = NAMED_BY) -> None:
    """Write `text` to `path` as UTF-8, see `write_files`."""
    write_files({path: partial(_write_bytes, data=text.encode())}, flag=flag)


def write_bytes(path: Path, *, data: bytes) -> None:
    """Write `data` to `path`, see `write_files`."""
    write_files({path: partial(_write_bytes, data=data)})


def write_together(contents: dict[Path, bytes]) -> None:
    """Write the files of a model: all or none, in a folder that is created if its parent exists."""
    write_files({path: partial(_write_bytes, data=data) for path, data in contents.items()}, makes_folder=True)


def check_writable(path: Path, *, flag: str = "--output") -> None:
    """Raise now, rather than after the work, when nothing can be written to `path`, which `flag` names."""
    try:
        if is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        with suppress(FileNotFoundError):
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                kind = "a folder" if stat.S_ISDIR(mode) else "neither a file nor a pipe"
                raise ConfigurationError(f"{path} is {kind}: name a file to write to with {flag}.")
        _try_folder(Path(os.path.realpath(path)).parent)
    except OSError as error:
        raise explain_write_error(error, path=path, flag=flag) from error


def check_folder_writable(folder: Path) -> None:
    """Raise now, rather than after the work, when `folder` can neither be written into nor be created."""
    try:
        _try_folder(folder if folder.exists() else Path(os.path.realpath(folder)).parent)
    except OSError as error:
        raise explain_write_error(error, path=folder) from error


def is_stream(path: Path) -> bool:
    """Whether `path` is a pipe or a device, such as /dev/null, which is written into and never replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:  # it does not exist, or writing to it will raise an error that explains it
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def identify_file(target: Path | int) -> tuple[int, int] | None:
    """Device and inode number of a regular file, the same for all its names and links; None for anything else.

    `target` is a path or a file descriptor.
    """
    try:
        found = os.stat(target)  # noqa: PTH116 - of a descriptor, too
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def explain_write_error(error: OSError, *, path: Path | None, flag: str = NAMED_BY) -> ForecastError:
    """The ForecastError that explains why `path` could not be written; None is stdout. `flag` names another path."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        lost = "nothing was written" if path else "so the output is not complete"
        return BusyError(f"{path or 'stdout'}: the disk is full, {lost}. Free some space and run it again.")
    reason = (error.strerror or str(error)).lower()
    if path is None:
        return ConfigurationError(
            f"stdout: cannot be written ({reason}). Open it, or leave out --output - and --json, which write to it."
        )
    folder = Path(os.path.realpath(path)).parent
    if error.errno == errno.ENOENT and not folder.exists():
        return ConfigurationError(f"{path}: there is no folder {folder}. Create it, or name another path with {flag}.")
    if error.errno == errno.EEXIST and path.is_symlink() and not path.exists():
        target = path.readlink()
        return ConfigurationError(
            f"{path}: it is a link to {target}, which is not there. Create that, or name another path with {flag}."
        )
    if error.errno == errno.EEXIST:  # of a folder
        return ConfigurationError(f"{path}: it is a file, and no folder. Name another path with {flag}.")
    return ConfigurationError(f"{path}: cannot be written ({reason}). Name another path with {flag}.")


def _fill_temporary(target: Path, *, write: Writer, leftovers: ExitStack) -> Callable[[], object]:
    """Write a temporary file next to `target`; returns the function that renames it to `target`."""
    temporary, file = _open_temporary(target.parent, leftovers=leftovers)
    write(file)
    file.flush()
    os.fsync(file.fileno())
    _take_mode(file.fileno(), target=target)
    return partial(temporary.replace, target)


def _open_temporary(folder: Path, *, leftovers: ExitStack) -> tuple[Path, BinaryIO]:
    """A new file in `folder` that is locked until `leftovers` closes it, and then removed unless it was renamed."""
    while True:
        handle, name = tempfile.mkstemp(dir=folder, prefix=TEMPORARY[0], suffix=TEMPORARY[1])
        leftovers.callback(Path(name).unlink, missing_ok=True)
        file = leftovers.enter_context(os.fdopen(handle, "wb"))
        with suppress(OSError):  # some network drives have no locks: nothing is swept there
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # else another process swept it before it was locked
            return Path(name), file


def _sweep(folder: Path) -> None:
    """Remove the temporary files that no process has locked: their writers were killed."""
    for path in folder.glob("*".join(TEMPORARY)):
        with suppress(OSError), path.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _fill_buffer(path: Path, *, write: Writer) -> Callable[[], object]:
    """Write the content for a pipe or a device into memory; returns the function that sends it all at once."""
    buffer = BytesIO()
    write(buffer)

    def send() -> None:
        with suppress(BrokenPipeError):  # as on stdout, a reader that closes the pipe early is no error
            path.write_bytes(buffer.getbuffer())

    return send


def _take_mode(handle: int, *, target: Path) -> None:
    """Give a new file the mode and the owner of the file that it will replace, or the default mode."""
    try:
        before = target.stat()
    except FileNotFoundError:
        os.fchmod(handle, 0o666 & ~read_umask())
        return
    for owner in ((before.st_uid, -1), (-1, before.st_gid)):
        with suppress(OSError):  # only root may give files away
            os.fchown(handle, *owner)
    os.fchmod(handle, before.st_mode & 0o777)


def _make_folder(folder: Path, *, leftovers: ExitStack) -> None:
    if folder.exists():
        return
    folder.mkdir(exist_ok=True)
    leftovers.callback(_remove_empty, folder)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty: the work is done
        folder.rmdir()


def _try_folder(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder):
        pass


def _write_bytes(file: BinaryIO, *, data: bytes) -> None:
    file.write(data)


def read_umask() -> int:
    """The permissions that new files of this process lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power failure."""
    with suppress(OSError):  # not every file system supports it
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
