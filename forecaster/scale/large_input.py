"""An input that may be larger than memory, before anything of it is read."""

from dataclasses import dataclass, field

from forecaster.data.files.finding import describe_names
from forecaster.data.read_options import ReadOptions

__all__ = ["LargeInput"]


@dataclass(frozen=True)
class LargeInput:
    """The files or folders `data`, and how they are read: with the options `reading`, up to the timestamp `until`.

    `future` is a file or folder with what is known ahead.
    """

    data: tuple[str, ...]
    reading: ReadOptions = field(default_factory=ReadOptions)
    until: str | None = None
    future: str | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return describe_names(self.data)
