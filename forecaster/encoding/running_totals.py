"""Take the increments of running totals: meter readings, counters, and whatever else is added up and never falls.

The season of a total is that of what is added to it, and next to a total, even a day of it, hardly anything of that is
seen: the network, which reads how far values are from a level, follows the slope and nothing else. So it is the
increments that are forecast, and then added up, see `forecaster.forecasting.adding_up`. What grows by itself, such as
a population or a price level, never falls either, but each increment depends on how much there is: of months and
quarters, a past is a total only if it began with nothing, or if its increments have a season, and of years only if the
user says so. Measured in `benchmarks/`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fill_forward, fold
from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.panel import Panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.roots import measure_growth
from forecaster.windows import Windows, iterate_windows

__all__ = ["RunningTotals", "find_last_totals", "take_increments"]

NEWEST = 48
"""Steps that are looked at first, as they tell most pasts apart, or a cycle of the main season where that is longer."""
RISES = 0.25
"""Share of these steps, and of all, at which a total rises at the least: prices that are raised at times are none."""
FEWEST, FEWEST_LONG, FEWEST_RISES = 24, 12, 6
"""Increments that have to be known, or a cycle where that is longer; of long steps; and those above zero."""
KNOWN = 0.7
"""Share of the steps whose increments have to be known."""
MOST_FALLS, MOST_LATELY = 0.01, 3
"""Share of the steps, but for one, at which a total may fall, and how often in the newest: counts are corrected."""
BEGUN = 0.5
"""What a total falls to, as a share of it, where it begins anew: with another meter, or each year, month or day."""
CYCLES_OF_DAYS = (1, 7, 30.44, 91.3, 365.25)
CYCLES: dict[int, tuple[float, ...]] = {
    4: (4,),
    5: (5, 21, 63, 252),
    6: (6, 26, 78, 312),
    7: CYCLES_OF_DAYS,
    12: (3, 12),
    52: (13, 52.2),
}
"""Steps after which totals begin anew, by the main season: of quarters, days of business, days, months and weeks. Other
main seasons are days."""
UNLIKE, SOON = 0.15, 38
"""Share of such a cycle by which what is known may be off, as months are, and steps before its end when it is due."""
SLOWING = -0.5
"""Rank correlation of increments with time down to which they are a flow: those of what grows up die away."""
TRENDING = 0.8
"""That of a covariate, up or down, above which it explains totals, and not what is added to them."""
STEADY = 1e-6
"""Mean deviation of increments, as a share of their mean, up to which they are the same."""
LONG_STEPS = (4, 12)
"""Main seasons of steps of a month and more."""
NOTHING = 2.0
"""Mean increments of the first cycle that the first value may have, where a total began with nothing."""
SEASONAL = 0.25
"""Share of the season in what increments vary by within cycles, from which on they are those of a total."""
FEWEST_CYCLES = 3
AT_ONCE = 64
"""Series looked at together."""


@dataclass(frozen=True)
class RunningTotals:
    """Which windows are running totals.

    is_total [batch]
    start    [batch]        what each is at the cutoff
    past     [total, time]  the increments of those that are, NaN where they are not known
    lengths  [total]        steps of these that lie within the series
    """

    is_total: NDArray[np.bool_]
    start: Array
    past: Array
    lengths: NDArray[np.int64]

    @classmethod
    def none(cls, batch: int) -> "RunningTotals":
        """No window is one."""
        return cls(np.zeros(batch, bool), np.zeros(batch), np.zeros((0, 0)), np.zeros(0, np.int64))

    def take_increments(self, totals: Array) -> Array:
        """The increments of `totals` [batch, horizon] after the cutoffs; what is no running total stays as it is."""
        if not self.is_total.any():
            return totals
        before = np.concatenate([self.start[:, None], totals[:, :-1]], axis=1)
        return np.where(self.is_total[:, None], totals - before, totals)


def take_increments(windows: Windows, *, encoding: Encoding) -> tuple[Windows, RunningTotals]:
    """`windows` with increments in place of running totals, and which these are.

    An increment is not known beside a gap, and where a total falls. Of steps since the last known total, the mean of
    the newest cycle is added to it.
    """
    past, period, totals = windows.past, encoding.periods[0], RunningTotals.none(len(windows.past))
    # of years, and of steps whose length is not known, growth and totals cannot be told apart
    if encoding.running_totals is False or (encoding.running_totals is None and period == 1):
        return windows, totals
    is_said = encoding.running_totals is True
    rows = np.flatnonzero(is_said | _may_be_total(past[:, -max(NEWEST, period) :]))
    if not len(rows):
        return windows, totals
    increments = np.diff(_spread_seldom(past[rows], windows.lengths[rows]), axis=1, prepend=np.nan)
    # what falls from one side of a gap to the other falls, too
    known = fill_forward(past[rows])[0]
    falls = np.diff(known, axis=1, prepend=known[:, :1]) < 0
    increments[increments < 0] = np.nan
    is_total = (falls.sum(axis=1) <= 1 + MOST_FALLS * windows.lengths[rows]) & _vary(increments)
    if not is_said:
        is_total &= _are_enough(increments, windows.lengths[rows], period=period)
        is_total &= measure_growth(increments) > SLOWING
        is_total &= _go_on(known, windows.lengths[rows], period=period) & ~_have_trend(windows, rows)
        if period in LONG_STEPS:
            is_total &= _begin_with_nothing(past[rows], increments, period=period) | _repeat(increments, period=period)
    rows, increments = rows[is_total], increments[is_total]
    if not len(rows):
        return windows, totals
    totals.is_total[rows] = True
    totals.start[rows] = _find_start(past[rows], increments, period=period)
    totals = replace(totals, past=increments, lengths=windows.lengths[rows] - 1)
    past, lengths = past.copy(), windows.lengths.copy()
    past[rows] = increments
    lengths[rows] = totals.lengths
    return replace(windows, past=past, lengths=lengths), totals


def find_last_totals(panel: Panel, *, encoding: Encoding, index: WindowIndex | None = None) -> NDArray[np.bool_]:
    """Which series of `panel` are running totals at their ends, [series]; or those of `index` at its cutoffs."""
    index, found = end_of_history(panel) if index is None else index, np.zeros(len(panel), bool)
    if encoding.running_totals is False:
        return found
    length = encoding.reach_into(int(panel.lengths.max(initial=0)))
    for chosen, windows in iterate_windows(panel, index=index, past_length=length, batch_size=AT_ONCE):
        found[index.series[chosen]] = take_increments(windows, encoding=encoding)[1].is_total
    return found


def _spread_seldom(past: Array, lengths: NDArray[np.int64]) -> Array:
    """Each `past` [batch, time], on a line between its known values where only few are: readings on irregular days.

    Where there are enough, what is not known stays unknown.
    """
    is_known, steps = ~np.isnan(past), np.arange(past.shape[1])
    known = (is_known[:, 1:] & is_known[:, :-1]).sum(axis=1)
    rows = np.flatnonzero((known < KNOWN * (lengths - 1)) & (is_known.sum(axis=1) >= FEWEST))
    if not len(rows):
        return past
    some, seen = past[rows], is_known[rows]
    before = np.maximum.accumulate(np.where(seen, steps, 0), axis=1)
    after = np.minimum.accumulate(np.where(seen, steps, past.shape[1] - 1)[:, ::-1], axis=1)[:, ::-1]
    first, last = (np.take_along_axis(some, places, axis=1) for places in (before, after))
    share = (steps - before) / np.maximum(after - before, 1)
    spread = past.copy()
    spread[rows] = first + share * (last - first)
    return spread


def _may_be_total(newest: Array) -> NDArray[np.bool_]:
    """Whether the `newest` steps [batch, time] rise often enough, as far as is known, and hardly ever fall."""
    changes = np.diff(newest, axis=1)
    rises = (changes > 0).sum(axis=1)
    return np.asarray(((changes < 0).sum(axis=1) <= MOST_LATELY) & (rises >= RISES * (~np.isnan(changes)).sum(axis=1)))


def _vary(increments: Array) -> NDArray[np.bool_]:
    """Whether the `increments` [batch, time] are not all the same, but for how they are rounded."""
    mean = average(increments, axis=1)
    return np.asarray(average(np.abs(increments - mean[:, None]), axis=1) > STEADY * mean)


def _are_enough(increments: Array, lengths: NDArray[np.int64], *, period: int) -> NDArray[np.bool_]:
    """Whether enough `increments` [batch, time] are known, and above zero, of series that have `lengths` [batch]."""
    count = (~np.isnan(increments)).sum(axis=1)
    fewest = FEWEST_LONG if period in LONG_STEPS else max(FEWEST, period)
    is_known = count >= np.maximum(fewest, KNOWN * (lengths - 1))
    return np.asarray(is_known & ((increments > 0).sum(axis=1) >= np.maximum(FEWEST_RISES, RISES * count)))


def _go_on(past: Array, lengths: NDArray[np.int64], *, period: int) -> NDArray[np.bool_]:
    """Whether each `past` [batch, time] without gaps goes on for now, and is not due to begin anew: [batch].

    It may begin anew with each day, week, month, quarter or year, where all that is known of its falls fits that; else
    another meter was put in its place.
    """
    time = past.shape[1]
    falls = past[:, 1:] < np.minimum(BEGUN * past[:, :-1], past[:, :-1])
    rows = np.flatnonzero(falls.any(axis=1))
    goes_on = np.ones(len(past), bool)
    if not len(rows):
        return goes_on
    begun = np.sort(np.where(falls[rows], np.arange(1, time), 0), axis=1)
    since, first = time - begun[:, -1], np.where(begun > 0, begun, time).min(axis=1) - (time - lengths[rows])
    between, is_whole = np.diff(begun, axis=1), begun[:, :-1] > 0
    for cycle in CYCLES.get(period, tuple(days * period for days in CYCLES_OF_DAYS)):
        fits = np.maximum(since, first) <= (1 + UNLIKE) * cycle
        fits &= (~is_whole | (np.abs(between - cycle) <= UNLIKE * cycle)).all(axis=1)
        goes_on[rows] &= ~fits | (since + SOON < cycle)
    return goes_on


def _have_trend(windows: Windows, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether any covariate of the windows `rows` rises or falls throughout: [row]."""
    if windows.covariates is None:
        return np.zeros(len(rows), bool)
    values = windows.covariates.values[rows, : windows.past.shape[1]].transpose(0, 2, 1)
    growth = measure_growth(values.reshape(-1, values.shape[2])).reshape(values.shape[:2])
    return np.asarray((np.abs(growth) > TRENDING).any(axis=1))


def _begin_with_nothing(past: Array, increments: Array, *, period: int) -> NDArray[np.bool_]:
    """Whether the first value of each `past` [batch, time] is no more than what is added in a step or two."""
    first = np.argmax(~np.isnan(past), axis=1)
    after = np.arange(past.shape[1]) - first[:, None]
    early = average(np.where(after <= max(period, FEWEST_CYCLES), increments, np.nan), axis=1)
    value = past[np.arange(len(past)), first]
    return np.asarray((value >= 0) & (value <= NOTHING * early))


def _repeat(increments: Array, *, period: int) -> NDArray[np.bool_]:
    """Whether the season explains enough of what `increments` [batch, time] vary by within cycles."""
    folded = fold(increments, period=period)
    whole = np.asarray((~np.isnan(folded)).all(axis=2))
    count = whole.sum(axis=1)
    within = np.where(whole[:, :, None], folded - folded.mean(axis=2, keepdims=True), 0.0)
    total = (within**2).sum(axis=(1, 2))
    explained = (within.sum(axis=1) ** 2).sum(axis=1) / np.maximum(count, 1)
    # chance explains as much as this
    share = (explained - (total - explained) / np.maximum(count - 1, 1)) / np.where(total > 0, total, 1.0)
    return np.asarray((count >= FEWEST_CYCLES) & (share >= SEASONAL))


def _find_start(past: Array, increments: Array, *, period: int) -> Array:
    """What each total of `past` [batch, time] is at the cutoff, [batch]."""
    time = past.shape[1]
    last = time - 1 - np.argmax(~np.isnan(past[:, ::-1]), axis=1)
    newest = increments[:, -max(period, FEWEST_CYCLES) :]
    usual = np.where(np.isnan(newest).all(axis=1), average(increments, axis=1), average(newest, axis=1))
    return np.asarray(past[np.arange(len(past)), last] + (time - 1 - last) * usual)
