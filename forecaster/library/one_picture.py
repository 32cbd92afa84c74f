"""The picture of a single series, forecast from its own end, as `forecast inspect` explains it."""

from typing import TYPE_CHECKING

import numpy as np

from forecaster.cutoffs import WindowIndex
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.future import complete_future
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.forecasting.writing import columns_for
from forecaster.library.inputs import Given
from forecaster.library.picture_plan import PicturePlan
from forecaster.library.pictures import Pictures

if TYPE_CHECKING:
    from forecaster.library.model import Model

__all__ = ["take_one"]


def take_one(model: "Model", given: Given, *, series: int, plan: PicturePlan) -> Pictures:
    """Pictures that hold series number `series` alone, without a backtest, with the intervals that `predict` writes.

    Raises DataError where something that is known ahead is missing on its steps to forecast.
    """
    forecaster = model.prepare(given, seasons=plan.seasons)
    horizon, period = plan.horizon or forecaster.horizon, forecaster.encoding.periods[0]
    panel = given.look_ahead(horizon)
    if model.is_base:
        forecaster = calibrate_by_past(panel, forecaster)
    panel = complete_future(panel, series, horizon=horizon, rule=plan.fill, period=period)
    index = WindowIndex(np.array([series]), panel.lengths[[series]])
    forecast = forecaster.forecast(panel, index=index, horizon=horizon, bounds=Bounds())
    return Pictures(given.panel, forecast, columns_for(plan.levels, quantiles=[]))
