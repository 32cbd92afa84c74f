"""Checks of columns beside each other: those that hold the target itself, and those that are the sum of others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.data.checks.findings import EXAMPLES, KINDS, Finding
from forecaster.data.panel import Panel

__all__ = ["LONGEST_SHIFT", "ColumnTable", "Copy", "check_columns", "find_copy", "pair_steps", "put_side_by_side"]

LONGEST_SHIFT = 3
SHIFTS = tuple(sorted(range(-LONGEST_SHIFT, LONGEST_SHIFT + 1), key=abs))
FEWEST, FEWEST_VALUES = 12, 5
"""Steps at which both columns have a value, and different values of the target, that it takes to compare them."""
SAME_LEVELS, SAME_CHANGES = 0.99999, 0.9999
"""Least squared correlation of the values, and of their changes, of columns that are the same but for their unit."""
ROUNDED, AGREEMENT = 1e-3, 0.95
"""A total: so many of its values are the sum of the others, but for a relative error from rounding."""
NEAR = 0.02
"""Distance from 0 or 1 of the weight of a column in a total."""
MOST_FITTED = 50_000
"""Steps from which the weights of a total are estimated."""


@dataclass(frozen=True)
class ColumnTable:
    """Columns of numbers on the calendar, [column, step]: all series one after the other, with gaps between them.

    The first `targets` of the columns are forecast, the others are not used.
    """

    names: tuple[str, ...]
    values: Array
    targets: int


@dataclass(frozen=True)
class Copy:
    """A `column` that follows from the `target` of `shift` steps later, and the share of equal values in `steps`.

    It is the target, but for its unit, or another function of it.
    """

    target: str
    column: str
    shift: int
    share: float
    steps: int
    is_other_function: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether the values are in the same unit."""
        return self.share >= AGREEMENT

    def describe(self) -> str:
        """The same in words."""
        size = abs(self.shift)
        when = f" of {size} step{'s' * (size > 1)} {'later' if self.shift > 0 else 'earlier'}" * bool(self.shift)
        scaled = "" if self.is_equal else ", in another unit"
        if self.is_other_function:
            return f"{self.column!r} is a function of {self.target!r}{when}, such as its logarithm or rounded value"
        return f"{self.column!r} is {self.target!r}{when}{scaled}"


def put_side_by_side(panel: Panel, *, names: tuple[str, ...], targets: int) -> ColumnTable:
    """The columns of a panel that was read with all of `names` as targets."""
    keys = len(panel) // len(names)
    key = np.arange(len(panel)) % keys
    filled = np.flatnonzero(panel.lengths > 0)
    first = np.full(keys, panel.starts[filled].max(), panel.starts.dtype)
    np.minimum.at(first, key[filled], panel.starts[filled])
    begins = np.zeros(len(panel), np.int64)
    begins[filled] = panel.calendar.count_steps(first[key[filled]], panel.starts[filled])
    sizes = np.zeros(keys, np.int64)
    np.maximum.at(sizes, key, begins + panel.lengths)
    offsets = np.cumsum(sizes + LONGEST_SHIFT + 1) - sizes - LONGEST_SHIFT - 1
    values = np.full((len(names), int(sizes.sum()) + keys * (LONGEST_SHIFT + 1)), np.nan)
    series = np.repeat(np.arange(len(panel)), panel.lengths)
    steps = np.arange(len(panel.values)) - panel.offsets[series]
    values[series // keys, offsets[key[series]] + begins[series] + steps] = panel.values
    return ColumnTable(names, values, targets)


def check_columns(table: ColumnTable) -> tuple[Finding, ...]:
    """What is found of columns that are not used."""
    copies = {
        other: copy.describe()
        for other in range(table.targets, len(table.names))
        for target in range(table.targets)
        if (copy := find_copy(table, target, other)) is not None
    }
    # a copy of a total would stand for all its parts
    others = [column for column in range(len(table.names)) if column not in copies]
    found = {"N401": [*copies.values()], "N402": _list_sums(table, others)}
    return tuple(
        Finding(code, len(words), tuple(words[:EXAMPLES]), KINDS[code].action) for code, words in found.items() if words
    )


def find_copy(table: ColumnTable, target: int, other: int, *, shifts: Sequence[int] = SHIFTS) -> Copy | None:
    """How a column follows from the target, at one of these `shifts`; None where it does not."""
    for shift in shifts:
        moved, beside = pair_steps(table.values[target], table.values[other], shift)
        if not _are_same(moved, beside):
            continue
        both = ~np.isnan(moved) & ~np.isnan(beside)
        is_equal = np.isclose(moved[both], beside[both], rtol=ROUNDED)
        return Copy(table.names[target], table.names[other], shift, float(is_equal.mean()), int(both.sum()))
    return None


def pair_steps(target: Array, column: Array, shift: int) -> tuple[Array, Array]:
    """The values of a target `shift` steps later, and beside them those of a column, where both have a step."""
    size = len(target) - abs(shift)
    return target[max(shift, 0) :][:size], column[max(-shift, 0) :][:size]


def _are_same(one: Array, other: Array) -> bool:
    """Whether two columns differ at most in their unit: a factor and a constant that is added."""
    both = ~np.isnan(one) & ~np.isnan(other)
    if np.count_nonzero(both) < FEWEST:
        return False
    values, beside = one[both], other[both]
    is_line = _correlate(values, beside) >= SAME_LEVELS
    # most columns have nothing to do with each other, and there may be thousands of pairs
    if not is_line and np.count_nonzero(_are_equal(values, beside)) < AGREEMENT * FEWEST:
        return False
    steps = both[1:] & both[:-1]
    changes, others = np.diff(one)[steps], np.diff(other)[steps]
    # where neither changes, any column that changes as rarely is equal
    moves = (changes != 0) | (others != 0)
    if _agree(one[1:][steps][moves], other[1:][steps][moves]):
        return True
    moves = changes != 0
    return (
        is_line
        and _correlate(changes, others) >= SAME_CHANGES
        and _share_factor(changes[moves], others[moves])
        and len(np.unique(values)) >= FEWEST_VALUES
    )


def _agree(one: Array, other: Array) -> bool:
    """Whether nearly all values are equal, and are not few."""
    if len(one) < FEWEST:
        return False
    is_equal = _are_equal(one, other)
    return float(is_equal.mean()) >= AGREEMENT and len(np.unique(one[is_equal])) >= FEWEST_VALUES


def _are_equal(one: Array, other: Array) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one - other) <= ROUNDED * np.abs(one))


def _share_factor(one: Array, other: Array) -> bool:
    """Whether nearly all changes are by the same factor: a correlation may come from a few outliers."""
    expected = np.median(other / one) * one
    return float((np.abs(other - expected) <= NEAR * np.abs(expected)).mean()) >= AGREEMENT


def _correlate(one: Array, other: Array) -> float:
    """The squared correlation; 0 where there is none, as one never changes."""
    if len(one) < FEWEST:
        return 0.0
    # `mean` itself takes longer than all of this for a few values
    one, other = one - one.sum() / len(one), other - other.sum() / len(other)
    # the squares of large values would overflow
    one, other = (values / (np.abs(values).max() or 1.0) for values in (one, other))
    # not with @, for which OpenBLAS starts threads that wait for each other longer than they compute
    size = float(np.einsum("i,i", one, one) * np.einsum("i,i", other, other))
    return float(np.einsum("i,i", one, other)) ** 2 / size if size > 0 else 0.0


def _list_sums(table: ColumnTable, columns: list[int]) -> list[str]:
    """The columns that are the sum of two or more others, in words."""
    values = table.values[columns]
    known = ~np.isnan(values).any(axis=0)
    if len(columns) < 3 or known.sum() < max(FEWEST, 2 * len(columns)):
        return []
    values = values[:, known]
    names = [repr(table.names[column]) for column in columns]
    found = {total: _find_parts(values, total) for total in range(len(columns))}
    return [
        f"{names[total]} is the sum of {' and '.join(names[part] for part in parts)}"
        for total, parts in found.items()
        if len(parts) > 1
    ]


def _find_parts(values: Array, total: int) -> NDArray[np.int64]:
    """The columns whose sum is that of `total`, none where it is none."""
    others = np.delete(np.arange(len(values)), total)
    changing = others[np.ptp(values[others], axis=1) > 0]
    none = np.zeros(0, np.int64)
    if np.ptp(values[total]) == 0 or len(changing) < 2:
        return none
    few = values[:, :: values.shape[1] // MOST_FITTED + 1]
    sizes = np.abs(few[changing]).max(axis=1)
    if (sizes == 0).any():
        return none
    weights = np.linalg.lstsq((few[changing] / sizes[:, None]).T, few[total], rcond=None)[0] / sizes
    parts = changing[np.abs(weights - 1) < NEAR]
    sums = values[parts].sum(axis=0)
    is_sum = np.abs(sums - values[total]) <= ROUNDED * np.abs(values[total])
    return parts if is_sum.mean() >= AGREEMENT else none
