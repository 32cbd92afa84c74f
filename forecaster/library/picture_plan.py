"""How the forecasts that are drawn are made."""

from dataclasses import dataclass, field

from forecaster.data.read_options import FutureFill
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.end_options import EndOptions
from forecaster.library.forecast_plan import ForecastPlan
from forecaster.limits import check_fields, check_steps
from forecaster.settings import DEFAULT_LEVELS

__all__ = ["PicturePlan"]


@dataclass(frozen=True)
class PicturePlan:
    """How the forecasts that are drawn are made; the options are those of `forecast predict` and `evaluate`.

    horizon   steps; None for the model's own
    levels    central intervals in per cent
    windows   cutoffs of the backtest; 0 for none, which pictures and reports say, and series are not ranked then
    worth     whether to measure what covariates are worth, which reports show
    """

    horizon: int | None = None
    seasons: tuple[int, ...] = ()
    levels: tuple[float, ...] = DEFAULT_LEVELS
    bounds: Bounds = field(default_factory=Bounds)
    ends: EndOptions | None = None
    fill: FutureFill | None = None
    windows: int = 1
    worth: bool = True

    def __post_init__(self) -> None:
        check_steps("horizon", self.horizon)
        check_steps("windows", self.windows, least=0)
        check_fields(self)

    @property
    def forecast_plan(self) -> ForecastPlan:
        """How the forecasts are made that come after the history."""
        return ForecastPlan(self.horizon, self.seasons, self.bounds, self.ends or EndOptions(), self.fill)
