"""What the covariates are worth on the held-out windows, before anything is learned."""

from forecaster.data.panel import Panel, find_season
from forecaster.evaluation.backtest import BacktestPlan, compare
from forecaster.evaluation.worth import Sample, Worth, measure_worth
from forecaster.forecasting.opening import open_base
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan

__all__ = ["measure_covariates"]


def measure_covariates(panel: Panel, *, plan: TrainingPlan) -> Worth:
    """What the covariates of `panel` are worth to the base model, on the windows that a training holds out.

    The base model knows forecasts with and without covariates; a network that learned with a column misses it more
    than one that learned without. Its intervals are not calibrated here, as this would take longer than all else.
    Raises what `divide` raises.
    """
    data = divide(panel, plan=plan)
    base = open_base(panel, seasons=plan.seasons)
    sample = Sample.of(panel, data.held_out, horizon=data.horizon)
    forecast = base.forecast(panel, index=data.held_out[sample.positions], horizon=data.horizon)
    season = find_season(panel, periods=base.encoding.periods)
    return measure_worth(panel, compare(panel, forecast, BacktestPlan(), season=season), base, sample=sample)
