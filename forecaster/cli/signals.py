"""Ctrl-C and SIGTERM as a flag that the learning loop looks at, so that its work can be saved."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["SignalFlag"]


class SignalFlag:
    """While entered, notes the first SIGINT or SIGTERM instead of stopping at once; a second one stops."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def read(self) -> int | None:
        """The signal that came, None while none did."""
        return self._number

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._number = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
