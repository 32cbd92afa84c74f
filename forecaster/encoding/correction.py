"""A correction of what a network's median misses, by what all series of a file have in common.

A training fits it to the errors of the network at many earlier cutoffs of all series: how the values of a file go on
after such a past, which the network could not learn from synthetic series, nor in the few steps of a fine-tuning. One
model over all series is a global model (Montero-Manso and Hyndman 2021, "Principles and algorithms for forecasting
groups of time series"), fitted to errors it is one step of boosting (Friedman 2001).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.attribute_codes import AttributeCode
from forecaster.encoding.error_features import INTERVAL, Features, Regressors
from forecaster.encoding.error_models import Adapter, ErrorModel, ErrorRegression
from forecaster.model.calibration_card import Calibration
from forecaster.model.correction_card import AdapterCard, CodeCard, CorrectionCard, decode_numbers, encode_numbers
from forecaster.model.kept_card import KeptCard
from forecaster.windows import Windows

__all__ = ["Correction", "limit", "measure_distance"]

MOST_UNUSUAL = 1.5
"""Distances from what was seen, in those that 99 of 100 windows stay below, beyond which nothing is corrected."""


@dataclass(frozen=True, eq=False)
class Correction:
    """What is added to all quantiles of a network.

    model        expects the errors of the steps of the horizon that was learned
    precision    [lag, lag]  the inverse of the mean products of the newest steps, see `measure_distance`
    usual        the distance that 99 of 100 windows stay below
    time_of_day  microseconds from midnight to the first step of the forecasts that it is for; None for any
    without      the calibration of what is not corrected
    share        how much of the expected errors counts
    """

    regressors: Regressors
    model: ErrorModel
    precision: Array
    usual: float
    time_of_day: int | None = None
    without: Calibration | None = None
    share: float = 1.0

    @classmethod
    def from_card(cls, card: CorrectionCard, *, periods: tuple[int, ...], levels: tuple[float, ...]) -> "Correction":
        """That of the card of a model with these `periods` and quantile `levels`.

        Raises ValueError where it does not fit itself, or them.
        """
        adapter = card.adapter
        described = [] if adapter is None else adapter.attributes
        codes = tuple(AttributeCode(one.name, tuple(one.categories), one.mean, one.deviation) for one in described)
        regressors = Regressors(card.lags, periods, tuple(card.names), tuple(card.units), codes)
        if not {*INTERVAL, 0.5} <= {*levels}:
            raise ValueError("'correction' needs quantile levels that are not there")
        weights, precision = decode_numbers(card.weights), decode_numbers(card.precision)
        if (adapter is None and len(weights) % regressors.size) or len(precision) != card.lags**2:
            raise ValueError("'correction.weights' and 'precision' do not match the features")
        sizes = (card.lags, regressors.static, regressors.ahead)
        return cls(
            regressors,
            ErrorRegression(weights.reshape(-1, regressors.size))
            if adapter is None
            else Adapter.unflatten(weights, sizes=sizes, steps=adapter.steps, units=adapter.units),
            precision.reshape(card.lags, card.lags),
            card.usual,
            card.time_of_day,
            card.without,
            card.kept.share,
        )

    def as_card(self, *, windows: int, kept: KeptCard) -> CorrectionCard:
        """The card of what was learned from so many `windows`, of which `kept` says how much counts."""
        model, codes = self.model, self.regressors.codes
        adapter = (
            AdapterCard(
                model.steps,
                model.out.shape[1],
                [CodeCard(one.name, [*one.categories], one.mean, one.deviation) for one in codes],
            )
            if isinstance(model, Adapter)
            else None
        )
        return CorrectionCard(
            lags=self.regressors.lags,
            names=list(self.regressors.names),
            units=list(self.regressors.units),
            weights=encode_numbers(model.flatten()),
            precision=encode_numbers(self.precision),
            usual=round(self.usual, 4),
            time_of_day=self.time_of_day,
            windows=windows,
            kept=kept,
            without=self.without,
            adapter=adapter,
        )

    def expect(
        self, windows: Windows, quantiles: Array, *, levels: tuple[float, ...]
    ) -> tuple[Array, NDArray[np.bool_]]:
        """What to add to the `quantiles` [batch, horizon, level] of a network: [batch, horizon], in data units.

        At most half of the interval's width at each step. And where that is: not of windows that are unlike those that
        were learned from, nor of steps beyond the horizon that was learned.
        """
        features = self.regressors.make(windows, quantiles, levels=levels)
        is_due = self.find_usual(features)[:, None] & (np.arange(quantiles.shape[1]) < self.model.steps)
        return limit(self.regress(features), quantiles, levels=levels) * is_due, is_due

    def find_usual(self, features: Features) -> NDArray[np.bool_]:
        """Which windows are like those that were learned from, [batch]."""
        is_near = measure_distance(features, self.precision) <= MOST_UNUSUAL * self.usual
        return np.asarray(is_near & (features.unit > 0))

    def regress(self, features: Features) -> Array:
        """The errors that are expected, [batch, horizon], in data units; 0 beyond the horizon that was learned."""
        found = np.zeros(features.ahead.shape[:2])
        expected = self.model.expect(features)
        found[:, : expected.shape[1]] = self.share * expected
        return found * features.unit[:, None]


def measure_distance(features: Features, precision: Array) -> Array:
    """How far the newest steps are from those that were learned from, [batch].

    The squared Mahalanobis distance from zero, divided by the number of lags: 1 on average of what was learned from.
    """
    return np.asarray(np.einsum("bl,bl->b", features.past @ precision, features.past) / len(precision))


def limit(expected: Array, quantiles: Array, *, levels: tuple[float, ...]) -> NDArray[np.float64]:
    """`expected` errors [batch, horizon] within half of the width of the interval of the `quantiles`."""
    low, high = (quantiles[:, :, levels.index(level)] for level in INTERVAL)
    half = np.nan_to_num((high - low) / 2)
    return np.clip(np.nan_to_num(expected), -half, half)
