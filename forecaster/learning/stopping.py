"""How a training notices that it is to stop: at once before its first step, and between two steps from then on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

__all__ = ["Watch", "watch_steps"]


class Watch(Protocol):
    """Notes a signal that asks to stop, while a training saves its work."""

    def read(self) -> int | None:
        """The number of the signal, None while none came."""


@contextmanager
def watch_steps(watch: Callable[[], AbstractContextManager[Watch]]) -> Iterator[Callable[[], int | None]]:
    """What a training asks before each of its steps, see `RunControl`; `watch` is entered when it first does.

    What comes before can take long and has nothing to save: until then a signal stops it at once, as it does elsewhere.
    """
    entered: list[Watch] = []
    with ExitStack() as stack:

        def read() -> int | None:
            if not entered:
                entered.append(stack.enter_context(watch()))
            return entered[0].read()

        yield read
