"""Find pasts that repeat after another number of steps than the seasons of the calendar say.

A machine may repeat every 20 minutes, a shop every ten days, sunspots every eleven years, and numbered steps have no
calendar at all. The mean difference of values some steps apart has a dip where they repeat (the average magnitude
difference function of Ross et al. 1974, IEEE Transactions on Acoustics, Speech and Signal Processing 22; the mean of
all shorter lags as its unit is from YIN: de Cheveigné & Kawahara 2002, Journal of the Acoustical Society of America
111). Here differences are squared, so that all of them come from one Fourier transform. Measured in `benchmarks/`.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel
from forecaster.encoding.bounding import leave_out_wait
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.running_totals import take_increments
from forecaster.windows import Windows, iterate_windows

__all__ = ["find_last_seasons", "find_own_seasons", "find_window_seasons"]

NEWEST = 512
"""Steps that are looked at."""
FEWEST, CYCLES = 24, 3
"""Steps, and cycles of the season, that a past needs."""
SHORTEST = 3
LARGEST, LESS = 0.7, 1.4
"""Difference after a season, as a multiple of the mean of those after fewer steps: at most. Of few pairs of values
it is lower: FROM_PAIRS less LESS divided by the root of their number."""
FROM_PAIRS = 0.85
FEWEST_PAIRS = 8
OF_CALENDAR = 0.5
"""The same as a multiple of that after a season of the calendar, at the most."""
PART, MOST_PARTS = 0.1, 13
"""By what share of the calendar's main season parts of it may be longer or shorter, and how many parts may be one."""
LARGEST_OF_NEWEST = 0.7
"""As the first one, for the newest two cycles alone: a season that has ended says nothing of what comes."""
NEARLY, NEIGHBOURS = 0.75, 1.2
"""Two seasons are one as well: the first one is taken whose difference is so near to the lowest, and of its neighbours,
up to one step more than so many times as long, the one with the lowest."""
FURTHEST, PASSES = 2.0, 3
"""Values further from the mean than so many mean deviations are cut off there; so many times, as a wrong value changes
both."""
AT_ONCE = 64
"""Series looked at together."""
ROUNDED = 1e-4
"""Difference, in mean deviations, that is none."""


def find_own_seasons(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...]) -> NDArray[np.int64]:
    """The steps after which each `past` [batch, time] repeats, of which the last `lengths` [batch] are in the series.

    0 where it does not, or where the seasons of the calendar, `periods`, tell as much.
    """
    found = np.zeros(len(past), np.int64)
    rows = np.flatnonzero(lengths >= FEWEST)
    if not len(rows):
        return found
    reach = int(min(lengths[rows].max(), NEWEST, past.shape[1]))
    is_inside = np.arange(reach, 0, -1) <= lengths[rows, None]
    newest = np.where(is_inside, past[rows, -reach:], np.nan)
    spread, pairs = _measure_differences(newest)
    lags = np.arange(1, spread.shape[1] + 1)
    ratio = spread / (np.cumsum(spread, axis=1) / lags)
    # values that stay as they are tell little of when they change
    changes = (np.nan_to_num(np.diff(newest, axis=1)) != 0).sum(axis=1) / is_inside.sum(axis=1)
    telling = np.maximum(pairs * changes[:, None], FEWEST_PAIRS)
    largest = np.minimum(LARGEST, FROM_PAIRS - LESS / np.sqrt(telling))
    is_season = (ratio <= largest) & (pairs >= FEWEST_PAIRS) & (lags >= SHORTEST)
    is_season &= CYCLES * lags <= np.minimum(lengths[rows], reach)[:, None]
    for period in periods:
        if 1 < period <= len(lags):
            is_known = pairs[:, period - 1, None] >= FEWEST_PAIRS
            is_season &= ~is_known | (spread <= OF_CALENDAR * spread[:, period - 1, None])
    is_season &= ~_find_parts(lags, pairs, period=periods[0])
    some = np.flatnonzero(is_season.any(axis=1))
    chosen = _choose(np.where(is_season[some], ratio[some], np.inf))
    found[rows[some]] = np.where(_go_on(newest[some], chosen), chosen, 0)
    return found


def _go_on(past: Array, seasons: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the newest two cycles of each `past` [batch, time] still repeat after its season: [batch]."""
    goes_on = np.zeros(len(past), bool)
    for season in np.unique(seasons):
        rows = np.flatnonzero(seasons == season)
        spread, _ = _measure_differences(past[rows, -max(2 * season, season + FEWEST_PAIRS) :])
        goes_on[rows] = spread[:, season - 1] <= LARGEST_OF_NEWEST * spread[:, :season].mean(axis=1)
    return goes_on


def find_window_seasons(windows: Windows, *, encoding: Encoding) -> NDArray[np.int64]:
    """The own season by which each of `windows` is encoded, [window]; 0 for that of the calendar.

    With covariates there is none: what repeats may be what a covariate does, and does no longer.
    """
    if not encoding.has_own_seasons or windows.covariates is not None:
        return np.zeros(len(windows.past), np.int64)
    return find_own_seasons(windows.past, windows.lengths, periods=encoding.periods)


def find_last_seasons(panel: Panel, *, encoding: Encoding) -> NDArray[np.int64]:
    """The own season by which each series of `panel` is forecast from its end, [series]; 0 for that of the calendar."""
    ends, found = end_of_history(panel), np.zeros(len(panel), np.int64)
    length = encoding.reach_into(int(panel.lengths.max(initial=0)))
    for chosen, windows in iterate_windows(panel, index=ends, past_length=length, batch_size=AT_ONCE):
        increments, _ = take_increments(windows, encoding=encoding)
        seen = leave_out_wait(increments, period=encoding.periods[0])
        found[ends.series[chosen]] = find_window_seasons(seen, encoding=encoding)
    return found


def _measure_differences(past: Array) -> tuple[Array, Array]:
    """The standard deviation of differences at each lag from 1 on, in mean deviations, and of how many pairs it is.

    Both are [batch, lag]; the drift of a `past` [batch, time] is no difference.
    """
    seen = ~np.isnan(past)
    count = np.maximum(seen.sum(axis=1, keepdims=True), 1)
    values = np.where(seen, past, 0.0)
    for _ in range(PASSES):
        values = (values - values.sum(axis=1, keepdims=True) / count) * seen
        deviation = np.abs(values).sum(axis=1, keepdims=True) / count
        limit = FURTHEST * np.where(deviation > 0, deviation, 1.0)
        values = np.clip(values, -limit, limit)
    values = values * (FURTHEST / limit)
    time = past.shape[1]
    size = 2 ** int(np.ceil(np.log2(2 * time)))
    known, one, square = (np.fft.rfft(part, size, axis=1) for part in (seen * 1.0, values, values**2))
    later = one * known.conj()
    pairs, sums, squares = (
        np.fft.irfft(spectrum, size, axis=1)[:, 1:time]
        for spectrum in (
            np.abs(known) ** 2,
            2j * later.imag,
            2 * (square * known.conj()).real - 2 * np.abs(one) ** 2,
        )
    )
    pairs = np.maximum(pairs.round(), 1.0)
    variance = np.maximum(squares / pairs - (sums / pairs) ** 2, 0.0)
    return np.sqrt(variance + ROUNDED**2), pairs


def _find_parts(lags: NDArray[np.int64], pairs: Array, *, period: int) -> NDArray[np.bool_]:
    """Flags `lags` of which the main season of the calendar, a `period`, has a whole number: [batch, lag].

    They are rounded, as months of 4.33 weeks; and may be a little longer or shorter where the past is too short to be
    compared with the season.
    """
    if period == 1:
        return np.zeros(pairs.shape, bool)
    parts = np.round(period / np.minimum(lags, period))
    is_known = pairs[:, period - 1 : period] >= FEWEST_PAIRS
    is_few = parts <= MOST_PARTS
    is_whole = is_few & np.where(parts > 1, np.abs(lags - period / parts) < 0.5, lags == period)
    is_near = is_few & (np.abs(period - lags * parts) <= PART * period)
    return np.where(is_known if is_known.shape[1] else False, is_whole, is_near)


def _choose(ratio: Array) -> NDArray[np.int64]:
    """The season of each row of `ratio` [row, lag] from the lag 1 on, infinite for lags that are none: [row]."""
    is_near = ratio <= ratio.min(axis=1, keepdims=True) / NEARLY
    first = np.argmax(is_near, axis=1)[:, None]
    is_neighbour = is_near & (np.arange(ratio.shape[1]) <= NEIGHBOURS * (first + 1))
    return np.asarray(np.argmin(np.where(is_neighbour, ratio, np.inf), axis=1) + 1)
