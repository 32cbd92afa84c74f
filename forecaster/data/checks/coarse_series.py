"""Series that have a value at every second, third … step only, as those of quarters in rows of months."""

import numpy as np

from forecaster.data.checks.value_checks import Hits
from forecaster.data.grids.rows import starts_series
from forecaster.data.panel import Panel

__all__ = ["find_coarse_series"]

FEWEST = 6
"""Values of a series that show that there are none between them: fewer may be apart by chance."""
LEAST_FILLED = 0.5
"""Share of the longer steps with a value."""


def find_coarse_series(panel: Panel) -> Hits:
    """The series that have a value at every second, third … step only, and the first step without one."""
    seen = np.flatnonzero(~np.isnan(panel.values))
    series = np.searchsorted(panel.offsets, seen, "right") - 1
    is_within = np.diff(series) == 0
    if not is_within.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    gaps, owners = np.diff(seen)[is_within], series[1:][is_within]
    begins = np.flatnonzero(starts_series(owners))
    divisors, sums = np.gcd.reduceat(gaps, begins), np.add.reduceat(gaps, begins)
    counts = np.diff(np.append(begins, len(gaps)))
    is_coarse = (divisors > 1) & (counts + 1 >= FEWEST) & (counts * divisors >= LEAST_FILLED * sums)
    return owners[begins][is_coarse], np.full(int(is_coarse.sum()), -1)
