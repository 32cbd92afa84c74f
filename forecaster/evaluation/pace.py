"""Divide long work into parts, so that it can be given up once its time is over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

__all__ = ["Pace"]

FIRST, MOST = 4, 500
"""Windows of the first part, whose time tells how many the next may have, and of any."""
GROWTH = 5
"""How many times as many as all before a part has at the most: several processes are faster, and some series slow."""


@dataclass
class Pace:
    """Parts of windows, as long as `seconds` have not passed; None for no limit."""

    seconds: float | None
    begun: float = field(default_factory=monotonic)
    done: int = 0

    @property
    def is_over(self) -> bool:
        """Whether more time has passed than there is."""
        return self.seconds is not None and monotonic() - self.begun > self.seconds

    def divide(self, count: int) -> Iterator[slice]:
        """Parts of `count` windows, to be worked on one after the other; each as large as the time left allows."""
        begin = 0
        while begin < count:
            end = min(begin + self._choose_size(), count)
            yield slice(begin, end)
            self.done += end - begin
            begin = end

    def _choose_size(self) -> int:
        if not self.done:
            return FIRST
        most = min(MOST, GROWTH * self.done)
        if self.seconds is None:
            return most
        spent = monotonic() - self.begun
        return max(1, min(most, int(self.done * (self.seconds - spent) / max(spent, 1e-9))))
