"""Pasts and their covariates as effects are found in them: those of the same step, then those that come later."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.encoding.bounding import find_outliers, leave_out_outliers
from forecaster.encoding.covariate_basis import standardise
from forecaster.encoding.effects import Effects, find_effects, split_effects
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.late_columns import LateColumns, Measured, find_late_columns
from forecaster.encoding.pooled_effects import Prior
from forecaster.windows import Windows

__all__ = ["ColumnParts", "PreparedPasts", "Unsure", "explain_effects", "prepare_pasts"]

SMALLEST = 1e-9
"""Makes columns that are nearly the same as each other solvable."""


@dataclass(frozen=True)
class Unsure:
    """The standard deviation of what covariates will add, as far as these are not known yet, [batch, horizon].

    shift  in units of the data
    share  as a share of the value
    """

    shift: Array
    share: Array

    @classmethod
    def none(cls, batch: int, horizon: int) -> "Unsure":
        """All is known."""
        return cls(np.zeros((batch, horizon)), np.zeros((batch, horizon)))

    def take(self, rows: NDArray[np.int64]) -> "Unsure":
        """That of some rows."""
        return Unsure(self.shift[rows], self.share[rows])

    def measure(self, level: Array) -> Array:
        """In units of the data, [batch, horizon], for values around the `level` [batch]."""
        return np.asarray(self.shift + self.share * np.abs(level)[:, None])


@dataclass(frozen=True)
class ColumnParts:
    """What columns add to a single past, [horizon, column]; `is_factor`: as logarithms of factors.

    `owners` [column] are the covariates that these are, `lags` [column] after how many steps they act.
    """

    values: Array
    is_factor: bool
    owners: NDArray[np.int64]
    lags: NDArray[np.int64]


@dataclass(frozen=True)
class PreparedPasts:
    """Pasts [batch, time] without outliers, and their covariates, see `standardise`.

    `given` are the covariates as they were. `common` are those known ahead in common units, with the `prior` of the
    rows that `shares` numbers; None without pooled effects.
    """

    usual: Array
    lengths: NDArray[np.int64]
    scaled: Array
    given: Array
    outside: Array
    is_known: NDArray[np.bool_]
    shares: NDArray[np.int64]
    common: Array | None = None
    prior: Prior | None = None

    def find_effects(self, encoding: Encoding) -> tuple[Effects, Unsure]:
        """The effects of all covariates, and how far they are not known."""
        divided = self.divide_effects(encoding)
        at_once, late, later = divided.at_once, divided.late, divided.later
        if not (late.owners >= 0).any():
            return at_once, Unsure.none(len(self.usual), late.spread.shape[1])
        shift, factor = at_once.shift + at_once.factor * later.shift, at_once.factor * later.factor
        return replace(at_once, factor=factor, shift=shift), _measure_unsure(later, late.values, late.spread)

    def divide_effects(self, encoding: Encoding) -> "DividedEffects":
        """Effects of the same step and those that come later, each found in pasts without the others.

        As a regression on both would: backfitting (Breiman & Friedman 1985, "Estimating optimal transformations for
        multiple regression and correlation"), in one turn.
        """
        at_once = self.find_at_once(encoding)
        rest = at_once.remove(self.usual, begin=0)
        covariates = Measured.of(self.scaled, self.given, self.is_known, time=rest.shape[1])
        late = find_late_columns(rest, self.lengths, covariates, periods=encoding.periods)
        late, later = self._find_later(rest, late, encoding)
        rows = np.flatnonzero((late.owners >= 0).any(axis=1))
        if not len(rows) or not self.is_known.any():
            return DividedEffects(at_once, late, later, self.usual)
        without = self.usual.copy()
        without[rows] = at_once.add(later.remove(rest, begin=0), begin=0)[rows]
        again = replace(self, usual=without).take(rows).find_at_once(encoding)
        at_once.put(rows, again)
        late, later = self._find_later(at_once.remove(self.usual, begin=0), late, encoding)
        return DividedEffects(at_once, late, later, without)

    def take(self, rows: NDArray[np.int64]) -> "PreparedPasts":
        """Those of some rows."""
        shared, place = np.nonzero(self.shares[:, None] == rows)
        return replace(
            self,
            usual=self.usual[rows],
            lengths=self.lengths[rows],
            scaled=self.scaled[rows],
            given=self.given[rows],
            outside=self.outside[rows],
            shares=place,
            common=None if self.common is None or not len(shared) else self.common[shared],
            prior=None if self.prior is None or not len(shared) else self.prior.take(shared),
        )

    def _find_later(self, rest: Array, late: LateColumns, encoding: Encoding) -> tuple[LateColumns, Effects]:
        """The effects of `late` columns on the `rest` of the pasts, and those of the columns that have one."""
        batch, time = rest.shape
        horizon = late.spread.shape[1]
        effects = Effects.none(batch, time, horizon)
        rows = np.flatnonzero((late.owners >= 0).any(axis=1))
        if not len(rows):
            return late, effects
        own, lengths, nothing = rest[rows], self.lengths[rows], np.zeros((len(rows), horizon, 1))
        used = late.values[rows][:, :, (late.owners[rows] >= 0).any(axis=0)]
        found = find_effects(own, lengths, used, nothing, periods=encoding.periods)
        is_kept = (found.shrinkage > 0) & _is_calmer(found.remove(own, begin=0), own, lengths)
        effects.put(rows[is_kept], found.take(np.flatnonzero(is_kept)))
        return late.leave_out(rows[~is_kept]), effects

    def limit_lengths(self, encoding: Encoding) -> NDArray[np.int64]:
        """How many steps of each past tell what acts at once: without a season, the newest alone."""
        return self.lengths if encoding.periods[0] > 1 else np.minimum(self.lengths, encoding.recent_length)

    def find_at_once(self, encoding: Encoding) -> Effects:
        """The effects of covariates that are known ahead, those of some pasts shrunk towards the pooled ones."""
        usual, lengths = self.usual, self.limit_lengths(encoding)
        scaled, outside = self.scaled[:, :, self.is_known], self.outside[:, :, self.is_known]
        if self.common is None:
            return find_effects(usual, lengths, scaled, outside, periods=encoding.periods)
        rows = self.shares
        part = find_effects(
            usual[rows], lengths[rows], self.common, outside[rows], periods=encoding.periods, prior=self.prior
        )
        if len(rows) == len(usual):
            return part
        others = np.setdiff1d(np.arange(len(usual)), rows)
        alone = find_effects(usual[others], lengths[others], scaled[others], outside[others], periods=encoding.periods)
        found = Effects.none(len(usual), usual.shape[1], outside.shape[1])
        found.put(rows, part)
        found.put(others, alone)
        found.outside[rows], found.outside[others] = part.outside, alone.outside
        return found


@dataclass(frozen=True)
class DividedEffects:
    """The effects of the same step, found in the pasts `without` those that come later, and of `late` columns."""

    at_once: Effects
    late: LateColumns
    later: Effects
    without: Array


def prepare_pasts(windows: Windows, rows: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> PreparedPasts:
    """The pasts of some `rows` of `windows` with covariates, as far as the encoding reads them."""
    covariates, pooled = windows.covariates, encoding.pooled
    assert covariates is not None
    past = windows.past[rows, -encoding.past_length :]
    begin = windows.past.shape[1] - past.shape[1]
    values = covariates.values[rows, begin : windows.past.shape[1] + horizon]
    lengths = np.minimum(windows.lengths[rows], past.shape[1])
    # a typing error would hide every effect
    usual, values = np.where(find_outliers(past), np.nan, past), leave_out_outliers(values, time=past.shape[1])
    scaled, outside = standardise(values, lengths=lengths, time=past.shape[1])
    is_known = covariates.is_known
    prepared = PreparedPasts(usual, lengths, scaled, values, outside, is_known, np.zeros(0, np.int64))
    names = tuple(name for name, is_ahead in zip(covariates.names, is_known, strict=False) if is_ahead)
    if pooled is None or not pooled.fits(names):
        return prepared
    inside = np.arange(past.shape[1], 0, -1) <= lengths[:, None]
    known = (~np.isnan(usual) & inside).sum(axis=1)
    shares = pooled.choose_rows(known, scaled[:, : past.shape[1], is_known], names=names)
    if not len(shares):
        return prepared
    common = pooled.scale(
        values[shares][:, :, is_known],
        scaled[shares][:, :, is_known],
        names=names,
        lengths=lengths[shares],
        time=past.shape[1],
    )
    described = None if covariates.attributes is None else covariates.attributes.take(rows[shares])
    prior = pooled.make_prior(names, described, batch=len(shares))
    return replace(prepared, shares=shares, common=common, prior=prior)


def explain_effects(windows: Windows, *, encoding: Encoding, horizon: int) -> tuple[ColumnParts, ColumnParts]:
    """What covariates add to the horizon of a single window at once, and later to what is left without that.

    See `split_effects`; both together are what `encode` used.
    """
    shown, rows = next(iter(encoding.split(windows.lengths)))
    given = prepare_pasts(windows, rows, encoding=shown, horizon=horizon)
    lengths, time, limited = given.lengths, given.usual.shape[1], given.limit_lengths(shown)
    divided = given.divide_effects(shown)
    is_inside = np.arange(time, 0, -1) <= lengths[:, None]
    usual = np.where(is_inside, given.usual, np.nan)
    without = np.where(np.arange(time, 0, -1) <= limited[:, None], divided.without, np.nan)
    scaled = given.scaled[:, :, given.is_known] if given.common is None else given.common
    added, is_factor = split_effects(without, limited, scaled, periods=shown.periods, prior=given.prior)
    known = np.flatnonzero(given.is_known)
    at_once = ColumnParts(added[time:], is_factor, known, np.zeros(len(known), np.int64))
    late, rest = divided.late, divided.at_once.remove(usual, begin=0)
    used = np.flatnonzero(late.owners[0] >= 0)
    added, is_factor = split_effects(rest, lengths, late.values, periods=shown.periods)
    return at_once, ColumnParts(added[time:, used], is_factor, late.owners[0, used], late.lags[0, used])


def _is_calmer(without: Array, past: Array, lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether pasts `without` an effect vary no more than the `past` [batch, time], and change no more: [batch].

    Else it is none on the values of a step: the ups and downs of a covariate that wanders are not found in them, or
    what it does stays, as where it acts on their changes.
    """
    calmer = _find_variance(without, lengths) <= _find_variance(past, lengths)
    changes = (_find_variance(np.diff(values, axis=1), lengths - 1) for values in (without, past))
    return np.asarray(calmer & (next(changes) <= next(changes)))


def _find_variance(past: Array, lengths: NDArray[np.int64]) -> Array:
    """The variance of each `past` [batch, time], of which the last `lengths` [batch] steps lie in the series."""
    own = np.where(np.arange(past.shape[1], 0, -1) <= lengths[:, None], past, np.nan)
    return average((own - average(own, axis=1)[:, None]) ** 2, axis=1)


def _measure_unsure(effects: Effects, values: Array, spread: Array) -> Unsure:
    """What is not known of the `effects` of late columns, of which `spread` [batch, horizon, column] is not known.

    Effects are nearly in proportion to the columns: their slope is that of the past.
    """
    time = values.shape[1] - spread.shape[1]
    past, added = values[:, :time], (np.log(effects.factor) + effects.shift)[:, :time]
    own = past.transpose(0, 2, 1) @ past
    ridge = SMALLEST * np.trace(own, axis1=1, axis2=2)[:, None, None] * np.eye(own.shape[1])
    used = np.diagonal(own, axis1=1, axis2=2) > 0
    ridge = ridge + np.eye(own.shape[1]) * ~used[:, None, :]
    slopes = np.linalg.solve(own + ridge, past.transpose(0, 2, 1) @ added[:, :, None])
    size = np.sqrt(((spread * slopes[:, :, 0][:, None]) ** 2).sum(axis=2))
    is_factor = (effects.factor != 1).any(axis=1)[:, None]
    return Unsure(np.where(is_factor, 0.0, size), np.where(is_factor, size, 0.0))
