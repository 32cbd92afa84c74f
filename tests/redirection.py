"""What a shell does to the streams of a command, done to this process: no other has to be started for it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

__all__ = ["append_stdout", "make_pipe", "read_pipe", "take_stdin"]


@contextmanager
def make_pipe(content: bytes) -> Iterator[str]:
    """The name of a pipe that gives `content` once, as that of `<(cat file)`."""
    reader, writer = os.pipe()

    def fill() -> None:
        with suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:
            pipe.write(content)

    with _name_end(reader, beside=fill) as name:
        yield name


@contextmanager
def read_pipe(found: list[bytes]) -> Iterator[str]:
    """The name of a pipe, as that of `>(cat > file)`; what was written into it is appended to `found`."""
    reader, writer = os.pipe()

    def read() -> None:
        with os.fdopen(reader, "rb") as pipe:
            found.append(pipe.read())

    with _name_end(writer, beside=read) as name:
        yield name


@contextmanager
def _name_end(descriptor: int, *, beside: Callable[[], None]) -> Iterator[str]:
    """The name of one end of a pipe, which is closed at the end; a thread serves the other one `beside`."""
    thread = Thread(target=beside)
    thread.start()
    try:
        yield f"/dev/fd/{descriptor}"
    finally:
        os.close(descriptor)
        thread.join()


@contextmanager
def take_stdin(path: str | int) -> Iterator[None]:
    """Let stdin be a file or a descriptor, as `< path` does."""
    kept, before = os.dup(0), sys.stdin
    file = path if isinstance(path, int) else os.open(path, os.O_RDONLY)
    os.dup2(file, 0)
    if not isinstance(path, int):
        os.close(file)
    try:
        with open(0, closefd=False) as sys.stdin:
            yield
    finally:
        sys.stdin = before
        os.dup2(kept, 0)
        os.close(kept)


@contextmanager
def append_stdout(path: str) -> Iterator[None]:
    """Let what is written to stdout go to the end of a file, as `>> path` does."""
    kept, before = os.dup(1), sys.stdout
    with Path(path).open("ab") as file:
        os.dup2(file.fileno(), 1)
    try:
        with open(1, "w", closefd=False) as sys.stdout:
            yield
    finally:
        sys.stdout = before
        os.dup2(kept, 1)
        os.close(kept)
