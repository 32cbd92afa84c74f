"""What a series usually is at this time of the year: a distribution, to average with the quantiles of the network.

Weather, and what follows from it, as the flow of a river, forgets within weeks what it is like now. What comes later
is told by the same weeks of earlier years ("climatology", with which forecasts of weather are compared: Murphy 1992,
"Climatology, persistence, and their linear combination as standards of reference in skill scores"). The network sees
its past as differences from the newest level, and knows no such distribution. Sales, rides or loads do not go back to
that of earlier years: their level changes from year to year, and they follow weekdays. Measured in `benchmarks/`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average

__all__ = [
    "Climatology",
    "average_around",
    "find_climatology",
    "find_quantiles",
    "has_climate",
    "measure_weekdays",
    "share_by_phase",
]

LEADS = {365: (3, 7, 15, 30, 60), 52: (1, 2, 4, 8, 13)}
"""By the steps of a year, of days and of weeks: how far ahead it is measured how much a series has forgotten."""
HALF_WINDOW = {365: 21, 52: 3}
"""Steps before and after the same time of an earlier year that count, too."""
MOST_YEARS = 16
WEIGHT = 0.6
"""Where everything is forgotten."""
FEWEST_YEARS, ENOUGH_YEARS = 2, 5
"""Up to the first number of whole years the climatology has no weight, and from the second on the whole of it."""
STEADY, DRIFTING = 0.45, 0.6
"""Standard deviation of the means of years over that within them: up to where, and from where on none is left."""
ANY_DAY, WEEKLY = 0.05, 0.15
"""Share of the variance within weeks that weekdays explain: up to where, and from where on none is left."""


@dataclass(frozen=True)
class Climatology:
    """Quantiles of each step, and the weight of each in an average with those of the network.

    quantiles  [batch, horizon, level]  in the units of the past
    weight     [batch, horizon]         0 to 1, 0 where there is none
    """

    quantiles: Array
    weight: Array

    @classmethod
    def none(cls, batch: int, horizon: int, levels: int) -> "Climatology":
        """No climatology, for any past."""
        return cls(np.zeros((batch, horizon, levels)), np.zeros((batch, horizon)))

    def scale(self, level: Array, divisor: Array) -> "Climatology":
        """In `divisor` [batch] above the `level` [batch]; no weight where the divisor is 0."""
        one = np.where(divisor > 0, divisor, 1.0)[:, None, None]
        return Climatology((self.quantiles - level[:, None, None]) / one, self.weight * (divisor > 0)[:, None])

    def take(self, rows: NDArray[np.int64]) -> "Climatology":
        """Those of some windows, in the order of `rows`."""
        return Climatology(self.quantiles[rows], self.weight[rows])

    @classmethod
    def join(cls, parts: list["Climatology"]) -> "Climatology":
        """One batch from several."""
        return cls(np.concatenate([part.quantiles for part in parts]), np.concatenate([part.weight for part in parts]))


def has_climate(periods: tuple[int, ...]) -> bool:
    """Whether the longest season is a year, of days or of weeks."""
    return periods[-1] in LEADS


def find_climatology(past: Array, *, periods: tuple[int, ...], horizon: int, levels: tuple[float, ...]) -> Climatology:
    """The climatology of each `past` [batch, time], NaN where unobserved or before the series.

    What is forgotten is measured on the past: how much of the way from its state, the mean of the last week, to what is
    usual then a series has gone, so many steps later. Usual is the mean of all earlier years. (It is the slope of a
    regression through the origin.)
    """
    found = Climatology.none(len(past), horizon, len(levels))
    year, week = periods[-1], periods[0] if len(periods) > 1 else 1
    if not has_climate(periods) or past.shape[1] <= FEWEST_YEARS * year:
        return found
    past = past[:, -MOST_YEARS * year :]
    trust = _measure_trust(past, year=year, week=week)
    rows = np.flatnonzero(trust > 0)
    if not len(rows):
        return found
    forgotten = _measure_forgotten(past[rows], year=year, week=week)
    steps = np.arange(1, horizon + 1)
    shares = np.stack([np.interp(steps, LEADS[year], row) for row in forgotten])
    found.weight[rows] = WEIGHT * trust[rows, None] * np.clip(shares, 0.0, 1.0)
    rows = rows[found.weight[rows].any(axis=1)]
    if len(rows):
        found.quantiles[rows] = _find_quantiles(past[rows], year=year, horizon=horizon, levels=levels)
    # no value was seen at that time of any year
    is_unknown: NDArray[np.bool_] = np.asarray(np.isnan(found.quantiles).any(axis=2))
    return Climatology(np.where(is_unknown[:, :, None], 0.0, found.quantiles), np.where(is_unknown, 0.0, found.weight))


def _measure_trust(past: Array, *, year: int, week: int) -> Array:
    """How far each past [batch, time] may be expected to go back to earlier years, 0 to 1: [batch]."""
    before = np.full((len(past), -past.shape[1] % year), np.nan)
    folded = np.concatenate([before, past], axis=1).reshape(len(past), -1, year)
    is_whole = 2 * (~np.isnan(folded)).sum(axis=2) > year
    folded = np.where(is_whole[:, :, None], folded, np.nan)
    rest = folded - average(folded, axis=1)[:, None]
    means = average(rest, axis=2)
    within = average((rest - means[:, :, None]) ** 2, axis=2)
    count = is_whole.sum(axis=1)
    mean = _add_up(means) / np.maximum(count, 1)
    of_years, of_days = _add_up((means - mean[:, None]) ** 2), _add_up(within)
    drift = np.sqrt(of_years / np.where(of_days > 0, of_days, np.nan))
    shares = (
        (count - FEWEST_YEARS) / (ENOUGH_YEARS - FEWEST_YEARS),
        (DRIFTING - np.nan_to_num(drift, nan=np.inf)) / (DRIFTING - STEADY),
        (WEEKLY - measure_weekdays(past[:, -year:], week=week)) / (WEEKLY - ANY_DAY),
    )
    return np.asarray(np.prod([np.clip(share, 0.0, 1.0) for share in shares], axis=0))


def measure_weekdays(past: Array, *, week: int) -> Array:
    """The share of the variance of each `past` [batch, time] within weeks that weekdays explain, [batch]."""
    if week < 2:
        return np.zeros(len(past))
    rest = past - average_around(past, before=week // 2, after=week - 1 - week // 2)
    return share_by_phase(rest[:, rest.shape[1] % week :].reshape(len(past), -1, week))


def share_by_phase(folded: Array) -> Array:
    """The share of the variance of `folded` [batch, cycle, phase], around 0, that the means of phases explain: [batch].

    Less what these differ by chance.
    """
    means = average(folded, axis=1)
    count = np.maximum((~np.isnan(folded)).sum(axis=1), 1)
    noise = average((folded - means[:, None]) ** 2, axis=1)
    between, within = average(means**2 - noise / count, axis=1), average(noise, axis=1)
    is_known = np.nan_to_num(between) > 0
    return np.where(is_known, between / np.where(is_known, between + within, 1.0), 0.0)


def _measure_forgotten(past: Array, *, year: int, week: int) -> Array:
    """How much each past [batch, time] has forgotten after each of LEADS, [batch, lead]; 0 where that is unknown."""
    half = HALF_WINDOW[year]
    usual = _average_years(average_around(past, before=half, after=half), year=year)
    now = average_around(past, before=week - 1, after=0)
    later = average_around(past, before=week // 2, after=week // 2)
    found = np.zeros((len(past), len(LEADS[year])))
    for number, lead in enumerate(LEADS[year]):
        way, gone = usual[:, lead:] - now[:, :-lead], later[:, lead:] - now[:, :-lead]
        known = ~np.isnan(way + gone)
        size = _add_up(np.where(known, way**2, 0.0))
        is_measured = (2 * known.sum(axis=1) > year) & (size > 0)
        found[is_measured, number] = _add_up(np.where(known, way * gone, 0.0))[is_measured] / size[is_measured]
    return found


def _find_quantiles(past: Array, *, year: int, horizon: int, levels: tuple[float, ...]) -> Array:
    """Quantiles [batch, horizon, level] of the values around that time of earlier years; NaN where there is none."""
    batch, time = past.shape
    found = np.empty((batch, horizon, len(levels)))
    around = np.arange(-HALF_WINDOW[year], HALF_WINDOW[year] + 1)
    for step in range(horizon):
        of_years = np.arange(1, (time + step) // year + 2) * year
        places = (time + step - of_years[:, None] + around).ravel()
        found[:, step] = find_quantiles(past[:, places[(places >= 0) & (places < time)]], levels)
    return found


def find_quantiles(values: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles [batch, level] of the known values of [batch, value], NaN where there is none."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    last = np.maximum((~np.isnan(values)).sum(axis=1, keepdims=True) - 1, 0)
    place = np.asarray(levels) * last
    low = np.floor(place).astype(np.int64)
    below = np.take_along_axis(ordered, low, axis=1)
    above = np.take_along_axis(ordered, np.minimum(low + 1, last), axis=1)
    return np.asarray(below + (above - below) * (place - low))


def _add_up(values: Array) -> Array:
    """The sum of the known values of each row of [batch, value], one after the other.

    Unlike that of NumPy, it is not rounded in another way where other series of the data are longer.
    """
    return np.asarray(np.cumsum(np.nan_to_num(values), axis=1)[:, -1])


def average_around(values: Array, *, before: int, after: int) -> Array:
    """The mean of the known values from `before` to `after` each step of [batch, time], NaN where most are unknown."""
    width = before + after + 1
    padded = np.pad(np.stack([np.nan_to_num(values), ~np.isnan(values)]), ((0, 0), (0, 0), (before + 1, after)))
    sums = np.cumsum(padded, axis=2)
    total, count = sums[:, :, width:] - sums[:, :, :-width]
    return np.where(2 * count > width, total / np.maximum(count, 1), np.nan)


def _average_years(values: Array, *, year: int) -> Array:
    """The mean of [batch, time] at the same step of all earlier years, NaN where it is unknown in all of them."""
    total, count = np.zeros((2, *values.shape))
    for lag in range(year, values.shape[1], year):
        total[:, lag:] += np.nan_to_num(values[:, :-lag])
        count[:, lag:] += ~np.isnan(values[:, :-lag])
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
