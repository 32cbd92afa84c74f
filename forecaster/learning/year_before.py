"""Which time of a year before is the same time of the year: the same day of the week, or the same feast."""

from datetime import date

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

__all__ = ["find_year_before"]

DAYS = 364
"""52 weeks: the same day of the week."""
EASTER = (-7, 2)
"""Days from Easter Sunday that move with it: from the Sunday before to the Tuesday after."""
FIRST_FIXED, LAST_FIXED = (12, 23), (1, 2)
"""Month and day between which the date counts and not the day of the week: Christmas and New Year."""
LAST_YEAR = 4099
"""Of the rule of Easter."""


def find_year_before(days: NDArray[np.datetime64], *, years: int) -> NDArray[np.datetime64]:
    """The same days `years` before, as `datetime64[D]`; NaT for those that were at Easter then and are not now.

    Around Easter they are as far from Easter, and between Christmas and New Year they have the same date.
    """
    before = days - years * DAYS
    to_easter, to_easter_then = ((of - _find_easter(of, back=0)).astype(int) for of in (days, before))
    before[_is_near(to_easter_then)] = np.datetime64("NaT")
    is_easter = _is_near(to_easter)
    before[is_easter] = _find_easter(days[is_easter], back=years) + to_easter[is_easter]
    months = days.astype("datetime64[M]")
    month, day = months.astype(int) % 12 + 1, (days - months).astype(int) + 1
    is_fixed = ((month == FIRST_FIXED[0]) & (day >= FIRST_FIXED[1])) | (
        (month == LAST_FIXED[0]) & (day <= LAST_FIXED[1])
    )
    before[is_fixed] = (months[is_fixed] - 12 * years).astype("datetime64[D]") + (day[is_fixed] - 1)
    return before


def _is_near(to_easter: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray((to_easter >= EASTER[0]) & (to_easter <= EASTER[1]))


def _find_easter(days: NDArray[np.datetime64], *, back: int) -> NDArray[np.datetime64]:
    """Easter Sunday of the year of each day, or `back` years before."""
    years, places = np.unique(days.astype("datetime64[Y]").astype(int) + 1970 - back, return_inverse=True)
    found = [easter(min(max(year, date.min.year), LAST_YEAR)) for year in years.tolist()]
    return np.array(found, "datetime64[D]")[places]
