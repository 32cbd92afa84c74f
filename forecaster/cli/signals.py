"""Handle SIGINT (Ctrl-C) and SIGTERM: while the program starts, while a command runs, and while work has to be saved.

A signal that was ignored when the program started stays ignored, as for a background job of a shell.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from types import FrameType, TracebackType
from typing import Any, Self

from forecaster.errors import InterruptedRunError

__all__ = ["RaiseOnSignal", "SignalFlag", "describe_signal", "exit_on_signal", "ignore_signals"]

STOPPING = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 1.0
"""Seconds in which repeated signals count as one (a terminal and a wrapper may both pass it on), and to wait before the
exception for a signal is raised again."""
CAN_REPEAT = hasattr(signal, "setitimer")

_pending: list[int] = []
"""Signals for which InterruptedRunError was raised while the command still runs."""

Handler = Callable[[int, FrameType | None], None]


def describe_signal(number: int) -> str:
    """The message where a signal ended the command; true at any moment, as files are written whole or not at all."""
    name = signal.Signals(number).name
    return f"stopped by {name}; every output file is complete or unchanged (stdout may be cut off)."


def exit_on_signal() -> None:
    """Let a signal end the process at once, with a message: for the start, while there is nothing to clean up.

    An exception could get lost: code that imports a module may catch it and conclude that the module is missing.
    """
    _handle_signals(_exit)


def ignore_signals() -> None:
    """Ignore signals between the end of the work and the exit code."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


class RaiseOnSignal:
    """While entered, a signal raises InterruptedRunError at any point of the program, so that everything is cleaned up.

    Not all code lets an exception pass: native code turns it into another error, a destructor drops it. So it is raised
    again until it arrives; and `number`, the signal that came, must be checked before any other error is reported.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._raised = 0.0

    def __enter__(self) -> Self:
        self._previous = _handle_signals(self._raise)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._drop
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.number is not None and CAN_REPEAT:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
        _pending.clear()
        sys.unraisablehook = self._hook
        _restore_handlers(self._previous)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        del frame
        # not while the previous exception may still propagate and clean up files
        if self.number is not None and monotonic() - self._raised < PATIENCE:
            return
        self.number, self._raised = number, monotonic()
        _pending.append(number)
        if CAN_REPEAT:
            signal.signal(signal.SIGALRM, lambda _, frame: self._raise(number, frame))
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        raise InterruptedRunError(describe_signal(number), signal_number=number)

    def _drop(self, lost: Any) -> None:
        """Do not report an InterruptedRunError that was raised where it cannot propagate: it is raised again."""
        if not isinstance(lost.exc_value, InterruptedRunError):
            self._hook(lost)


class SignalFlag:
    """While entered, notes the first SIGINT or SIGTERM instead of stopping at once; a later one stops."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._noted = 0.0

    def __enter__(self) -> Self:
        self._previous = _handle_signals(self._note)
        if _pending:  # its exception has not arrived: the signal is noted instead of raised again
            self._number, self._noted = _pending[-1], monotonic()
            if CAN_REPEAT:
                signal.setitimer(signal.ITIMER_REAL, 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _restore_handlers(self._previous)

    def read(self) -> int | None:
        """The signal that came, None while none did."""
        return self._number

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._number is None:
            self._number, self._noted = number, monotonic()
        elif monotonic() - self._noted > PATIENCE:
            _restore_handlers(self._previous)
            signal.raise_signal(number)


def _handle_signals(handler: Handler) -> dict[int, Any]:
    """Install `handler` for the signals that are not ignored; returns their previous handlers."""
    previous = {number: signal.getsignal(number) for number in STOPPING}
    handled: dict[int, Any] = {number: before for number, before in previous.items() if before is not signal.SIG_IGN}
    for number in handled:
        signal.signal(number, handler)
    return handled


def _restore_handlers(previous: dict[int, Any]) -> None:
    for number, handler in previous.items():
        signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:
    del frame
    # not through sys.stderr, which may be in the middle of another line
    with suppress(OSError):
        os.write(2, f"error: {describe_signal(number)}\n".encode())
    os._exit(128 + number)
