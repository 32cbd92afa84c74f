"""The standard streams of the process: what becomes of a closed one, a full one, and one whose reader left."""

import io
import os
import sys
from typing import Any, TextIO

__all__ = ["open_streams"]


class _Data(io.FileIO):
    """Stdout. Data that does not arrive is an error of ours; a reader that leaves has all that it wants."""

    _is_broken = False

    def write(self, data: Any, /) -> int:
        if not self._is_broken:
            try:
                return super().write(data)
            except BrokenPipeError:
                # it is chance how much the pipe took before; so that the exit code is not, all counts as read
                self._is_broken = True
            except OSError as error:
                # reported once; what is still in the buffer is not tried again when the program ends
                self._is_broken = True
                # what this imports would slow every start down
                from forecaster.files import explain_write_error

                raise explain_write_error(error, path=None) from error
        return memoryview(data).nbytes


class _Words(io.FileIO):
    """Stderr. No work is given up because nobody reads what is said of it."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def open_streams() -> None:
    """Have data go to stdout in UTF-8, and words to stderr in the terminal's encoding with `?` for what it lacks.

    A closed stream is opened on the null device, so that no file takes its number: stdin is empty then, stderr
    leads nowhere, and writing to stdout fails as it should.
    """
    # in the order of their numbers, as a file takes the lowest one that is free
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_RDONLY))  # noqa: PTH123, SIM115 - a number, for as long as we run
    data = _Data(_number(sys.stdout, otherwise=os.O_RDONLY), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(data), "utf-8", line_buffering=data.isatty())
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    words = _Words(_number(sys.stderr, otherwise=os.O_WRONLY), "w", closefd=False)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(words), encoding, "replace", line_buffering=True)


def _number(stream: TextIO | None, *, otherwise: int) -> int:
    """The file descriptor of `stream`; one of the null device where it is closed, with the flags `otherwise`."""
    return os.open(os.devnull, otherwise) if stream is None else stream.fileno()
