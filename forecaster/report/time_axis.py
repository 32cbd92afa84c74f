"""The marks on an axis of dates: on whole hours, days or months, and what is written below them.

`page_files/time_axis.js` does the same for charts of any width.
"""

from typing import Any

import numpy as np

__all__ = ["mark_times"]

SHORTEST_SPAN, LEAST_MARKED, MOST_MARKED = 50, 10_000, 1650 * 86_400_000
"""Milliseconds: below the first, Lets-Plot writes times wrongly; outside the others, it places marks well."""
MINUTE, DAY, MONTH = 60_000, 86_400_000, 2_629_800_000
STEPS = [
    *(1000 * seconds for seconds in (1, 2, 5, 10, 15, 30)),
    *(MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *(DAY * days for days in (1, 2, 4, 7, 14, 28)),
    *(MONTH * months for months in (1, 2, 3, 6, 12, 24)),
]
FORMATS = [
    # from how many milliseconds on, how times are written, how many letters that is, and the least step it tells apart
    (0, "%H:%M:%S.%f", 12, 1),  # %f is milliseconds here; with the day, too, labels would not fit
    (10_000, "%d %b %Y %H:%M:%S", 20, 1000),
    (600_000, "%d %b %Y %H:%M", 17, MINUTE),
    (4 * DAY + 1, "%d %b %Y", 11, DAY),
    (90 * DAY + 1, "%b %Y", 8, MONTH),
]
DAYS = FORMATS[3]
MONDAY = 4 * DAY
"""The first Monday since 1970: marks of weeks are Mondays."""
LETTER, GAP, MARGINS, EXPANSION = 7.5, 12, 90, 1.1
"""Pixels of a letter, between labels, and beside the axis; how much longer the axis is than the data."""


def mark_times(low: float, high: float, *, width: float) -> dict[str, Any]:
    """Marks and format of a scale of moments from `low` to `high`, milliseconds since 1970, `width` pixels wide."""
    span = high - low
    scale: dict[str, Any] = {"breaks": []} if span < SHORTEST_SPAN else {}
    if span > MOST_MARKED:
        return scale
    _, scale["format"], letters, least = next(one for one in reversed(FORMATS) if span >= one[0])
    if span < LEAST_MARKED:
        return scale
    for step in STEPS:
        if step < least:
            continue
        form = scale["format"]
        if least < DAY <= step:  # the time of day would be midnight at all marks
            _, form, letters, _ = DAYS
        needed = span * EXPANSION * (LETTER * letters + GAP) / max(width - MARGINS, 1)
        if 3 * step < needed:
            continue
        marks = _place_marks(low, high, step=step)
        if marks:
            scale |= {"breaks": marks, "format": form}
        if not marks or step >= needed:
            break
    return scale


def _place_marks(low: float, high: float, *, step: int) -> list[float]:
    """The multiples of `step` from `low` to `high`."""
    if step < MONTH:
        first, last = np.ceil((low - MONDAY) / step), np.floor((high - MONDAY) / step)
        return [float(mark) for mark in MONDAY + step * np.arange(first, last + 1)]
    size = step // MONTH
    first_month, last_month = np.array([low, high]).astype("datetime64[ms]").astype("datetime64[M]").astype(int)
    # months are counted from the year 0, so that steps of two years are even ones
    months = size * np.arange((first_month + 1970 * 12) // size, (last_month + 1970 * 12) // size + 1) - 1970 * 12
    marks = months.astype("datetime64[M]").astype("datetime64[ms]").astype(float)
    return [float(mark) for mark in marks if low <= mark <= high]
