"""The content of each input: a file, or the bytes that came from stdin or a pipe, which can be read only once."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forecaster.data.finding import Found, find_files
from forecaster.errors import NotFoundError
from forecaster.files import is_stream

__all__ = ["Content", "can_be_read_again", "explain_unreadable", "find_contents"]

DESCRIPTORS = ("/dev", "/proc")
"""Folders of names such as /dev/stdin and /dev/fd/63, which are other files in the next process."""


@dataclass(frozen=True)
class Content:
    """One input, and its name in messages."""

    name: str
    place: Path | bytes


def find_contents(names: Sequence[str]) -> tuple[list[Content], Found]:
    """The inputs that DATA `names`, `-` for stdin; and the files that were found.

    Raises what `find_files` raises, and NotFoundError for a pipe that cannot be read.
    """
    if tuple(names) == ("-",):
        return [Content("stdin", sys.stdin.buffer.read())], Found([], [])
    found = find_files(*names)
    return [Content(str(path), _read_stream(path) if is_stream(path) else path) for path in found.files], found


def can_be_read_again(name: str) -> bool:
    """Whether one of the words that name the data stands for the same data later, as stdin and pipes do not."""
    path = Path(name).absolute()
    return name != "-" and not is_stream(path) and not any(path.is_relative_to(folder) for folder in DESCRIPTORS)


def explain_unreadable(name: str, error: OSError) -> NotFoundError:
    """The error for an input that cannot be opened."""
    return NotFoundError(f"{name}: cannot be read ({(error.strerror or str(error)).lower()}).")


def _read_stream(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise explain_unreadable(str(path), error) from error
