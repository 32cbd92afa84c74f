"""Refuse covariates that hold the target itself at steps that are to be forecast: scores with them mean nothing."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.column_checks import LONGEST_SHIFT, ColumnTable, Copy, find_copy
from forecaster.data.columns import Columns
from forecaster.data.panel import Panel
from forecaster.errors import LeakError

__all__ = ["refuse_leaks"]

MOST_STEPS, PARTS = 60_000, 20
"""Steps that are compared where there are more: those of some series, and of a long one in so many parts."""


def refuse_leaks(panel: Panel, *, columns: Columns, name: str) -> None:
    """Raise LeakError where a covariate of `panel` is the target, of the same step or of later ones.

    What is known for the past only may be the target of the same step, and that of later ones where it has values to
    the end: then it was there before the target. `name` is that of the data.
    """
    if panel.covariates is None:
        return
    keys = len(panel) // len(columns.targets)
    found: dict[str, Copy] = {}
    for number, target in enumerate(columns.targets):
        series = number * keys + np.flatnonzero(panel.lengths[number * keys : (number + 1) * keys])
        series = series[:: int(panel.lengths[series].sum()) // MOST_STEPS + 1]
        if not len(series):
            continue
        own, others = _sample(*_lay_out(panel, series))
        for column, is_known, values in zip(panel.covariates.columns, panel.covariates.is_known, others, strict=True):
            copy = find_copy(ColumnTable((target, column), np.stack([own, values]), 1), 0, 1)
            if copy is None:
                continue
            is_ahead = copy.shift > 0 and (is_known or not _outlasts(own, values))
            if is_ahead or (is_known and copy.shift == 0):
                found.setdefault(column, copy)
    if found:
        first, others_named = next(iter(found.values())), ", ".join(map(repr, [*found][1:]))
        raise LeakError(_explain(first, columns=columns, name=name, others=others_named), tuple(found))


def _lay_out(panel: Panel, series: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values [step] of some series, one after the other with gaps between them, and their covariates [., step]."""
    covariates = panel.covariates
    assert covariates is not None
    lengths = np.diff(covariates.offsets)[series]
    begins = np.cumsum(lengths + LONGEST_SHIFT + 1) - lengths - LONGEST_SHIFT - 1
    size = int(begins[-1] + lengths[-1]) + LONGEST_SHIFT + 1
    own, others = np.full(size, np.nan), np.full((len(covariates), size), np.nan)
    for target, values, offsets in (
        (own[None], panel.values[None], panel.offsets),
        (others, covariates.values.T, covariates.offsets),
    ):
        counts = np.diff(offsets)[series]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        target[:, np.repeat(begins, counts) + within] = values[:, np.repeat(offsets[series], counts) + within]
    return own, others


def _sample(own: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Parts of long arrays, spread evenly and with gaps between them: the same to the end of the last series."""
    if len(own) <= MOST_STEPS:
        return own, others
    width = MOST_STEPS // PARTS
    begins = np.linspace(0, len(own) - width, PARTS).astype(np.int64)
    places = begins[:, None] + np.arange(width)
    gap = ((0, 0), (0, LONGEST_SHIFT + 1))
    parts = [np.pad(values[places], gap, constant_values=np.nan).ravel() for values in (own, *others)]
    return parts[0], np.stack(parts[1:])


def _outlasts(own: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether a column has a value at the last step at which the target has one."""
    return not np.isnan(other[np.flatnonzero(~np.isnan(own))[-1]])


def _explain(copy: Copy, *, columns: Columns, name: str, others: str) -> str:
    flag = "--known" if copy.column in columns.known else "--past"
    same = f"{copy.share:.0%} of" if copy.is_equal else "but for a factor and a constant, all"
    past = ", or name it with --past if it is known only afterwards" if not copy.shift else ""
    more = f" So are {others}." if others else ""
    return (
        f"{name}, column {copy.column!r}: {copy.describe()} (equal: {same} {copy.steps:,} steps), so a forecast would "
        "know what it is to forecast. "
        f"Leave it out of {flag}{past}.{more}"
    )
