"""Whether two formats that read the same dates go on with the same ones."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["go_on_equally"]

DAYS_OF_YEAR = 365


def go_on_equally(one: str, other: str, times: dict[str, NDArray[Any]]) -> bool:
    """Whether two formats read the same `times`, and next ones, too.

    The 3rd of March is one day either way, and the day after it is not; each 1 January is followed by another one.
    """
    if not _are_equal(times[one], times[other]):
        return False
    is_day_first = [0 <= text_format.find("%d") < text_format.find("%m") for text_format in (one, other)]
    days = np.unique(times[one][~np.isnat(times[one])].astype("datetime64[D]").astype(np.int64))
    return is_day_first[0] == is_day_first[1] or (len(days) > 1 and int(np.diff(days).min()) >= DAYS_OF_YEAR)


def _are_equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(((one == other) | (np.isnat(one) & np.isnat(other))).all())
