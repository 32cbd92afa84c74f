"""Sums of waves around a straight line, whose frequencies are found in the past.

Each frequency is the highest peak of the periodogram of what the others leave, and then all of them are improved
together by least squares (Gauss-Newton, as Rife & Boorstyn 1976, "Multiple tone parameter estimation from
discrete-time observations", Bell System Technical Journal 55).
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, fill_forward, fold

__all__ = ["ROUNDS", "Waves", "fit_waves", "may_have_waves", "take_off_line"]

LESS, EXACT = 0.97, 1e-6
"""There are no more waves once another one leaves more than so much of what was left, or that share of all is left."""
ROUNDS, LARGEST_MOVE = 3, 0.3
"""How often frequencies are improved after each new wave, and by how much at the most, in cycles of the whole past."""
FEWEST_CYCLES, SHORTEST = 1.2, 2.2
"""Cycles of the longest wave that the past has, and steps of the shortest."""
FEWEST_SEEN, PEAK, LOWER = 2, 0.3, 0.1
"""Cycles of the largest wave, and its share of what varies around a line and the season, from which on there may be
any: 1 less so much for each cycle, as walks have most of what varies in few cycles."""
BESIDE, QUIET, AS_QUIET = (3, 11), 0.0025, 4.0
"""From how many cycles more on and up to how many there is little beside a wave, unlike in walks: the median share of
what varies, or as a multiple of that of the faster half."""
LARGEST_AUTOCORRELATION = 0.98
"""That of the remainders of one step and the next, at the most."""
FINER = 4
"""Times that the periodogram is finer than that of the past alone."""
RIDGE, TINY = 1e-9, 1e-150
BLOCK = 16
"""Steps whose sines are computed from those of the first of them."""


@dataclass(frozen=True)
class Waves:
    """Waves around a straight line, fitted to some rows of pasts.

    rows         [row]                     of the pasts
    known        [row, time]               their values, 0 where unobserved
    is_known     [row, time]               where they are observed
    frequency    [row, wave]               in cycles per step
    design       [row, time, 2 + 2 wave]   the line, cosines and sines, 0 where unobserved
    coefficients [row, 2 + 2 wave]         of these
    remainder    [row, time]               what they do not explain, 0 where unobserved
    """

    rows: NDArray[np.int64]
    known: Array
    is_known: NDArray[np.bool_]
    frequency: Array
    design: Array
    coefficients: Array
    remainder: Array

    @classmethod
    def none(cls, values: Array) -> "Waves":
        """The line alone, fitted to `values` [batch, time], NaN where unobserved."""
        rows = np.arange(len(values))
        return cls._fit(rows, np.nan_to_num(values), ~np.isnan(values), np.zeros((len(values), 0)))

    @classmethod
    def _fit(cls, rows: NDArray[np.int64], known: Array, is_known: NDArray[np.bool_], frequency: Array) -> "Waves":
        time = known.shape[1]
        design = _design(frequency, np.arange(-time, 0), time=time) * is_known[:, :, None]
        coefficients = _solve(design, known)
        return cls(rows, known, is_known, frequency, design, coefficients, known - _apply(design, coefficients))

    def add_one(self) -> "Waves":
        """With another wave, of the frequency at which most is left."""
        size = FINER * 2 ** int(np.ceil(np.log2(self.remainder.shape[1])))
        height = np.abs(np.fft.rfft(self.remainder, size, axis=1))
        frequency = np.arange(height.shape[1]) / size
        height[:, (frequency < self._lowest) | (frequency > 1 / SHORTEST)] = 0.0
        peak = frequency[np.argmax(height, axis=1), None]
        return self._fit(self.rows, self.known, self.is_known, np.concatenate([self.frequency, peak], axis=1))

    def improve(self) -> "Waves":
        """With frequencies that are moved to where less is left."""
        waves, time = self.frequency.shape[1], self.remainder.shape[1]
        of_cosine, of_sine = self.coefficients[:, None, 2 : 2 + waves], self.coefficients[:, None, 2 + waves :]
        turned = of_sine * self.design[:, :, 2 : 2 + waves] - of_cosine * self.design[:, :, 2 + waves :]
        slope = (2 * np.pi / time * np.arange(-time, 0))[:, None] * turned
        move = _solve(np.concatenate([self.design, slope], axis=2), self.remainder)[:, 2 + 2 * waves :]
        frequency = self.frequency + np.clip(move, -LARGEST_MOVE, LARGEST_MOVE) / time
        return self._fit(self.rows, self.known, self.is_known, np.clip(frequency, self._lowest, 1 / SHORTEST))

    def take(self, chosen: NDArray[np.bool_]) -> "Waves":
        """Those of some rows."""
        return Waves(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def go_on(self, horizon: int) -> Array:
        """What comes next: [row, horizon], with the remainder of the last value as far as its autocorrelation goes."""
        ahead = _apply(_design(self.frequency, np.arange(horizon), time=self.remainder.shape[1]), self.coefficients)
        squares = (self.remainder**2).sum(axis=1)
        products = (self.remainder[:, 1:] * self.remainder[:, :-1]).sum(axis=1)
        autocorrelation = np.clip(products / np.where(squares > 0, squares, 1.0), 0.0, LARGEST_AUTOCORRELATION)
        return np.asarray(ahead + self.remainder[:, -1:] * autocorrelation[:, None] ** np.arange(1, horizon + 1))

    @property
    def size(self) -> Array:
        """The mean size of the remainder: [row]."""
        return np.asarray(np.abs(self.remainder).mean(axis=1))

    @property
    def _lowest(self) -> float:
        return float(FEWEST_CYCLES / self.remainder.shape[1])


def fit_waves(values: Array, *, most: int, rounds: int = ROUNDS) -> list[Waves]:
    """No wave, one, two and so on to at `most` so many, fitted to `values` [batch, time], NaN where unobserved.

    Those of more waves are of the rows alone for which another one leaves noticeably less. Frequencies are improved in
    so many `rounds` after each new wave.
    """
    last = Waves.none(values)
    found = [last]
    while len(found) <= most and len(last.rows):
        more = last.add_one()
        for _ in range(rounds):
            more = more.improve()
        found.append(more)
        is_less = more.size < LESS * last.size
        last = more.take(is_less & (more.size > EXACT * found[0].size[more.rows]))
    return found


def may_have_waves(values: Array, *, period: int) -> NDArray[np.bool_]:
    """Whether there may be waves in `values` [batch, time], beside a straight line and a season: [batch]."""
    time = values.shape[1]
    remainder = take_off_line(values)
    if 1 < period <= time // 2:
        profile = fold(remainder, period=period).mean(axis=1)
        remainder = remainder - profile[:, (np.arange(time) - time) % period]
    power = np.abs(np.fft.rfft(remainder, axis=1)) ** 2
    power[:, 0] = 0.0
    peak = np.argmax(power, axis=1)
    share = _look_up(power, peak[:, None] + np.arange(-1, 2)).sum(axis=1) / (power.sum(axis=1) + TINY)
    may_have = (share >= np.maximum(1 - LOWER * peak, PEAK)) & (peak >= FEWEST_SEEN)
    # with a Hann window a wave is nowhere but at its peak
    tapered = np.abs(np.fft.rfft(remainder * np.hanning(time), axis=1)) ** 2
    tapered /= tapered[:, 1:].sum(axis=1, keepdims=True) + TINY
    beside = np.median(_look_up(tapered, peak[:, None] + np.arange(*BESIDE)), axis=1)
    faster = np.median(tapered[:, tapered.shape[1] // 2 :], axis=1)
    return np.asarray(may_have & (beside <= np.maximum(QUIET, AS_QUIET * faster)))


def _look_up(power: Array, columns: NDArray[np.int64]) -> Array:
    """Those `columns` [batch, some] of `power` [batch, column] that there are, or the nearest."""
    return np.take_along_axis(power, np.clip(columns, 0, power.shape[1] - 1), axis=1)


def take_off_line(values: Array) -> Array:
    """`values` [batch, time] without the straight line through them; what is unobserved is filled first."""
    filled, seen = fill_forward(values)
    time = values.shape[1]
    line = _design(np.zeros((len(values), 0)), np.arange(-time, 0), time=time)
    return filled - _apply(line, _solve(line * seen[:, :, None], filled))


def _design(frequency: Array, steps: NDArray[np.int64], *, time: int) -> Array:
    """A line, cosines and sines of each `frequency` [row, wave] at consecutive `steps`: [row, step, 2 + 2 wave]."""
    rows, waves = frequency.shape
    line = np.broadcast_to(np.stack([np.ones(len(steps)), steps / time], axis=1), (rows, len(steps), 2))
    coarse, fine = (
        np.exp(2j * np.pi * frequency[:, None] * some[:, None]) for some in (steps[::BLOCK], np.arange(BLOCK))
    )
    turned = (coarse[:, :, None] * fine[:, None]).reshape(rows, coarse.shape[1] * BLOCK, waves)[:, : len(steps)]
    return np.concatenate([line, turned.real, turned.imag], axis=2)


def _apply(design: Array, coefficients: Array) -> Array:
    return np.asarray((design @ coefficients[:, :, None])[:, :, 0])


def _solve(design: Array, values: Array) -> Array:
    """Least squares of `values` [row, time] on `design` [row, time, column]: [row, column]."""
    turned = design.swapaxes(1, 2)
    products = turned @ design
    # columns are of one size, whatever the unit of the values
    size = np.sqrt(np.diagonal(products, axis1=1, axis2=2)) + TINY
    products /= size[:, :, None] * size[:, None]
    products += RIDGE * np.eye(products.shape[1])
    return np.asarray(np.linalg.solve(products, (turned @ values[:, :, None]) / size[:, :, None])[:, :, 0] / size)
