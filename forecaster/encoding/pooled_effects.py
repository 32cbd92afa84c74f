"""Effects of covariates that many series have in common, towards which the regression of each past is shrunk.

What one series shows too little of, such as a promotion that it has had once, the others may show. The coefficients are
those of one ridge regression over all series, in common units: of the covariates their usual deviation from the mean of
a series, of the values logarithms, or the deviation of the series. What describes a series (its region, its size) may
change them: the coefficients of a category, or for each standard deviation of a number, are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.data.attributes import Attributes
from forecaster.encoding.attribute_codes import AttributeCode
from forecaster.encoding.covariate_basis import KINDS, ROOM, WITHOUT_BEFORE
from forecaster.model.pooled_card import AttributeCard, PooledCard

__all__ = ["MAX_POOLED", "ByAttribute", "PooledEffects", "Prior"]

MAX_POOLED = 40
"""Covariates of which there are pooled effects at the most."""
TARGETS = 2
"""Values, and their logarithms."""


@dataclass(frozen=True, eq=False)
class Prior:
    """Coefficients [batch, label, target] towards which those of each past are shrunk, see `Basis` for labels.

    Targets are values, in deviations of the past, and logarithms; `is_factor` is which of them short pasts take.
    """

    coefficients: Array
    is_factor: bool

    def take(self, rows: Any) -> "Prior":
        """Those of some rows."""
        return Prior(self.coefficients[rows], self.is_factor)


@dataclass(frozen=True, eq=False)
class ByAttribute(AttributeCode):
    """By how much an attribute changes the coefficients.

    coefficients  [category, kind, covariate, target]; for a number a single one, for each standard deviation
    """

    coefficients: Array


@dataclass(frozen=True, eq=False)
class PooledEffects:
    """What all series together show of the effects of `names`, features of covariates that are known ahead.

    units            [covariate]  the usual deviation from the mean of a series, in units of the data; 0 for none
    lowest, highest  [covariate]  the range of the deviations, in these units
    coefficients     [kind, covariate, target]
    is_factor        whether an effect on a positive series is a factor where its own past is too short to tell
    reach            pasts with fewer values are shrunk towards these effects, see `choose_rows`; None for all
    categories       all that a column of words had, which are more than `names` where there were two; none of a model
                     that an older version trained
    least, most      [covariate]  the range of the values themselves; none of a model that an older version trained
    """

    names: tuple[str, ...]
    units: Array
    lowest: Array
    highest: Array
    coefficients: Array
    is_factor: bool
    attributes: tuple[ByAttribute, ...] = field(default=())
    reach: int | None = None
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    least: Array | None = None
    most: Array | None = None

    def list_features(self, column: str) -> tuple[str, ...]:
        """The categories of a column that have effects of their own; none where it is a number, or not known."""
        begin = f"{column}="
        return tuple(name[len(begin) :] for name in self.names if name.startswith(begin))

    def fits(self, names: tuple[str, ...]) -> bool:
        """Whether these effects say anything of the covariates `names`; of too many each past chooses its own."""
        return len(names) <= MAX_POOLED and any(name in self.names for name in names)

    def choose_rows(self, known: NDArray[np.int64], past: Array, *, names: tuple[str, ...]) -> NDArray[np.int64]:
        """The numbers of the pasts that are shrunk towards these effects: short ones, and those that lack something.

        They have `known` [batch] values. A covariate that never changes in `past` [batch, time, covariate], as
        `standardise` returns them, has no effect of its own.
        """
        if self.reach is None:
            return np.arange(len(known))
        place = self._place(names)
        lacks = ~(past != 0).any(axis=1) & (place >= 0) & (self.units[place] > 0)
        return np.flatnonzero((known < self.reach) | lacks.any(axis=1))

    def scale(
        self, covariates: Array, scaled: Array, *, names: tuple[str, ...], lengths: NDArray[np.int64], time: int
    ) -> Array:
        """`covariates` [batch, time + horizon, covariate] in common units around the mean of each past.

        Those that have no effects here stay `scaled`, as by `standardise`.
        """
        place = self._place(names)
        is_in_series = np.arange(time, 0, -1) <= lengths[:, None]
        mean = average(np.where(is_in_series[:, :, None], covariates[:, :time], np.nan), axis=1)[:, None]
        units, low, high = (values[place] for values in (self.units, self.lowest, self.highest))
        is_used = (place >= 0) & (units > 0)
        own = np.nan_to_num((covariates - mean) / np.where(is_used, units, 1.0))
        own = np.clip(own, low - ROOM * (high - low), high + ROOM * (high - low))
        own[:, :time][~is_in_series] = 0.0
        return np.where(is_used, own, scaled)

    def make_prior(self, names: tuple[str, ...], attributes: Attributes | None, *, batch: int) -> Prior:
        """The coefficients for the covariates `names` of series with these `attributes`."""
        place = self._place(names)
        found = np.repeat(self.coefficients[None], batch, axis=0)
        for one in self.attributes if attributes is not None else ():
            assert attributes is not None
            found = found + np.tensordot(one.weigh(attributes), one.coefficients, axes=1)
        found = np.where((place >= 0)[:, None], found[:, :, place], 0.0)
        return Prior(found.reshape(batch, KINDS * len(names), -1), self.is_factor)

    def _place(self, names: tuple[str, ...]) -> NDArray[np.int64]:
        """The number here of each of `names`, -1 where there is none."""
        return np.array([self.names.index(name) if name in self.names else -1 for name in names], np.int64)

    def as_card(self) -> PooledCard:
        """The same as plain values."""
        return PooledCard(
            list(self.names),
            self.units.tolist(),
            self.lowest.tolist(),
            self.highest.tolist(),
            self.coefficients.ravel().tolist(),
            self.is_factor,
            [
                AttributeCard(
                    one.name,
                    list(one.categories),
                    one.mean,
                    one.deviation,
                    one.coefficients.reshape(len(one.coefficients), -1).tolist(),
                )
                for one in self.attributes
            ],
            self.reach,
            {column: list(texts) for column, texts in self.categories.items()},
            [] if self.least is None else self.least.tolist(),
            [] if self.most is None else self.most.tolist(),
        )

    @classmethod
    def from_card(cls, card: PooledCard) -> "PooledEffects":
        """Those that `as_card` described. Raises ValueError where they are of another version of the features.

        Older versions have fewer kinds of features, the first ones.
        """
        count = len(card.names) * TARGETS
        kinds, rest = divmod(len(card.coefficients), count)
        if rest or not WITHOUT_BEFORE <= kinds <= KINDS:
            raise ValueError("'pooled.coefficients' are of other features")

        def shape(rows: list[list[float]]) -> Array:
            """Rows of flat coefficients as arrays, [row, kind, covariate, target]."""
            found = np.array(rows).reshape(len(rows), kinds, len(card.names), TARGETS)
            return np.pad(found, ((0, 0), (0, KINDS - kinds), (0, 0), (0, 0)))

        attributes = [
            ByAttribute(
                one.name,
                tuple(one.categories),
                one.mean,
                one.deviation,
                shape(one.coefficients),
            )
            for one in card.attributes
        ]
        return cls(
            tuple(card.names),
            np.array(card.units),
            np.array(card.lowest),
            np.array(card.highest),
            shape([card.coefficients])[0],
            card.is_factor,
            tuple(attributes),
            card.reach,
            {column: tuple(texts) for column, texts in card.categories.items()},
            np.array(card.least) if card.least else None,
            np.array(card.most) if card.least else None,
        )
