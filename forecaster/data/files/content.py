"""One input: a file, or the bytes that came from stdin or a pipe."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from forecaster.errors import NotFoundError

__all__ = ["Content", "explain_unreadable"]


@dataclass(frozen=True)
class Content:
    """One input, and its name in messages."""

    name: str
    place: Path | bytes

    def open(self) -> BinaryIO:
        """The bytes. Raises NotFoundError where they cannot be read."""
        try:
            return BytesIO(self.place) if isinstance(self.place, bytes) else self.place.open("rb")
        except OSError as error:
            raise explain_unreadable(self.name, error) from error


def explain_unreadable(name: str, error: OSError) -> NotFoundError:
    """The error for an input that cannot be opened."""
    return NotFoundError(f"{name}: cannot be read ({(error.strerror or str(error)).lower()}).")
