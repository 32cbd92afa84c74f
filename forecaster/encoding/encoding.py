"""How windows are encoded: how far back they are looked at, and with which periods."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import MIN_SECONDARY_CYCLES
from forecaster.encoding.seasonality import ALL_CYCLES, SECONDARY_CYCLES, count_shrunken_cycles, find_secondary_lag

__all__ = ["Encoding"]

LONGEST_PAST = 8192


@dataclass(frozen=True)
class Encoding:
    """How windows are encoded: steps of context, and one or two periods, (1,) for no season.

    The main period comes first. The secondary one is left out of windows whose own past does not show it, see `split`.
    """

    context_length: int
    periods: tuple[int, ...]

    def split(self, lengths: NDArray[np.int64]) -> list[tuple["Encoding", NDArray[np.int64]]]:
        """How to encode windows with `lengths` [window] steps of past, and the numbers of those it is for."""
        main = replace(self, periods=self.periods[:1])
        shows_all = lengths >= MIN_SECONDARY_CYCLES * self.periods[-1] if len(self.periods) > 1 else lengths < 0
        groups = [(self, np.flatnonzero(shows_all)), (main, np.flatnonzero(~shows_all))]
        return [(encoding, rows) for encoding, rows in groups if len(rows)]

    @property
    def past_length(self) -> int:
        """Steps of past that the encoding looks at, at the most."""
        reach = [self._min_past]
        main_cycles = max(ALL_CYCLES, count_shrunken_cycles(self.periods[0]))
        for period, cycles in zip(self.periods, (main_cycles, SECONDARY_CYCLES), strict=False):
            reach += [min(cycles, max(LONGEST_PAST // period, 1)) * period if period > 1 else 0]
        return max(reach)

    def reach_into(self, longest: int) -> int:
        """Steps of past to cut from series of which the longest has `longest` steps: no more than are there."""
        return min(self.past_length, max(self._min_past, longest))

    @property
    def _min_past(self) -> int:
        """Steps without which `encode` cannot do, observed or not."""
        reach = [self.context_length + 1]
        for period in self.periods:
            lag = max(period, find_secondary_lag((self.periods[0], period)))
            reach += [-(-self.context_length // lag) * lag + lag]
        return max(reach)
