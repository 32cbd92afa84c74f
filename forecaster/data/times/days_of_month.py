"""Numbers beside one month, as in 01-Mar to 31-Mar: they may be its days, or years, written with two digits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["may_be_days"]

FEWEST = 3
"""Distinct numbers that such a column has; less is no run."""
MONTHS, YEARS, LAST_DAY = 12, 100, 31
EPOCH = 1970


def may_be_days(times: NDArray[Any]) -> bool:
    """Whether `times`, which were read as months with years of two digits, may as well be the days of one month."""
    months = np.unique(times[~np.isnat(times)].astype("datetime64[M]").astype(np.int64))
    numbers = (months // MONTHS + EPOCH) % YEARS
    is_one_month = len(np.unique(months % MONTHS)) == 1
    return is_one_month and len(months) >= FEWEST and bool(numbers.min() >= 1 and numbers.max() <= LAST_DAY)
