"""Files are written whole or not at all, and what is no plain file stays what it is.

A file is written under a temporary name that is never read as data, and locked while its writer runs. So
what a killed writer left behind is known by having no lock, in whatever container it ran, and the next one removes it.
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
    "sync_folder",
    "write_files",
    "write_text",
    "write_together",
]

STDIN, STDOUT = 0, 1
"""The file descriptors of the streams that have no path."""

TEMPORARY = (".forecast-", ".partial")
"""How the names of temporary files begin and end."""

Writer = Callable[[BinaryIO], object]
"""Writes the content of one file; it neither closes the file nor keeps it."""


def write_files(writers: Mapping[Path, Writer], *, makes_folder: bool = False) -> None:
    """Fill temporary files beside the paths, sync them all, and rename them into place in the order given.

    Temporary files that killed writers left in the same folders are removed.

    A file that was there gives its mode and, where that is allowed, its owner to the new one. Symbolic links stay, and
    what they point at is written, as the shell does it: a link to nothing makes a new file there. Into a pipe or a
    device all of its content is written when its turn comes. A folder has to be there; with `makes_folder` the last
    part of its path is made.

    Raises ConfigurationError when a place cannot be written to, BusyError when the disk is full; in both cases what
    was there before is there still, and no folder is left that was not there.
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
        raise explain_write_error(error, path=path) from error


def write_text(path: Path, *, text: str) -> None:
    """Write `text` to `path` as UTF-8, see `write_files`."""
    write_files({path: partial(_write_bytes, data=text.encode())})


def write_together(contents: dict[Path, bytes]) -> None:
    """Write the files of a model: all or none, in a folder that is made where its parent is there."""
    write_files({path: partial(_write_bytes, data=data) for path, data in contents.items()}, makes_folder=True)


def check_writable(path: Path) -> None:
    """Raise now, rather than after the work, when nothing can be written to `path`."""
    try:
        if is_stream(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        with suppress(FileNotFoundError):
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                kind = "a folder" if stat.S_ISDIR(mode) else "neither a file nor a pipe"
                raise ConfigurationError(f"{path} is {kind}: name a file to write to with --output.")
        _try_folder(Path(os.path.realpath(path)).parent)
    except OSError as error:
        raise explain_write_error(error, path=path) from error


def check_folder_writable(folder: Path) -> None:
    """Raise now, rather than after the work, when nothing can be written into `folder`, nor can it be made."""
    try:
        _try_folder(folder if folder.exists() else Path(os.path.realpath(folder)).parent)
    except OSError as error:
        raise explain_write_error(error, path=folder) from error


def is_stream(path: Path) -> bool:
    """Whether `path` is a pipe or a device, such as /dev/null: a place that is written into, and never replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:  # there is none, or who writes to it will say what is wrong
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def identify_file(place: Path | int) -> tuple[int, int] | None:
    """What a regular file has in common under all its names and links; None for anything else.

    `place` is a path or a file descriptor.
    """
    try:
        found = os.stat(place)  # noqa: PTH116 - of a descriptor, too
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def explain_write_error(error: OSError, *, path: Path | None) -> ForecastError:
    """The error of ours that tells what kept `path` from being written; None is stdout."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        lost = "nothing was written" if path else "so what was written is not complete"
        return BusyError(f"{path or 'stdout'}: the disk is full, {lost}. Make room and run it again.")
    reason = (error.strerror or str(error)).lower()
    if path is None:
        return ConfigurationError(
            f"stdout: cannot be written ({reason}). Open it, or leave out --output - and --json, which write to it."
        )
    folder = Path(os.path.realpath(path)).parent
    if error.errno == errno.ENOENT and not folder.exists():
        return ConfigurationError(
            f"{path}: there is no folder {folder}. Create it, or name another place with --output or --model."
        )
    return ConfigurationError(
        f"{path}: cannot be written ({reason}). Name a place that can be with --output or --model."
    )


def _fill_temporary(target: Path, *, write: Writer, leftovers: ExitStack) -> Callable[[], object]:
    """Write a temporary file beside `target`; what puts it into its place."""
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
        file = leftovers.enter_context(os.fdopen(handle, "w+b"))
        with suppress(OSError):  # some network drives know no locks: nothing is swept there
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # else another process swept it before it was locked
            return Path(name), file


def _sweep(folder: Path) -> None:
    """Remove the temporary files that no process holds a lock on: their writers were killed."""
    for path in folder.glob("*".join(TEMPORARY)):
        with suppress(OSError), path.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _fill_buffer(path: Path, *, write: Writer) -> Callable[[], object]:
    """Write the content for a pipe or a device, which takes it only whole; what sends it there."""
    buffer = BytesIO()
    write(buffer)

    def send() -> None:
        with suppress(BrokenPipeError):  # a reader that has closed the pipe has all that it wants, as on stdout
            path.write_bytes(buffer.getbuffer())

    return send


def _take_mode(handle: int, *, target: Path) -> None:
    """Give a new file the mode and the owner of the one that it is to replace, or the usual mode."""
    try:
        before = target.stat()
    except FileNotFoundError:
        os.fchmod(handle, 0o666 & ~_read_umask())
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


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make sure that files which were renamed in `folder` are found there after a power failure."""
    with suppress(OSError):  # not every file system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
