"""Set up stdin, stdout and stderr: what happens when one is closed, when its disk is full or when its reader left."""

import io
import os
import sys
from typing import Any, TextIO

__all__ = ["open_streams"]


class _Data(io.FileIO):
    """Stdout. Data that cannot be written raises a ForecastError; a reader that closes the pipe is no error."""

    _is_broken = False

    def write(self, data: Any, /) -> int:
        if not self._is_broken:
            try:
                return super().write(data)
            except BrokenPipeError:
                # how much the pipe took before is random; so that the exit code is not, all counts as written
                self._is_broken = True
            except OSError as error:
                # reported once; the rest of the buffer is not written again when the program ends
                self._is_broken = True
                # imported here, as it would slow down every start
                from forecaster.files import explain_write_error

                raise explain_write_error(error, path=None) from error
        return memoryview(data).nbytes


class _Messages(io.FileIO):
    """Stderr. Work goes on when messages cannot be written."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def open_streams() -> None:
    """Write data to stdout in UTF-8, and messages to stderr in the terminal's encoding with `?` for what it lacks.

    A closed stream is opened on the null device, so that no file gets its descriptor: stdin is empty then, stderr
    is discarded, and writing to stdout fails as it should.
    """
    # in the order of their descriptors, as a file gets the lowest one that is free
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_RDONLY))  # noqa: PTH123, SIM115 - a descriptor, open until the end
    data = _Data(_descriptor(sys.stdout, otherwise=os.O_RDONLY), "w", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(data), "utf-8", line_buffering=data.isatty())
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    messages = _Messages(_descriptor(sys.stderr, otherwise=os.O_WRONLY), "w", closefd=False)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(messages), encoding, "replace", line_buffering=True)


def _descriptor(stream: TextIO | None, *, otherwise: int) -> int:
    """The file descriptor of `stream`; of the null device, opened with the flags `otherwise`, where it is closed."""
    return os.open(os.devnull, otherwise) if stream is None else stream.fileno()
