"""The days that each step of a panel lasts, for covariates that are known from dates alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within, find_offsets
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.times.dates import to_local
from forecaster.errors import UsageError

__all__ = ["ONE_DAY", "StepDays", "find_days", "require_days"]

ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class StepDays:
    """The days of each step of each series, and of some steps after the end of each.

    first, last  [distinct]    the days that steps begin and end with, once for all series that begin together
    is_past      [distinct]    whether a step lies before the end of the longest of these series
    places       [step]        which of them the steps of all series are, one series after the other
    offsets      [series + 1]  series i has the steps `places[offsets[i]:offsets[i + 1]]`
    """

    first: NDArray[Any]
    last: NDArray[Any]
    is_past: NDArray[np.bool_]
    places: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @property
    def are_long(self) -> bool:
        """Whether steps last for several days."""
        return bool((self.last > self.first).any())

    def as_covariates(self, values: Mapping[str, NDArray[np.float64]], *, columns: tuple[str, ...]) -> Covariates:
        """`values` [distinct] by name as covariates that are known ahead; `columns` are what each comes from."""
        spread = np.stack([*values.values()], axis=1)[self.places]
        return Covariates(tuple(values), columns, np.ones(len(values), bool), spread, self.offsets)


def require_days(panel: Panel, *, flag: str) -> None:
    """Raise UsageError, naming the option `flag`, where the days of the steps are not known."""
    style = panel.time_style
    if style.format is None:
        raise UsageError(f"{flag}: the timestamps are whole numbers, which have no dates. Leave {flag} out.")
    if style.has_offset and style.timezone is None and not panel.calendar.uses_wall_clock:
        raise UsageError(
            f"{flag}: the timestamps do not tell the local days, which begin at other times than those of UTC. Name "
            "the time zone, such as --timezone America/New_York, or --timezone UTC."
        )


def find_days(panel: Panel, *, ahead: int, names_last_day: bool = False) -> StepDays:
    """The days of each step of each series, and of `ahead` steps after its end.

    A step lasts from its timestamp to the next one; with `names_last_day`, and at month ends, it ends with the day of
    it. Where days or hours are closed, they belong to no step.
    """
    lengths = np.where(panel.lengths > 0, panel.lengths + ahead, 0)
    offsets = find_offsets(lengths)
    series = np.repeat(np.arange(len(panel)), lengths)
    steps = count_within(lengths)
    # the steps of series that begin together lie at the same times
    starts, group = np.unique(panel.starts, return_inverse=True)
    longest = np.zeros(len(starts), np.int64)
    np.maximum.at(longest, group, lengths)
    before = np.cumsum(longest) - longest
    number = np.repeat(np.arange(len(starts)), longest)
    step = np.arange(len(number)) - before[number]
    is_last = names_last_day or panel.calendar.month_end
    begins, ends = (
        panel.calendar.advance(starts[number], step + further - is_last) + is_last * ONE_DAY for further in (0, 1)
    )
    if panel.time_style.timezone is not None and not panel.calendar.uses_wall_clock:
        begins, ends = (to_local(times, timezone=panel.time_style.timezone) for times in (begins, ends))
    first, last = begins.astype("datetime64[D]"), (ends - np.timedelta64(1, "us")).astype("datetime64[D]")
    if panel.calendar.has_closed_steps:
        last = first  # not the closed days and hours that follow
    return StepDays(first, last, step < longest[number] - ahead, before[group][series] + steps, offsets)
