"""Find the covariates that act some steps later on pasts, and after how many steps.

A past is compared with each covariate so many steps earlier, both without level and season. The lag with the highest
correlation is taken, if that is more than chance among all that were tried, where both are correlated with their own
past (Bartlett 1935, "Some aspects of the time-correlation problem"), and if both halves of the past show it; what it
explains is taken off before the next one is looked for (matching pursuit: Mallat & Zhang 1993).
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["choose_lags"]

Lags: TypeAlias = NDArray[np.int64]

STEPS_FOR_LAG = 4
"""Steps of the past for each step of a lag."""
CHANCE = 0.002
"""How often any lag of any covariate would be found by chance, in a past that depends on none."""
MIN_HALF = 1.5
"""Standard errors by which each half of the past has to show it."""
NEWEST, LEAST_OF_NEWEST = 0.25, 0.5
"""What the newest part of the past has to show of the slope of the whole: what has ended says nothing of the future."""
LEAST_VARIED = 0.05
"""Share of what a covariate varies that has to lie in the newest part, for that to tell."""


@dataclass(frozen=True)
class _Columns:
    """Covariates without level and season, or their changes, as they are compared with a past.

    values     [row, time, covariate]
    is_known   [row, time]              whether the past has such a value
    spectrum   [row, frequency, covariate]
    alike      [row, lag, covariate]    autocorrelations, from lag 1 on
    squares    [row, covariate]
    is_change  whether these are changes since the step before
    """

    values: Array
    is_known: NDArray[np.bool_]
    spectrum: NDArray[np.complex128]
    alike: Array
    squares: Array
    is_change: bool

    @classmethod
    def of(cls, values: Array, is_known: NDArray[np.bool_], *, reach: int, is_change: bool) -> "_Columns":
        """Prepare `values` for lags and autocorrelations below `reach`."""
        if is_change:
            values, is_known = _difference(values), is_known & np.pad(is_known, ((0, 0), (1, 0)))[:, :-1]
        values = np.where(is_known[:, :, None], values, 0.0)
        spectrum = np.fft.rfft(values, 2 * values.shape[1], axis=1)
        squares = (values**2).sum(axis=1)
        return cls(values, is_known, spectrum, _autocorrelate(spectrum, squares, reach=reach), squares, is_change)

    def shape(self, target: Array) -> Array:
        """The `target` [row, time] as it is compared with these."""
        return np.where(self.is_known, _difference(target) if self.is_change else target, 0.0)

    def compare(self, target: Array, *, lags: int) -> tuple[Array, Array]:
        """How many standard errors the products with each column are off 0, [row, lag, covariate], and how many steps
        tell as much as one that is independent, [row, covariate].
        """
        time = target.shape[1]
        spectrum = np.fft.rfft(target, 2 * time, axis=1)
        total = (target**2).sum(axis=1)
        own = _autocorrelate(spectrum[:, :, None], total[:, None], reach=self.alike.shape[1] + 1)
        alike = np.maximum(1 + 2 * (own * self.alike).sum(axis=1), 1.0)
        products = np.fft.irfft(spectrum[:, :, None] * np.conj(self.spectrum), 2 * time, axis=1)[:, : lags + 1]
        count = np.maximum(self.is_known.sum(axis=1), 1)[:, None]
        return np.abs(products) / _not_zero(np.sqrt(total[:, None] * self.squares * alike / count))[:, None], alike

    def move(self, owners: NDArray[np.int64], lags: NDArray[np.int64]) -> Array:
        """The column `owners` [row] of each row, `lags` [row] steps later, [row, time]."""
        row, steps = np.arange(len(owners)), np.arange(self.values.shape[1]) - lags[:, None]
        return np.where(steps >= 0, self.values[row[:, None], np.maximum(steps, 0), owners[:, None]], 0.0)


@dataclass(frozen=True)
class _Found:
    """What one step of the search has found for each row: a covariate, its lag, and what it explains [row, time]."""

    is_found: NDArray[np.bool_]
    owners: NDArray[np.int64]
    lags: NDArray[np.int64]
    explained: Array

    def replace(self, rows: NDArray[np.bool_], other: "_Found") -> "_Found":
        """The same with some rows of another one."""
        pairs = ((getattr(self, name), value) for name, value in vars(other).items())
        return _Found(*(np.where(rows[:, None] if value.ndim == 2 else rows, value, own) for own, value in pairs))


def choose_lags(free: Array, is_known: NDArray[np.bool_], *, lags: int, most: int) -> tuple[Lags, Lags]:
    """The covariates that act later and their lags, [row, most] each; -1 for none.

    `free` [row, time, 1 + covariate] are pasts, of which the steps `is_known` have a value, and their covariates,
    without level and season. Their changes are compared, too: of what wanders, these alone tell.
    """
    row, target, covariates = np.arange(len(free)), free[:, :, 0].copy(), free.shape[2] - 1
    reach = min(free.shape[1], 4 * lags)
    forms = [_Columns.of(free[:, :, 1:], is_known, reach=reach, is_change=is_change) for is_change in (False, True)]
    tried = np.arange(lags + 1)
    is_short = (tried > 0) & (tried <= is_known.sum(axis=1)[:, None] // STEPS_FOR_LAG)
    is_left = np.repeat(is_short, covariates, axis=1)  # [row, lag and covariate]
    # columns that never change in a past are not tried
    tries = 2 * len(forms) * np.maximum((forms[0].squares > 0).sum(axis=1), 1) * lags
    least = np.array([NormalDist().inv_cdf(1 - CHANCE / number) for number in tries])
    owners, chosen = np.full((len(free), most), -1), np.zeros((len(free), most), np.int64)
    is_open = np.ones(len(free), bool)
    for number in range(most):
        found = _search(forms, target, is_left, least=least)
        is_open &= found.is_found
        if not is_open.any():
            break
        owners[is_open, number], chosen[is_open, number] = found.owners[is_open], found.lags[is_open]
        is_left[row, found.lags * covariates + found.owners] &= ~is_open
        target -= np.where(is_known & is_open[:, None], found.explained, 0.0)
    return owners, chosen


def _search(forms: list[_Columns], target: Array, is_left: NDArray[np.bool_], *, least: Array) -> _Found:
    """The covariate and the lag that go best with the `target` [row, time], where it is more than chance.

    `least` [row] are the standard errors from which it is; `is_left` [row, lag and covariate] are those to choose from.
    """
    row, (rows, time, covariates) = np.arange(len(target)), forms[0].values.shape
    none = np.zeros(rows, np.int64)
    best, found = least.copy(), _Found(np.zeros(rows, bool), none, none, np.zeros((rows, time)))
    for form in forms:
        shaped = form.shape(target)
        sureness, alike = form.compare(shaped, lags=is_left.shape[1] // covariates - 1)
        sureness = np.where(is_left, sureness.reshape(rows, -1), 0.0)
        place = np.argmax(sureness, axis=1)
        lag, owner = np.divmod(place, covariates)
        moved = form.move(owner, lag)
        shown = shaped * moved
        is_first = np.cumsum(form.is_known, axis=1) <= form.is_known.sum(axis=1)[:, None] // 2
        halves = np.stack([(shown * is_first).sum(axis=1), (shown * ~is_first).sum(axis=1)])
        spread = np.sqrt((shown**2).sum(axis=1) * alike[row, owner] / 2)
        is_in_both = (halves * np.sign(halves.sum(axis=0)) > MIN_HALF * spread).all(axis=0)
        is_better = is_in_both & (sureness[row, place] > best) & _goes_on(shown, moved, form.is_known)
        best = np.where(is_better, sureness[row, place], best)
        slope = shown.sum(axis=1) / _not_zero((moved**2).sum(axis=1))
        explained = slope[:, None] * forms[0].move(owner, lag)
        found = found.replace(is_better, _Found(is_better, owner, lag, explained))
    return found


def _goes_on(shown: Array, moved: Array, is_known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether products [row, time] with what was `moved` are those of the whole in the newest part, too: [row]."""
    count = is_known.sum(axis=1)[:, None]
    is_newest = np.cumsum(is_known, axis=1) > (1 - NEWEST) * count
    squares = moved**2
    total, newest = squares.sum(axis=1), (squares * is_newest).sum(axis=1)
    whole = shown.sum(axis=1) / _not_zero(total)
    now = (shown * is_newest).sum(axis=1) / _not_zero(newest)
    return np.asarray((now * np.sign(whole) >= LEAST_OF_NEWEST * np.abs(whole)) | (newest < LEAST_VARIED * total))


def _difference(values: Array) -> Array:
    """Changes since the step before along time, the second axis; the first one is 0."""
    return np.diff(values, axis=1, prepend=values[:, :1])


def _autocorrelate(spectrum: NDArray[np.complex128], squares: Array, *, reach: int) -> Array:
    """Autocorrelations [row, lag, column] from lag 1 to below `reach`, of series with these Fourier transforms."""
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, 1:reach]
    return np.asarray(products / _not_zero(squares)[:, None])


def _not_zero(sizes: Array) -> Array:
    """`sizes` to divide by: infinite where 0."""
    return np.where(sizes > 0, sizes, np.inf)
