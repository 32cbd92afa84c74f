"""How forecasts are made, whoever asks for them."""

from dataclasses import dataclass, field

from forecaster.data.read_options import FutureFill
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions

__all__ = ["ForecastPlan"]


@dataclass(frozen=True)
class ForecastPlan:
    """How forecasts are made; the options are those of `forecast predict`.

    horizon   steps; None for the model's own
    seasons   in steps; none for those that the data show or the model has learned
    ends      for series that do not end together
    fill      the rule by which a covariate is filled in that is missing on a step to forecast
    has_mean  whether the mean of a trained model is corrected by its past, as that of the base model always is
    """

    horizon: int | None = None
    seasons: tuple[int, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    ends: EndOptions = field(default_factory=EndOptions)
    fill: FutureFill | None = None
    has_mean: bool = False
