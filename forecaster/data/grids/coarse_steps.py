"""Series whose rows come more often than their values, such as one of quarters in rows of months."""

import numpy as np

from forecaster.data.calendar import Calendar
from forecaster.data.frequency import infer_calendar
from forecaster.data.grids.rows import Rows, starts_series
from forecaster.data.read_options import ReadOptions

__all__ = ["leave_out_between"]

FEWEST = 6
"""Values of a series that show that there are none between them: fewer may be apart by chance."""
LEAST_REGULAR = 0.9
"""Share of the distances between values that are one step, where the rows between are left out."""


def leave_out_between(rows: Rows, *, options: ReadOptions) -> tuple[Rows, tuple[str, ...]]:
    """The `rows` without those between values that come every month, quarter or year, and a note on that.

    All rows where the options say what the steps are, where the rows between hold covariates, or where some series has
    values more often.
    """
    is_seen = ~np.isnan(rows.values)
    is_told = options.frequency is not None or options.fill is not None or options.known or options.past
    if is_seen.all() or is_told or int(is_seen.sum()) < FEWEST:
        return rows, ()
    kept = rows.take(is_seen)
    is_first = starts_series(kept.codes)
    found = infer_calendar(kept.wall, is_first=is_first)
    if found is None or found.unit != "month":
        return rows, ()
    given = infer_calendar(rows.wall, is_first=starts_series(rows.codes))
    if given is None or not _is_finer(given, found):
        return rows, ()
    steps = found.count_steps(kept.wall[:-1], kept.wall[1:])
    lies = np.asarray(found.advance(kept.wall[:-1], steps) == kept.wall[1:])
    within = ~is_first[1:]
    counts = np.bincount(kept.codes)
    if not within.any() or not lies[within].all() or float((steps[within] == 1).mean()) < LEAST_REGULAR:
        return rows, ()
    if counts[counts > 0].min() < FEWEST:
        return rows, ()
    finer = f" (--freq {_name(given)} forecasts all steps)" if _name(given) else ""
    count = len(rows.values) - len(kept.values)
    return kept, (f"only some of the {given.name} rows have values: read as {found.name}, without {count:,}{finer}",)


def _is_finer(given: Calendar, found: Calendar) -> bool:
    return given.unit != found.unit or (given.multiple < found.multiple and found.multiple % given.multiple == 0)


def _name(calendar: Calendar) -> str:
    """The alias of a calendar for --freq; "" where it has none."""
    if calendar.unit == "month":
        ends = {1: ("MS", "ME"), 3: ("QS", "QE"), 12: ("YS", "YE")}
        return ends.get(calendar.multiple, ("", ""))[calendar.month_end]
    return "B" if calendar.unit == "business_day" else calendar.alias if calendar.unit == "microsecond" else ""
