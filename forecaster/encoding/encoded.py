"""A batch as the network reads it, and how its quantiles become data units again."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.climatology import Climatology
from forecaster.encoding.roots import Roots
from forecaster.encoding.running_totals import RunningTotals
from forecaster.encoding.scaling import Scales
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.wave_forecasts import WAVES

__all__ = ["Encoded"]

MOSTLY = 0.5


@dataclass(frozen=True)
class Encoded:
    """A batch, ready for the network.

    inputs     [batch, context + horizon, channel] float32, in the order of the encoding's channels
    candidates [batch, candidate, horizon]         float32, in noise scales above the level, in the encoding's order
    scales     level and noise scale of each window, float64
    factor, shift  [batch, horizon]                the effect of covariates, see `restore`
    unsure         [batch, horizon]                standard deviation of what covariates add and is not known, in noise
                                                   scales
    second         a forecast to average with the network's median, scaled as the candidates
    climatology    quantiles to average with the network's, scaled as the candidates
    roots          which were taken of all of this, see `take_roots`
    own_season [batch]  steps after which a past repeats, and not after those of the calendar; 0 for none
    totals         which windows are running totals, whose increments all of this is about
    """

    inputs: NDArray[np.float32]
    candidates: NDArray[np.float32]
    scales: Scales
    factor: Array
    shift: Array
    unsure: Array
    second: SecondForecast
    climatology: Climatology
    roots: Roots
    own_season: NDArray[np.int64]
    totals: RunningTotals

    @property
    def followed_season(self) -> NDArray[np.int64]:
        """The season of its own that the forecast of each past follows, 0 for none: not where waves count for more."""
        return np.where((self.second.kind == WAVES) & (self.second.weight > MOSTLY), 0, self.own_season)

    def restore(self, scaled: Array, *, level: Array, noise_scale: Array) -> Array:
        """Quantiles [batch, horizon, level] in noise scales above the level, in data units, with the effects.

        `level` and `noise_scale` are in the units of the roots. Those of running totals are quantiles of increments.
        """
        without = level[:, None, None] + noise_scale[:, None, None] * scaled
        return self.roots.undo(self.factor[:, :, None] * without + self.shift[:, :, None])

    def scale(self, y_true: Array) -> Array:
        """Values [batch, horizon] in data units as noise scales above the level, without the effects.

        Of running totals these are their increments.
        """
        without = (self.roots.take(self.totals.take_increments(y_true)) - self.shift) / self.factor
        return np.asarray((without - self.scales.level[:, None]) / self.scales.divisor[:, None])

    @classmethod
    def join(cls, parts: list[tuple[NDArray[np.int64], "Encoded"]]) -> "Encoded":
        """One batch from parts, each with its row numbers in the whole."""
        if len(parts) == 1:
            return parts[0][1]
        order = np.argsort(np.concatenate([rows for rows, _ in parts]))
        encoded = [part for _, part in parts]
        scales = {
            field.name: np.concatenate([getattr(part.scales, field.name) for part in encoded])[order]
            for field in fields(Scales)
        }
        return cls(
            np.concatenate([part.inputs for part in encoded])[order],
            np.concatenate([part.candidates for part in encoded])[order],
            Scales(**scales),
            np.concatenate([part.factor for part in encoded])[order],
            np.concatenate([part.shift for part in encoded])[order],
            np.concatenate([part.unsure for part in encoded])[order],
            SecondForecast.join([part.second for part in encoded]).take(order),
            Climatology.join([part.climatology for part in encoded]).take(order),
            Roots(np.concatenate([part.roots.degree for part in encoded])[order]),
            np.concatenate([part.own_season for part in encoded])[order],
            RunningTotals.none(len(order)),
        )
