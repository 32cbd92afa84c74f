"""What the covariates are worth on the held-out windows, before anything is learned."""

from forecaster.data.panel import Panel
from forecaster.evaluation.backtest import BacktestPlan, backtest
from forecaster.evaluation.worth import Worth, measure_worth
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan

__all__ = ["measure_covariates"]


def measure_covariates(panel: Panel, *, plan: TrainingPlan) -> Worth:
    """What the covariates of `panel` are worth to the base model, on the windows that a training holds out.

    The base model knows forecasts with and without covariates; a network that learned with a column misses it more
    than one that learned without. Raises what `divide` raises.
    """
    data = divide(panel, plan=plan)
    base = open_base(panel, seasons=plan.seasons)

    def prepare(panel: Panel) -> Forecaster:
        return calibrate_by_past(panel, base, ends=panel.lengths - data.held_out_steps)

    backtest_plan = BacktestPlan(horizon=data.horizon, windows=data.held_out_windows)
    return measure_worth(panel, backtest(panel, prepare(panel), backtest_plan), prepare, encoding=base.encoding)
