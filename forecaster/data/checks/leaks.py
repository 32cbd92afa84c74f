"""Refuse covariates that hold the target itself at steps that are to be forecast: scores with them mean nothing.

Those that only follow it so closely that they may hold it are listed: a target may be a function of what sets it.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within
from forecaster.data.checks.column_checks import LONGEST_SHIFT, ColumnTable, Copy, find_copy, pair_steps
from forecaster.data.checks.far_leads import limit_lead, list_far_leads
from forecaster.data.checks.made_of_target import is_made_of, limit_window, measure_reach
from forecaster.data.checks.near_copies import follows_exactly, follows_nearly, is_product
from forecaster.data.panel import Panel
from forecaster.data.roles.columns import Columns
from forecaster.errors import LeakError

__all__ = ["list_near_copies", "refuse_leaks"]

LATER = range(1, LONGEST_SHIFT + 1)
MOST_STEPS, PARTS = 60_000, 20
"""Steps that are compared where there are more: those of some series, and of a long one in so many parts."""
MOST_COLUMNS, MOST_TARGETS = 12, 12
"""Columns that are compared with each other, for so many targets."""


def refuse_leaks(panel: Panel, *, columns: Columns, name: str) -> None:
    """Raise LeakError where a covariate of `panel` is the target of the same step, or follows from that of a later one.

    What is known for the past only may be the target of the same step, and that of later ones where it has values to
    the end: then it was there before the target. `name` is that of the data.
    """
    if panel.covariates is None:
        return
    longest = limit_lead(panel.lengths)
    found: dict[str, tuple[Copy, bool]] = {}
    for target, own, others in _iterate_targets(panel, columns, reach=longest):
        far = list_far_leads(own, others, longest=longest)
        for number, (column, is_known) in enumerate(
            zip(panel.covariates.columns, panel.covariates.is_known, strict=True)
        ):
            table = ColumnTable((target, column), np.stack([own, others[number]]), 1)
            copy = find_copy(table, 0, 1) or _find_function(table, LATER)
            copy = copy or find_copy(table, 0, 1, shifts=far[number]) or _find_function(table, far[number])
            if copy is None:
                continue
            is_there_before = copy.shift > 0 and _outlasts(own, others[number])
            if (is_known and copy.shift >= 0) or (copy.shift > 0 and not is_there_before):
                found.setdefault(column, (copy, is_there_before))
    if found:
        others_named = ", ".join(map(repr, [*found][1:]))
        raise LeakError(
            _explain(*next(iter(found.values())), columns=columns, name=name, others=others_named), tuple(found)
        )


def list_near_copies(panel: Panel, *, columns: Columns) -> list[str]:
    """Words on what is known ahead and follows the target of the same step, nearly or exactly, or with another column.

    Whether it was known before the target cannot be told. Also on what follows the target of a later step, and ends
    before the target does.
    """
    covariates = panel.covariates
    if covariates is None:
        return []
    every = [number for number, column in enumerate(covariates.columns) if not covariates.is_category(column)]
    numbers = [number for number in every if covariates.is_known[number]][:MOST_COLUMNS]
    period, longest, window = panel.calendar.periods[0], limit_lead(panel.lengths), limit_window(panel.lengths)
    reach, found = max(longest, measure_reach(window, period=period)), dict[str, str]()
    for target, own, others in _iterate_targets(panel, columns, reach=reach):
        ending = [number for number in every if not _outlasts(own, others[number])][:MOST_COLUMNS]
        for number, lead in _find_early(own, others, ending, longest=longest, period=period):
            column = covariates.columns[number]
            found.setdefault(column, f"{column!r} follows {target!r} of {lead} step{'s' * (lead > 1)} later")
        for number in numbers:
            column = covariates.columns[number]
            if follows_exactly(own, others[number]):
                copy = Copy(target, column, 0, 0.0, 0, is_other_function=True)
                found.setdefault(column, copy.describe())
            elif follows_nearly(own, others[number], period=period):
                found.setdefault(column, f"{column!r} follows {target!r}")
            elif len(columns.targets) <= MOST_TARGETS and is_made_of(own, others[number], period=period, window=window):
                found.setdefault(column, f"{column!r} is made of {target!r}, as moving means and changes are")
        for one, other in itertools.permutations(numbers, 2) if len(columns.targets) <= MOST_TARGETS else ():
            if is_product(own, others[one], others[other]):
                names = covariates.columns[one], covariates.columns[other]
                found.setdefault(names[0], f"{names[0]!r} and {names[1]!r} give {target!r}")
                found.setdefault(names[1], "")
    return [words for words in found.values() if words]


def _find_early(
    own: NDArray[np.float64], others: NDArray[np.float64], ending: list[int], *, longest: int, period: int
) -> Iterator[tuple[int, int]]:
    """Which of the `others` that are `ending` follow the target nearly, and how many steps before it."""
    if not ending:
        return
    for number, far in zip(ending, list_far_leads(own, others[ending], longest=longest), strict=True):
        for lead in (*LATER, *far):
            if follows_nearly(*pair_steps(own, others[number], lead), period=period):
                yield number, lead
                break


def _iterate_targets(
    panel: Panel, columns: Columns, *, reach: int
) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """Each target: its name, its values [step] and the covariates [., step] of some series.

    The gaps between these are longer than `reach`.
    """
    keys = len(panel) // len(columns.targets)
    for number, target in enumerate(columns.targets):
        series = number * keys + np.flatnonzero(panel.lengths[number * keys : (number + 1) * keys])
        series = series[:: int(panel.lengths[series].sum()) // MOST_STEPS + 1]
        if len(series):
            yield target, *_sample(*_lay_out(panel, series, gap=reach + 1), gap=reach + 1)


def _find_function(table: ColumnTable, shifts: Sequence[int]) -> Copy | None:
    """How a column is a function of the target so many steps later; None where it is none, or one of the same step."""
    target, column = table.values
    if not shifts or follows_exactly(target, column):
        return None
    for shift in shifts:
        moved, beside = pair_steps(target, column, shift)
        if follows_exactly(moved, beside):
            steps = int((~np.isnan(moved) & ~np.isnan(beside)).sum())
            return Copy(table.names[0], table.names[1], shift, 0.0, steps, is_other_function=True)
    return None


def _lay_out(panel: Panel, series: NDArray[np.int64], *, gap: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values [step] of some series, one after the other with gaps between them, and their covariates [., step]."""
    covariates = panel.covariates
    assert covariates is not None
    lengths = np.diff(covariates.offsets)[series]
    begins = np.cumsum(lengths + gap) - lengths - gap
    size = int(begins[-1] + lengths[-1])
    own, others = np.full(size, np.nan), np.full((len(covariates), size), np.nan)
    for target, values, offsets in (
        (own[None], panel.values[None], panel.offsets),
        (others, covariates.values.T, covariates.offsets),
    ):
        counts = np.diff(offsets)[series]
        within = count_within(counts)
        target[:, np.repeat(begins, counts) + within] = values[:, np.repeat(offsets[series], counts) + within]
    return own, others


def _sample(
    own: NDArray[np.float64], others: NDArray[np.float64], *, gap: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Parts of long arrays, spread evenly and with gaps between them: the same to the end of the last series."""
    if len(own) <= MOST_STEPS:
        return own, others
    width = MOST_STEPS // PARTS
    begins = np.linspace(0, len(own) - width, PARTS).astype(np.int64)
    places = begins[:, None] + np.arange(width)
    beside = ((0, 0), (0, gap))
    parts = [np.pad(values[places], beside, constant_values=np.nan).ravel() for values in (own, *others)]
    return parts[0], np.stack(parts[1:])


def _outlasts(own: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether a column has a value at the last step at which the target has one."""
    return not np.isnan(other[np.flatnonzero(~np.isnan(own))[-1]])


def _explain(copy: Copy, is_there_before: bool, *, columns: Columns, name: str, others: str) -> str:
    flag = "--known" if copy.column in columns.known else "--past"
    same = f"equal: {copy.share:.0%} of" if copy.is_equal else "equal: but for a factor and a constant, all"
    if copy.is_other_function:
        same = "higher, or lower, wherever the target is higher:"
    past = ", or name it with --past if it is known only afterwards" if not copy.shift else ""
    past = ", or name it with --past, as it was there before" if is_there_before else past
    more = f" So are {others}." if others else ""
    return (
        f"{name}, column {copy.column!r}: {copy.describe()} ({same} {copy.steps:,} steps), so a forecast would "
        "know what it is to forecast. "
        f"Leave it out of {flag}{past}.{more}"
    )
