"""Rows only where something happened, such as a sale: what a missing row means, and how the step is found then."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.data.frequency import infer_calendar
from forecaster.data.numbers.number_cells import LARGEST_VALUE
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.month_parts import describe_month_parts
from forecaster.errors import UsageError

__all__ = ["MIN_MISSING", "advise_filling", "check_filling", "extend_to_last", "infer_finest"]

Times = NDArray[Any]

MIN_GAPS, MIN_DISTINCT_GAPS = 5, 3
MIN_MISSING = 0.2
"""Share of the steps without a row, from which on rows may be missing for a reason."""
MIN_FILLED = 0.3
"""Share of steps shorter than an hour that have a row in some series; with fewer, stamps are only irregular."""

LEAST_ALIKE = 0.5
"""Shortest gap, as a share of the longest, of rows that stand for periods such as those of bills, not for events."""
DAYS_OF_A_MONTH = (26, 35)

ADVICE_ON_MONTHS = "where each row stands for a month, as bills do, write the month in place of its day, as 2024-01"
ADVICE = "where no row means that nothing happened, such as no sale, use --fill 0"


def check_filling(options: ReadOptions) -> None:
    """Raise UsageError where a missing row is to mean something that is no number, or none to compute with."""
    if options.fill is None:
        return
    if not np.isfinite(options.fill):
        raise UsageError(f"--fill {options.fill:g}: not a number to fill in. Leave --fill out for missing values.")
    if abs(options.fill) > LARGEST_VALUE:
        raise UsageError(f"--fill {options.fill:g}: too large to compute with. Give a number like those of the data.")


def infer_finest(times: Times) -> Calendar | None:
    """The calendar of the longest step that all `times`, of whatever series, are a multiple of apart."""
    moments = np.unique(times)
    calendar = infer_calendar(moments, is_first=np.arange(len(moments)) == 0)
    if calendar is None or calendar.unit == "business_day" or calendar.fiscal_year is not None:
        return calendar
    counted = moments.astype("datetime64[M]") if calendar.unit == "month" else moments
    return replace(calendar, multiple=int(np.gcd.reduce(np.diff(counted).astype(np.int64))))


def extend_to_last(times: Times, starts: Times, lengths: NDArray[np.int64], *, calendar: Calendar) -> NDArray[np.int64]:
    """The `lengths` [series] up to the last of `times`, for series that begin at `starts` and have any step."""
    reached = calendar.count_steps(starts, np.broadcast_to(times.max(), starts.shape)) + 1
    return np.where(lengths > 0, np.maximum(lengths, reached), 0)


def _add_up(values: NDArray[np.float64], *, is_first: NDArray[np.bool_]) -> bool:
    """Whether the values [row] of all series only rise, as readings of a meter do: no row is no reading then."""
    changes = np.diff(values)[~is_first[1:]]
    return bool(len(changes) and (changes >= 0).all() and (changes > 0).any())


def advise_filling(
    times: Times, values: NDArray[np.float64], *, is_first: NDArray[np.bool_], options: ReadOptions
) -> str | None:
    """The advice to say what a missing row means, where rows look as if they were written for events only.

    That is where the gaps have many lengths, and all values [row] are above zero. Where all are about a month long, it
    is how to write the months.
    """
    observed = values[~np.isnan(values)]
    if options.fill is not None or not (observed > 0).all() or _add_up(values, is_first=is_first):
        return None
    calendar = infer_finest(times)
    if calendar is None or calendar.unit == "integer" or describe_month_parts(times) is not None:
        return None
    steps = calendar.count_steps(times[is_first][np.cumsum(is_first) - 1], times)
    gaps = np.diff(steps)[~is_first[1:]]
    if len(gaps) and gaps.min() >= LEAST_ALIKE * gaps.max() > 1:
        low, high = DAYS_OF_A_MONTH
        is_monthly = calendar.unit == "microsecond" and low <= np.median(gaps) * calendar.multiple / DAY <= high
        return ADVICE_ON_MONTHS if is_monthly else None
    lengths, counts = np.unique(gaps[gaps > 1], return_counts=True)
    if counts.sum() < MIN_GAPS or len(lengths) < MIN_DISTINCT_GAPS or 1 - len(gaps) / gaps.sum() < MIN_MISSING:
        return None
    moments = np.unique(times)
    span = int(calendar.count_steps(moments[:1], moments[-1:])[0]) + 1
    is_short = calendar.unit == "microsecond" and calendar.multiple < HOUR
    return None if is_short and len(moments) < MIN_FILLED * span else ADVICE
