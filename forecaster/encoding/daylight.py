"""What a day with a night usually is: a distribution for each time of day, to average with the network's quantiles.

The power of the sun is zero at night, and by day what the clouds of that day leave of it, whatever the weekday: hardly
anything of today tells what tomorrow will be, and its distribution is that of the last weeks. The network's intervals
are of another form. What shops or streets do at the same hours depends on weekdays, and is told better by the network.
Measured in `benchmarks/`.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.encoding.climatology import (
    WEIGHT,
    Climatology,
    find_climatology,
    find_quantiles,
    has_climate,
    share_by_phase,
)
from forecaster.encoding.seasonality import count_week

__all__ = ["find_daylight", "find_usual", "has_times_of_day", "has_usual"]

DAYS, FEWEST_DAYS = 28, 14
"""Newest days that the distribution is of, and how many are needed."""
WEEKS = 8
"""Newest weeks by which weekdays are judged."""
DARK, NIGHT = 0.9, 1 / 6
"""Share of days on which a time of day has to be zero to be at night, and share of times at night."""
ANY_DAY, WEEKLY = 0.15, 0.35
"""Share of the variance of whole days that weekdays explain: up to where, and from where on no weight is left."""
SOON = 4
"""Up to this part of a day after the cutoff the weight grows: what the clouds are like now lasts for some hours."""
USUAL_SHIFT, NEW_LEVEL = 3.0, 5.0
"""How far the mean of the newest week is from that of the days before, in standard errors: the same."""


def has_times_of_day(periods: tuple[int, ...]) -> bool:
    """Whether the main season is a day, and the other one a week."""
    return count_week(periods) == 7 and periods[0] > 7


def has_usual(periods: tuple[int, ...]) -> bool:
    """Whether a past with these periods may have a usual year or day."""
    return has_climate(periods) or has_times_of_day(periods)


def find_usual(past: Array, *, periods: tuple[int, ...], horizon: int, levels: tuple[float, ...]) -> Climatology:
    """What usual years are, or else usual days, see `find_climatology` and `find_daylight`."""
    find = find_climatology if has_climate(periods) else find_daylight
    return find(past, periods=periods, horizon=horizon, levels=levels)


def find_daylight(past: Array, *, periods: tuple[int, ...], horizon: int, levels: tuple[float, ...]) -> Climatology:
    """What usual days are, for each `past` [batch, time], NaN where unobserved or before the series."""
    found = Climatology.none(len(past), horizon, len(levels))
    day = periods[0]
    if not has_times_of_day(periods) or past.shape[1] < FEWEST_DAYS * day:
        return found
    newest = past[:, -7 * WEEKS * day :]
    before = np.full((len(newest), -newest.shape[1] % (7 * WEEKS * day)), np.nan)
    days = np.concatenate([before, newest], axis=1).reshape(len(past), -1, day)
    trust = _measure_trust(days)
    rows = np.flatnonzero(trust > 0)
    if len(rows):
        ahead = np.minimum(np.arange(1, horizon + 1) * SOON / day, 1.0)
        found.weight[rows] = WEIGHT * trust[rows, None] * ahead
        # each time of day, again and again
        usual = find_quantiles(days[rows, -DAYS:].transpose(0, 2, 1).reshape(-1, DAYS), levels)
        usual = usual.reshape(len(rows), day, -1)[:, np.arange(horizon) % day]
        is_unknown: NDArray[np.bool_] = np.asarray(np.isnan(usual).any(axis=2))
        found.weight[rows] *= ~is_unknown
        found.quantiles[rows] = np.where(is_unknown[:, :, None], 0.0, usual)
    return found


def _measure_trust(days: Array) -> Array:
    """How far the next of `days` [batch, day, step] may be expected to be like these, 0 to 1: [batch]."""
    known = ~np.isnan(days)
    is_whole = 2 * known.sum(axis=2) > days.shape[2]
    recent = days[:, -DAYS:]
    is_zero = average(np.where(np.isnan(recent), np.nan, recent == 0), axis=1)
    with np.errstate(invalid="ignore"):
        nights = (is_zero >= DARK).mean(axis=1)
        is_negative = (recent < 0).any(axis=(1, 2))
    has_night = (nights >= NIGHT) & ~is_negative & (is_whole[:, -DAYS:].sum(axis=1) >= FEWEST_DAYS)
    means = np.where(is_whole, average(days, axis=2), np.nan)
    shares = (
        (WEEKLY - _measure_weekdays(means)) / (WEEKLY - ANY_DAY),
        (NEW_LEVEL - _measure_shift(means[:, -DAYS:])) / (NEW_LEVEL - USUAL_SHIFT),
    )
    return np.asarray(has_night * np.prod([np.clip(share, 0.0, 1.0) for share in shares], axis=0))


def _measure_weekdays(means: Array) -> Array:
    """The share of the variance of the `means` of days [batch, day] that weekdays explain, [batch]."""
    folded = means.reshape(len(means), -1, 7)
    centre = average(average(folded, axis=1), axis=1)
    return share_by_phase(folded - centre[:, None, None])


def _measure_shift(means: Array) -> Array:
    """How far the newest seven `means` of days [batch, day] are from the others, in standard errors of such a mean."""
    new, old = means[:, -7:], means[:, :-7]
    centre = average(old, axis=1)
    deviation = np.sqrt(average((old - centre[:, None]) ** 2, axis=1) / 7)
    shift = np.abs(average(new, axis=1) - centre)
    return np.where(deviation > 0, np.nan_to_num(shift / np.where(deviation > 0, deviation, 1.0), nan=np.inf), np.inf)
