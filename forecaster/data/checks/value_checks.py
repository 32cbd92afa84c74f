"""Checks of the values of many series at once: marks for missing values, outliers, level shifts, zeros, constants."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, count_within, find_median
from forecaster.data.panel import Panel

__all__ = ["Hits", "check_covariates", "check_values"]

Hits = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Numbers of series, and the step in each; -1 where the whole series is meant."""

BLOCK = 1 << 21
"""Values that are looked at together: what bounds the memory."""
MARKS = (
    *(-99.0, -999.0, -9999.0, -99999.0, -999999.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0, -32768.0),
    *(999.9, 9999.9, 99999.9, -99.9, -99.99, -999.9, -999.99, -9999.9),
)
NINES = (
    *(9.9, 99.9, 9.99, 99.99, 999.99, 9999.99, 9.999, 99.999, 999.999, 9.9999, 99.9999),
    *(-9.9, -9.99, -9.999, -99.999, -999.999, -9.9999, -99.9999),
)
"""Marks of weather services and laboratories that are prices elsewhere."""
REPEATED_MARKS = {-1.0: 3, -9.0: 3, -99.0: 2}
"""Marks that are the only negative number of a series of counts, and how often they are there at the least."""
ROUND_MARK, FEWEST_ROUND = 100, 3
"""Round negative numbers, such as -200 of the sensors of a town, are marks where they repeat so often."""
LEAST_COUNT, LEAST_SHARE = 5, 0.25
"""No count is lower than these, the second as a share of their median, where -1 is a mark: at zero, it is a return."""
LEAST_GAP = 0.3
"""Distance of nines from all other values, as a share of their own size."""
MOST_PRICES = 0.5
"""Share of the other values that end in 9 from which on nines are prices."""
FEWEST = 10
"""Observed values below which nothing is said of how they are distributed."""
FEWEST_OF_A_RANGE = 30
"""Observed values that it takes to call another an outlier."""
FAR_OUT = 15
"""Distance from the median, in interquartile ranges, of an outlier."""
SEPARATION = 3
"""Ratio of the distance of the nearest outlier to that of the farthest other value: heavy tails have no such gap."""
MOST_OUTLIERS = 0.05
LEVEL_RATIO, LEVEL_GAP, LEVEL_VALUES = 50.0, 10.0, 3
"""A shift: the mean level changes by this ratio, all values by this one, and so many lie on either side."""
MOSTLY_ZERO = 0.8


def check_values(panel: Panel) -> dict[str, Hits]:
    """What is found in the values of each series, by code."""
    found: dict[str, list[Hits]] = {}
    for numbers, values in _iterate_blocks(panel):
        for code, (rows, steps) in _check_block(values, periods=panel.calendar.periods).items():
            found.setdefault(code, []).append((numbers[rows], steps))
    return {code: _join(parts) for code, parts in found.items()}


def check_covariates(panel: Panel, *, code: Literal["W301", "W307"], keys: int) -> dict[str, Hits]:
    """Marks for missing values (W301), or the first values of other levels (W307), by the column that has them.

    Only the first of the `keys` series are looked at: those of other targets have the same covariates.
    """
    covariates = panel.covariates
    if covariates is None:
        return {}
    lengths = panel.lengths[:keys]
    past = np.repeat(covariates.offsets[:keys], lengths) + count_within(lengths)
    found, find = {}, _find_marks if code == "W301" else _find_level_shifts
    for number, column in enumerate(covariates.names):
        if column not in covariates.columns or column in covariates.wordings:
            continue  # a category, or yes and no
        own = replace(panel, values=covariates.values[past, number], offsets=panel.offsets[: keys + 1], covariates=None)
        hits = [(numbers, find(values)) for numbers, values in _iterate_blocks(own)]
        parts = [(numbers[rows], steps) for numbers, cells in hits for rows, steps in [np.nonzero(cells)]]
        series, steps = _join(parts) if parts else (past[:0], past[:0])
        if len(series):
            found[column] = series, steps
    return found


def _join(parts: list[Hits]) -> Hits:
    """All hits, in the order of series and time."""
    series, steps = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((steps, series))
    return series[order], steps[order]


def _iterate_blocks(panel: Panel) -> Iterator[tuple[NDArray[np.int64], Array]]:
    """Series of similar length: their numbers, and their values [series, time], NaN after the end of each."""
    order = np.argsort(panel.lengths, kind="stable")
    lengths = panel.lengths[order]
    begin = int(np.searchsorted(lengths, 0, "right"))
    while begin < len(order):
        similar = int(np.searchsorted(lengths, 2 * lengths[begin], "right"))
        end = min(similar, begin + max(1, BLOCK // int(lengths[similar - 1])))
        numbers, steps = order[begin:end], np.arange(int(lengths[end - 1]))
        is_inside = steps < lengths[begin:end, None]
        values = np.full(is_inside.shape, np.nan)
        values[is_inside] = panel.values[(panel.offsets[numbers][:, None] + steps)[is_inside]]
        yield numbers, values
        begin = end


def _check_block(values: Array, *, periods: tuple[int, ...]) -> dict[str, Hits]:
    """Hits in `values` [series, time]; the numbers of series are those of the rows."""
    found: dict[str, NDArray[np.bool_]] = {"W301": _find_marks(values) | _find_repeated_marks(values)}
    values = np.where(found["W301"], np.nan, values) if found["W301"].any() else values
    seen = ~np.isnan(values)
    count = seen.sum(axis=1)
    found["W303"] = _find_level_shifts(values)
    outliers = _find_outliers(values, count=count, periods=periods)
    found["W302"] = outliers & ~found["W303"].any(axis=1, keepdims=True)
    hits = {code: (np.nonzero(cells)[0], np.nonzero(cells)[1]) for code, cells in found.items() if cells.any()}
    ordered = np.where(seen, values, 0.0)
    zeros = (seen & (values == 0)).sum(axis=1)
    highest = np.where(seen, values, -np.inf).max(axis=1)
    lowest = np.where(seen, values, np.inf).min(axis=1)
    is_constant = (count > 1) & (highest == lowest)
    is_dead = _find_dead(values, ordered, period=periods[0]) & (count >= FEWEST)
    rows = {
        "N201": is_constant,
        "W204": is_dead,
        "N205": (zeros > MOSTLY_ZERO * count) & (count >= FEWEST) & ~is_constant & ~is_dead,
    }
    hits |= {code: (np.flatnonzero(flag), np.full(int(flag.sum()), -1)) for code, flag in rows.items() if flag.any()}
    return hits


def _find_marks(values: Array) -> NDArray[np.bool_]:
    """Values such as -999, 9999 or 99.99 that lie far from all others of their series."""
    found = np.zeros(values.shape, bool)
    # what lies far from all others is the lowest or the highest, or lies beside one that is a mark as well
    extremes = np.stack([np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)])
    rows = np.flatnonzero(np.isin(extremes, (*MARKS, *NINES)).any(axis=0))
    if not len(rows):
        return found
    chosen = values[rows]
    nines = np.isin(chosen, NINES)
    marks = np.isin(chosen, MARKS) | nines
    others = ~marks & ~np.isnan(chosen)
    lowest = np.where(others, chosen, np.inf).min(axis=1, keepdims=True)
    highest = np.where(others, chosen, -np.inf).max(axis=1, keepdims=True)
    # one number may be far out by itself, and the same one several times hardly
    repeats = sum(((chosen == nine) * (chosen == nine).sum(axis=1, keepdims=True) for nine in NINES), np.zeros(()))
    with np.errstate(invalid="ignore"):
        room = np.where(repeats > 1, 0.5, 3.0) * (highest - lowest)
        # shares of 99.99% are near to all others, even where these hardly differ
        room = np.where(nines, np.maximum(room, LEAST_GAP * np.abs(chosen)), room)
        is_far = (chosen > highest + room) | (chosen < lowest - room)
    # one small negative number may be a return of goods
    is_far |= (chosen <= -999) & (lowest >= 0)
    is_far &= ~nines | ~_are_prices(np.where(others, chosen, np.nan))[:, None]
    found[rows] = marks & is_far & (others.sum(axis=1, keepdims=True) >= FEWEST // 2)
    return found


def _find_repeated_marks(values: Array) -> NDArray[np.bool_]:
    """One of -1, -9 and -99 where it repeats, and all others of its series are counts, none of them near to -1; and a
    round negative number that repeats far below all others.

    Returns of goods, flows and temperatures have other negative numbers, zeros, or small positive ones, beside it.
    """
    found = np.zeros(values.shape, bool)
    lowest = np.fmin.reduce(values, axis=1)
    is_round = (lowest < 0) & (lowest % ROUND_MARK == 0)
    for row in np.flatnonzero(np.isin(lowest, (*REPEATED_MARKS,)) | is_round).tolist():
        mark, seen = float(lowest[row]), values[row][~np.isnan(values[row])]
        others = seen[seen != mark]
        if is_round[row]:
            is_often = len(seen) - len(others) >= FEWEST_ROUND and len(np.unique(others)) >= FEWEST
            if is_often and others.min() - mark >= 0.5 * (others.max() - others.min()):
                found[row] = values[row] == mark
            continue
        counts = others[others > 0]
        if len(counts) < FEWEST or len(seen) - len(others) < REPEATED_MARKS[mark]:
            continue
        if others.min() < 0 or (others % 1 != 0).any() or (mark != -1 and not (others % mark != 0).any()):
            continue
        if mark == -1 and others.min() < max(LEAST_COUNT, LEAST_SHARE * float(np.median(counts))):
            continue
        found[row] = values[row] == mark
    return found


def _are_prices(values: Array) -> NDArray[np.bool_]:
    """In which series most values end in 9, in cents or as whole numbers."""
    cents = np.round(100 * values)
    last = np.where(cents % 100 == 0, cents / 100, cents) % 10
    return np.asarray((last == 9).sum(axis=1) > MOST_PRICES * (~np.isnan(values)).sum(axis=1))


def _find_outliers(values: Array, *, count: NDArray[np.int64], periods: tuple[int, ...]) -> NDArray[np.bool_]:
    """Few values far from the median, with a gap to all others, which do not come back after a season."""
    found = np.zeros(values.shape, bool)
    enough = np.flatnonzero(count >= FEWEST_OF_A_RANGE)
    if not len(enough):
        return found
    chosen, number = values[enough], count[enough]
    ordered = np.sort(chosen, axis=1)  # NaN comes last
    row = np.arange(len(chosen))
    spread = ordered[row, 3 * (number - 1) // 4] - ordered[row, (number - 1) // 4]
    distance = np.nan_to_num(np.abs(chosen - find_median(chosen)[:, None]))
    is_far = (distance > FAR_OUT * spread[:, None]) & (spread > 0)[:, None]
    rows = np.flatnonzero(is_far.any(axis=1))
    is_far, distance = is_far[rows], distance[rows]
    nearest = np.where(is_far, distance, np.inf).min(axis=1)
    farthest_other = np.where(is_far, 0.0, distance).max(axis=1)
    few = np.maximum(1, MOST_OUTLIERS * number[rows])
    kept = (nearest >= SEPARATION * farthest_other) & (is_far.sum(axis=1) <= few)
    found[enough[rows]] = is_far & kept[:, None] & ~_recurs(is_far, period=max(periods))
    return found


def _recurs(flags: NDArray[np.bool_], *, period: int) -> NDArray[np.bool_]:
    """Which flags [series, time] have another one `period` steps before or after them, give or take one.

    None in series where most have not: those that have it do by chance.
    """
    again = np.zeros(flags.shape, bool)
    for lag in (period - 1, period, period + 1):
        if 1 < lag < flags.shape[1]:
            again[:, lag:] |= flags[:, :-lag]
            again[:, :-lag] |= flags[:, lag:]
    again &= flags
    return np.asarray(again & (2 * again.sum(axis=1) > flags.sum(axis=1))[:, None])


def _find_level_shifts(values: Array) -> NDArray[np.bool_]:
    """The first value of a new level that is many times higher or lower than all before; zeros do not count."""
    found = np.zeros(values.shape, bool)
    if values.shape[1] < 2 * LEVEL_VALUES:
        return found
    sizes = np.abs(values)
    seen = sizes > 0
    highest, lowest = np.where(seen, sizes, 0.0), np.where(seen, sizes, np.inf)
    # only series whose values differ so much
    rows = np.flatnonzero(highest.max(axis=1) >= LEVEL_RATIO * lowest.min(axis=1))
    highest, lowest = highest[rows], lowest[rows]
    rises = _accumulate_later(np.minimum, lowest) >= LEVEL_GAP * np.maximum.accumulate(highest, axis=1)[:, :-1]
    falls = np.minimum.accumulate(lowest, axis=1)[:, :-1] >= LEVEL_GAP * _accumulate_later(np.maximum, highest)
    is_shift = (rises | falls) & seen[rows, 1:]
    has_gap = is_shift.any(axis=1)
    rows, is_shift = rows[has_gap], is_shift[has_gap]
    before = seen[rows].cumsum(axis=1)[:, :-1]
    after = seen[rows].sum(axis=1, keepdims=True) - before
    sums = np.log(np.where(seen[rows], sizes[rows], 1.0)).cumsum(axis=1)
    means = (sums[:, -1:] - sums[:, :-1]) / np.maximum(after, 1) - sums[:, :-1] / np.maximum(before, 1)
    is_shift &= (before >= LEVEL_VALUES) & (after >= LEVEL_VALUES) & (np.abs(means) >= np.log(LEVEL_RATIO))
    found[rows[:, None], np.arange(1, values.shape[1])] = is_shift
    return found


def _accumulate_later(extreme: np.ufunc, values: Array) -> Array:
    """The `extreme` of all values after each step but the last: [series, time - 1]."""
    return np.asarray(extreme.accumulate(values[:, :0:-1], axis=1)[:, ::-1])


def _find_dead(values: Array, filled: Array, *, period: int) -> NDArray[np.bool_]:
    """Series that end in zeros for two seasons or more, and three times as long as any run without a sale before."""
    steps = np.arange(values.shape[1])
    moves = filled != 0
    newest = np.maximum.accumulate(np.where(moves, steps, -1), axis=1)
    last_move = newest[:, -1]
    last_seen = np.where(np.isnan(values), -1, steps).max(axis=1)
    runs = np.where(moves, 0, steps - newest)
    longest = np.where(steps <= last_move[:, None], runs, 0).max(axis=1)
    tail = last_seen - last_move
    return np.asarray((last_move >= 0) & (tail >= max(2 * period, FEWEST)) & (tail >= 3 * longest))
