"""Dates that come two or three times in each month, on the same days: half months and dekads, which are no steps."""

import shlex
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.data.roles.column_roles import Columns
from forecaster.errors import DataError

__all__ = ["describe_month_parts", "refuse_month_parts"]

KINDS = {2: "half months", 3: "dekads"}
DAYS_APART = {2: (12, 18), 3: (8, 12)}
"""Between the days of a month, by how many there are."""
FEWEST_MONTHS = 2
LEAST_FILLED = 0.8
"""Share of the dates, from the first to the last month, that some series has."""
SHORTEST_MONTH = 28


def describe_month_parts(times: NDArray[Any]) -> str | None:
    """What the distinct `times` are, such as `half months (days 1 and 16 of each month)`; None where they are neither.

    The last of the days may be that with which each month ends.
    """
    if times.dtype.kind != "M":
        return None
    days = np.unique(times).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    numbers = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    is_last = (days + 1).astype("datetime64[M]") > months
    # a day that some months do not have, such as the 30th, is their last one
    is_end = numbers >= SHORTEST_MONTH
    ends = np.unique(numbers[is_end & ~is_last])
    inner = np.unique(numbers[~is_end]).tolist()
    if len(ends) > 1 or len(inner) + bool(is_end.any()) not in KINDS:
        return None
    shown = [*inner, *([int(ends[0]) if len(ends) else "the last"] if is_end.any() else [])]
    low, high = DAYS_APART[len(shown)]
    apart = np.diff([*inner, *[30] * int(is_end.any())])
    span = int((months[-1] - months[0]).astype(np.int64)) + 1
    is_filled = len(days) >= LEAST_FILLED * len(shown) * span and bool((np.diff(days).astype(np.int64) > 0).all())
    if span < FEWEST_MONTHS or not is_filled or apart.min() < low or apart.max() > high:
        return None
    *others, last = map(str, shown)
    return f"{KINDS[len(shown)]} (days {', '.join(others)} and {last} of each month)"


def refuse_month_parts(times: NDArray[Any], *, columns: Columns, name: str) -> None:
    """Raise DataError where the `times` of the rows are parts of months, with the way to make months of them."""
    found = describe_month_parts(times)
    if found is not None:
        # ids that were found by their cells are not looked for where rows are merged
        ids = f" --id {shlex.quote(','.join(columns.ids))}" if columns.has_found_ids else ""
        raise DataError(
            f"{name}: the dates are {found}, which are not equally long and cannot be steps. Make months of them with"
            f"{ids} --freq MS --aggregate sum, or mean for levels and prices."
        )
