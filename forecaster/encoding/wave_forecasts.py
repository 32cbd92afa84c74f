"""Forecast pasts that are sums of waves: a second forecast, where it has been far better than simple ones.

Tides, orbits, rotating machines and cycles of nature repeat after times that are no whole number of steps, and two of
them together may never repeat. A season has a whole number of steps, and is always a little too long or too short for
them. On other pasts forecasts by waves are bad. So their errors at earlier cutoffs of the same past tell how much they
count, in relation to those of other forecasts. Measured in `benchmarks/`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fill_forward
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.waves import ROUNDS, fit_waves, may_have_waves, take_off_line

__all__ = ["WAVES", "forecast_waves"]

WAVES = "waves"
NEWEST, FEWEST = 2048, 48
"""Steps that are looked at, and how many a past needs."""
MOST_GAPS = 0.2
"""Share of these that may be unobserved."""
LENGTHS = 3
"""Binary digits of the lengths, behind the first, by which it is told whether there may be any."""
MOST_WAVES, MOST_OF_OWN, STEPS_FOR_EACH = 8, 5, 24
"""At most so many waves, fewer where a season of the past's own tells most, and one for so many steps."""
CUTOFFS = (0.625, 0.75, 0.875)
"""Where forecasts are checked, as shares of the past."""
STEPS_FOR_EACH_COARSE, FEWEST_COARSE, COARSE = 60, 2, 0.6
"""Waves whose frequencies were improved only once: one for so many steps, how many at the least, and their errors as a
multiple of those of other forecasts, from which on there are none."""
FEWER = 0.9
"""Errors as a multiple of those with fewer waves, at most, for which another one is taken."""
SURE, UNSURE, TOO_BAD = 0.3, 0.5, 0.9
"""Errors as a share of those of the best simple forecast: up to where the whole weight, from where on none, and from
where on none at a single cutoff."""
SURE_OF_OWN, UNSURE_OF_OWN, TOO_BAD_OF_OWN = 0.4, 0.6, 1.1
"""The same where the past is known to repeat after other steps than the calendar says."""
BETTER, AS_GOOD, WORSE, MUCH_WORSE, SHARED = 0.8, 1.3, 1.5, 3.0, 0.5
"""Errors as a multiple of those of the regressions on own cycles, which are those of one cycle ahead: up to where the
whole weight, from where to where a share of it, and from where on none. Averages of both are better than each."""
NEWEST_STEPS, NEWEST_PART = 8, 20
"""How many steps are the newest: so many at the least, or one of so many."""
AS_BEFORE, ANOTHER, FINE = 1.5, 2.2, 0.02
"""What waves leave of these as a multiple of what they leave of all, or of a share of what varies: up to where the
whole weight, and from where on none."""
SMALLEST = 1e-3
"""Errors as a share of what varies: what is less counts as this."""
WIDER = 1.1
"""Errors ahead as a multiple of those at the cutoffs."""


def forecast_waves(
    past: Array,
    lengths: NDArray[np.int64],
    *,
    periods: tuple[int, ...],
    horizon: int,
    others: Array,
    is_own: bool = False,
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `others` [batch] are the errors of the regressions on own cycles, one cycle ahead; infinite where there is none.
    `is_own` says that the past repeats after `periods` that are none of the calendar.
    """
    found = SecondForecast.none(len(past), horizon, kind=WAVES)
    used = np.minimum(lengths, min(NEWEST, past.shape[1]))
    may_have = _find_candidates(past, used, period=1 if is_own else periods[0])
    for length in np.unique(used[may_have]):
        rows = np.flatnonzero(may_have & (used == length))
        # far from 0 the fit would be rounded
        level = average(past[rows, -length:], axis=1)[:, None]
        values = past[rows, -length:] - level
        kept, checked = _check(values, periods=periods, is_own=is_own)
        rows, values, level = rows[kept], values[kept], level[kept]
        if not len(rows):
            continue
        ahead, trust = _go_on(values, checked, horizon=horizon)
        found.forecast[rows] = ahead + level
        ratio = _divide(checked.error, others[rows])
        beside = SHARED * _fall(ratio, WORSE, MUCH_WORSE) + (1 - SHARED) * _fall(ratio, BETTER, AS_GOOD)
        found.weight[rows] = trust * checked.trust * beside
        measured = length - int(CUTOFFS[0] * length)
        # further ahead than they were measured errors grow
        beyond = np.maximum((np.arange(horizon) + 1) / measured, 1.0)
        found.error[rows] = WIDER * checked.error[:, None] * beyond
        found.is_free[rows] = True
    return found


def _find_candidates(past: Array, used: NDArray[np.int64], *, period: int) -> NDArray[np.bool_]:
    """Which of `past` [batch, time] may have waves in the `used` [batch] newest steps: [batch].

    That is told by a few of these less, so that there are eight lengths from each one to twice as many, and not all.
    """
    found = np.zeros(len(past), bool)
    finest = 2 ** np.maximum(np.log2(np.maximum(used, 1)).astype(np.int64) - LENGTHS, 0)
    seen = used // finest * finest
    for length in np.unique(seen[used >= FEWEST]):
        rows = np.flatnonzero((used >= FEWEST) & (seen == length))
        values = past[rows, -length:]
        level = np.nan_to_num(average(values, axis=1))[:, None]
        is_enough = np.isnan(values).mean(axis=1) <= MOST_GAPS
        found[rows] = is_enough & may_have_waves(values - level, period=period)
    return found


@dataclass(frozen=True)
class _Errors:
    """Mean absolute errors at one cutoff, of all that follows.

    ahead  [count, batch]  with no wave, one, two and so on; infinite where it is not known
    simple [batch]         of the best simple forecast
    """

    ahead: Array
    simple: Array

    @classmethod
    def at(cls, cutoff: int, values: Array, *, seasons: tuple[int, ...], most: int, rounds: int = ROUNDS) -> "_Errors":
        """Those of pasts `values` [batch, time], up to the `cutoff`; `most` and `rounds` are those of `fit_waves`."""
        y_true = values[:, cutoff:]
        steps = y_true.shape[1]
        ahead = np.zeros((most + 1, len(values)))
        for count, fitted in enumerate(fit_waves(values[:, :cutoff], most=most, rounds=rounds)):
            error = average(np.abs(y_true[fitted.rows] - fitted.go_on(steps)), axis=1)
            # where another wave leaves no less, more are the same
            ahead[count:, fitted.rows] = np.where(np.isnan(error), np.inf, error)
        simple = _forecast_simply(values[:, :cutoff], seasons=seasons, steps=steps)
        best = np.min([average(np.abs(y_true - one), axis=1) for one in simple], axis=0)
        return cls(ahead, np.nan_to_num(best))

    def take(self, chosen: NDArray[np.bool_]) -> "_Errors":
        """Those of some pasts."""
        return _Errors(self.ahead[:, chosen], self.simple[chosen])


@dataclass(frozen=True)
class _Checked:
    """What the errors at all cutoffs tell of pasts whose mean distance from a line is `size` [batch]."""

    errors: list[_Errors]
    size: Array
    is_own: bool

    @cached_property
    def count(self) -> NDArray[np.int64]:
        """How many waves are taken: [batch]."""
        error = np.mean([one.ahead for one in self.errors], axis=0)
        chosen, lowest = np.zeros(len(self.size), np.int64), error[0]
        for count in range(1, len(error)):
            is_better = error[count] < FEWER * lowest
            chosen, lowest = np.where(is_better, count, chosen), np.where(is_better, error[count], lowest)
        return chosen

    @property
    def error(self) -> Array:
        """By how much these are usually wrong: [batch]."""
        error = np.mean([one.ahead for one in self.errors], axis=0)
        return np.asarray(np.maximum(error[self.count, np.arange(len(self.size))], SMALLEST * self.size))

    @property
    def trust(self) -> Array:
        """How much they count, from 0 to 1: [batch]."""
        sure, unsure = (SURE_OF_OWN, UNSURE_OF_OWN) if self.is_own else (SURE, UNSURE)
        simple = np.mean([one.simple for one in self.errors], axis=0)
        return np.where(self.count > 0, _fall(_divide(self.error, simple), sure, unsure), 0.0)


def _check(values: Array, *, periods: tuple[int, ...], is_own: bool) -> tuple[NDArray[np.int64], _Checked]:
    """Errors of `values` [batch, time] at all cutoffs, and of which rows: those too bad at one are left out."""
    time = values.shape[1]
    seasons = tuple(period for period in periods if 1 < period <= CUTOFFS[0] * time / 2)
    most = min(MOST_OF_OWN if is_own else MOST_WAVES, time // STEPS_FOR_EACH)
    # what repeats by itself is hardly a walk, and a season so good that nearly known frequencies are no match
    rows = np.arange(len(values)) if is_own else np.flatnonzero(_look_better(values, seasons=seasons))
    found: list[_Errors] = []
    for share in CUTOFFS:
        errors = _Errors.at(int(share * time), values[rows], seasons=seasons, most=most)
        may_count = errors.ahead[1:].min(axis=0) <= (TOO_BAD_OF_OWN if is_own else TOO_BAD) * errors.simple
        found = [one.take(may_count) for one in (*found, errors)]
        rows = rows[may_count]
    size = average(np.abs(take_off_line(values[rows])), axis=1)
    return rows, _Checked(found, size, is_own)


def _look_better(values: Array, *, seasons: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether waves whose frequencies are only nearly known are better than other forecasts: [batch].

    Of walks and seasons they hardly are, and to find the frequencies takes much longer.
    """
    most, found = min(max(values.shape[1] // STEPS_FOR_EACH_COARSE, FEWEST_COARSE), MOST_WAVES), []
    for share in CUTOFFS[1:]:
        cutoff = int(share * values.shape[1])
        found.append(_Errors.at(cutoff, values, seasons=seasons, most=most, rounds=1))
    line, *waves = np.sum([one.ahead for one in found], axis=0)
    simple = np.sum([one.simple for one in found], axis=0)
    lowest = np.min(waves, axis=0)
    return np.asarray((lowest <= COARSE * line) & (lowest <= COARSE * simple))


def _go_on(values: Array, checked: _Checked, *, horizon: int) -> tuple[Array, Array]:
    """What follows pasts `values` [batch, time], and from 1 to 0 the worse waves fit their newest steps: [batch]."""
    ahead, remainder = np.zeros((len(values), horizon)), np.zeros(values.shape)
    for count, fitted in enumerate(fit_waves(values, most=int(checked.count.max()))):
        # there may be fewer
        some = fitted.take(checked.count[fitted.rows] >= count)
        ahead[some.rows], remainder[some.rows] = some.go_on(horizon), some.remainder
    lowest, highest = (find(values, axis=1)[:, None] for find in (np.nanmin, np.nanmax))
    # it stays near what the past has seen
    room = highest - lowest
    distance = np.abs(remainder)
    newest = distance[:, -max(NEWEST_STEPS, values.shape[1] // NEWEST_PART) :].mean(axis=1)
    usual = np.maximum(distance.mean(axis=1), FINE * checked.size)
    return np.clip(ahead, lowest - room, highest + room), _fall(_divide(newest, usual), AS_BEFORE, ANOTHER)


def _forecast_simply(values: Array, *, seasons: tuple[int, ...], steps: int) -> list[Array]:
    """The last value, the line to it, the last one and the mean of the last two of each season: [batch, step]."""
    filled, _ = fill_forward(values)
    time, ahead = filled.shape[1], np.arange(1, steps + 1)
    last = filled[:, -1:]
    found = [last + 0.0 * ahead, last + (last - filled[:, :1]) / (time - 1) * ahead]
    for season in seasons:
        before = time - season + (ahead - 1) % season
        found += [filled[:, before], (filled[:, before] + filled[:, before - season]) / 2]
    return found


def _divide(error: Array, other: Array) -> Array:
    """`error` as a share of an `other`, infinite where that is 0."""
    return np.where(other > 0, error / np.where(other > 0, other, 1.0), np.inf)


def _fall(share: Array, begin: float, end: float) -> Array:
    """From 1 at `begin` to 0 at `end`."""
    return np.clip((end - share) / (end - begin), 0.0, 1.0)
